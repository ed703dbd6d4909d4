/** How many sessions of one subject may live: on both stores, by each way that binds, and by many at once. */
import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import type { SubjectLimit } from '../../src/domain/policy.ts'
import { type Api, idOf, newSession, POLICY, STORES } from '../helpers/app.ts'

const AT_ONCE = 50

type Bound = { readonly status: number; readonly code: string; readonly limit: number; readonly id: string }
type Way = (api: Api, subject: string, headers?: Readonly<Record<string, string>>) => Promise<Bound>

const boundBy = async (answer: ReturnType<Api['call']>): Promise<Bound> => {
  const { status, json } = await answer
  const session = (json as unknown as { session?: { id: string } }).session ?? json
  return { status, code: json.code, limit: json.limit, id: session.id }
}

const code = async (api: Api, session: string, subject: string): Promise<string> => {
  const { json } = await api.call('POST', `${session}/handoffs`, { body: { subject } })
  return (json as unknown as { code: string }).code
}

const WAYS: Readonly<Record<string, Way>> = {
  'a session that begins bound': (api, subject, headers = {}) =>
    boundBy(api.call('POST', '/v1/sessions', { body: { subject }, headers })),
  'a rotation': (api, subject, headers = {}) =>
    boundBy(api.call('POST', `${newSession()}/rotate`, { body: { subject }, headers })),
  'a hand-off': async (api, subject, headers = {}) => {
    const session = newSession()
    const body = { sessionId: idOf(session), code: await code(api, session, subject) }
    return boundBy(api.call('POST', '/v1/handoffs/redeem', { body, headers }))
  },
}

const newSubject = (): string => `user-${randomUUID()}`

const living = async (api: Api, subject: string): Promise<string[]> => {
  const { json } = await api.call('GET', `/v1/subjects/${subject}/sessions`)
  return (json as unknown as { sessions: { id: string }[] }).sessions.map(({ id }) => id).sort()
}

const onEachStore = (limit: SubjectLimit, run: (t: Test, api: Api, unlimited: Api) => Promise<void>): void => {
  for (const [name, start] of Object.entries(STORES)) {
    t.test(`${limit.beyond}, on ${name}`, async (t) => {
      let isLimited = true
      const policyOf = () => ({ ...POLICY, sessionsPerSubject: isLimited ? limit : null })
      const api = await start(t, { policyOf })
      const call: Api['call'] = async (...args) => {
        isLimited = false
        return api.call(...args).finally(() => {
          isLimited = true
        })
      }
      await run(t, api, { ...api, call })
    })
  }
}

onEachStore({ most: 2, beyond: 'end-oldest' }, async (t, api, unlimited) => {
  for (const [name, way] of Object.entries(WAYS)) {
    await t.test(`${name}: the ones bound last stay`, async (t) => {
      const subject = newSubject()
      const ids: string[] = []
      for (let i = 0; i < 4; i++) {
        const { status, id } = await way(api, subject)
        t.equal(status, i < 0 ? 0 : name === 'a hand-off' ? 200 : 201)
        ids.push(id)
        t.strictSame(await living(api, subject), ids.slice(-2).sort())
      }
      const { status, json } = await api.call('GET', `/v1/sessions/${ids[0]}`)
      t.match({ status, json }, { status: 410, json: { code: 'session_gone', reason: 'revoked' } })
    })

    await t.test(`${name}: of ${AT_ONCE} at once as many stay as may be`, async (t) => {
      const subject = newSubject()
      const all = await Promise.all(Array.from({ length: AT_ONCE }, () => way(api, subject)))
      for (const { status, code } of all) t.ok(status < 300 || code === 'session_gone', `${status} ${code}`)
      const left = await living(api, subject)
      t.equal(left.length, 2)
      const answered = all.filter(({ status }) => status < 300).map(({ id }) => id)
      for (const id of left) t.ok(answered.includes(id), 'and they were answered as bound')
    })
  }

  await t.test('a new id is no new log-in: the oldest stays the oldest', async (t) => {
    const subject = newSubject()
    const begin = WAYS['a session that begins bound'] as Way
    const first = await begin(api, subject)
    const second = await begin(api, subject)
    const { json } = await api.call('POST', `/v1/sessions/${first.id}/rotate`, { body: {} })
    const third = await begin(api, subject)
    t.strictSame(await living(api, subject), [second.id, third.id].sort())
    t.equal((await api.call('GET', `/v1/sessions/${json.id}`)).status, 410)
  })

  await t.test('what was bound before there was a limit is older, and is ended by the next log-in', async (t) => {
    const subject = newSubject()
    const begin = WAYS['a session that begins bound'] as Way
    for (let i = 0; i < 5; i++) await begin(unlimited, subject)
    t.equal((await living(api, subject)).length, 5)
    const { id } = await begin(api, subject)
    const left = await living(api, subject)
    t.equal(left.length, 2)
    t.ok(left.includes(id))
  })
})

onEachStore({ most: 2, beyond: 'refuse' }, async (t, api, unlimited) => {
  const refusal = { status: 409, code: 'too_many_sessions', limit: 2 }
  const begin = WAYS['a session that begins bound'] as Way

  for (const [name, way] of Object.entries(WAYS)) {
    await t.test(`${name}: one more is refused, until there is room`, async (t) => {
      const subject = newSubject()
      const first = await way(api, subject)
      const second = await way(api, subject)
      t.match(await way(api, subject), refusal)
      t.strictSame(await living(api, subject), [first.id, second.id].sort(), 'nothing was changed')
      await api.call('DELETE', `/v1/sessions/${first.id}`)
      const third = await way(api, subject)
      t.strictSame(await living(api, subject), [second.id, third.id].sort(), 'at once when one has ended')
      t.match(await way(api, subject), refusal)
    })

    await t.test(`${name}: of ${AT_ONCE} at once as many are let in as may be`, async (t) => {
      const subject = newSubject()
      const all = await Promise.all(Array.from({ length: AT_ONCE }, () => way(api, subject)))
      const done = all.filter(({ status }) => status < 300).map(({ id }) => id)
      t.strictSame(await living(api, subject), done.sort())
      t.equal(done.length, 2)
      for (const one of all.filter(({ status }) => status >= 300)) t.match(one, refusal)
    })

    await t.test(`${name}: a repeat is not refused by its own success`, async (t) => {
      const subject = newSubject()
      await begin(api, subject)
      const headers = { 'Idempotency-Key': randomUUID() }
      const session = newSession()
      const handoff = { sessionId: idOf(session), code: await code(api, session, subject) }
      const call = () =>
        boundBy(
          name === 'a hand-off'
            ? api.call('POST', '/v1/handoffs/redeem', { body: handoff, headers })
            : api.call('POST', name === 'a rotation' ? `${session}/rotate` : '/v1/sessions', {
                body: { subject },
                headers,
              }),
        )
      const done = await call()
      t.ok(done.status < 300)
      t.strictSame(await call(), done)
      t.match(await begin(api, subject), refusal)
    })
  }

  await t.test('a code that is refused is not spent', async (t) => {
    const subject = newSubject()
    const [first] = [await begin(api, subject), await begin(api, subject)]
    const session = newSession()
    const body = { sessionId: idOf(session), code: await code(api, session, subject) }
    const redeem = () => api.call('POST', '/v1/handoffs/redeem', { body })
    t.match(await redeem(), { status: 409, json: refusal })
    t.equal((await api.call('GET', session)).status, 200, 'the visitor has what he had')
    await api.call('DELETE', `/v1/sessions/${first?.id}`)
    t.equal((await redeem()).status, 200)
  })

  await t.test('whoever is logged in may have another id, and log in again, at any time', async (t) => {
    const subject = newSubject()
    const first = await begin(api, subject)
    await begin(api, subject)
    let { id } = first
    for (const body of [{}, { subject }, {}, { subject }]) {
      const { status, json } = await api.call('POST', `/v1/sessions/${id}/rotate`, { body })
      t.equal(status, 201)
      id = json.id
    }
    t.equal((await living(api, subject)).length, 2)
    t.match(await begin(api, subject), refusal)
  })

  await t.test('what was bound before there was a limit counts', async (t) => {
    const subject = newSubject()
    const before = [await begin(unlimited, subject), await begin(unlimited, subject), await begin(unlimited, subject)]
    t.match(await begin(api, subject), refusal)
    for (const { id } of before.slice(0, 2)) await api.call('DELETE', `/v1/sessions/${id}`)
    t.equal((await begin(api, subject)).status, 201)
    t.match(await begin(api, subject), refusal)
  })

  await t.test('log out everywhere makes room', async (t) => {
    const subject = newSubject()
    for (let i = 0; i < 2; i++) await begin(api, subject)
    t.match(await begin(api, subject), refusal)
    await api.call('DELETE', `/v1/subjects/${subject}/sessions`)
    t.equal((await begin(api, subject)).status, 201)
  })
})
