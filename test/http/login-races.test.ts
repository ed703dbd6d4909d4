/** What happens when the moves of a login meet: two instances of the service, real concurrency, many rounds. */
import t from 'tap'
import { drawId } from '../../src/store/layout/partition.ts'
import type { Store } from '../../src/store/port.ts'
import { type Answer, KEY, onEachStore, type Service, startService } from '../helpers/token-app.ts'

const ROUNDS = 20
const CALLERS = 100

const sessionAt = (id: string): string => `/v1/sessions/${id}`
const newSubject = (): string => `user-${drawId()}`

const times = <T>(n: number, call: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => call(i)))

const isStatus =
  (status: number) =>
  (answer: Answer): boolean =>
    answer.status === status

onEachStore(t, async (t, { service, another, store }) => {
  const { call, begin, mint } = service
  const inTurn = (i: number): Service => (i % 2 ? service : another)
  const read = (id: string) => another.call(KEY, 'GET', sessionAt(id))
  const endAll = (subject: string) => another.call(KEY, 'DELETE', `/v1/subjects/${subject}/sessions`)
  const makeCode = async (id: string, body: object): Promise<string> =>
    String((await call(KEY, 'POST', `${sessionAt(id)}/handoffs`, body)).json.code)
  const living = async (subject: string): Promise<number> => {
    const { json } = await another.call(KEY, 'GET', `/v1/subjects/${subject}/sessions`)
    return (json.sessions as unknown[]).length
  }

  t.test('of a hundred who take, one gets the value', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const id = await begin({ code: round })
      const token = await mint(id, { scope: 'take' })
      const answers = await times(CALLERS, (i) =>
        inTurn(i).call(i % 3 ? KEY : token, 'POST', `${sessionAt(id)}/settings/code/take`),
      )
      t.same(
        answers.filter(isStatus(200)).map(({ json }) => json.value),
        [round],
      )
      t.equal(answers.filter(isStatus(404)).length, CALLERS - 1)
    }
  })

  t.test('of a hundred who redeem, one does', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const id = await begin({ a: round })
      const subject = newSubject()
      const code = await makeCode(id, round % 2 ? { subject } : {})
      const answers = await times(CALLERS, (i) =>
        inTurn(i).call(KEY, 'POST', '/v1/handoffs/redeem', { code, sessionId: id }),
      )
      t.equal(answers.filter(isStatus(200)).length, 1)
      t.equal(answers.filter(isStatus(410)).length, CALLERS - 1)
      t.equal(await living(subject), round % 2)
    }
  })

  t.test('a write that was answered is in the session, whatever rotates meanwhile', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const id = await begin({ a: 1 })
      const subject = newSubject()
      const writes = times(20, (i) => inTurn(i).call(KEY, 'PATCH', `${sessionAt(id)}/settings`, { [`k${i}`]: i }))
      const rotations = times(3, (i) => inTurn(i).call(KEY, 'POST', `${sessionAt(id)}/rotate`, { subject }))
      const [written, rotated] = [await writes, await rotations]
      const winners = rotated.filter(isStatus(201))
      t.equal(winners.length, 1, 'one rotation is done')
      const { json } = await read(String(winners[0]?.json.id))
      const settings = json.settings as Record<string, unknown>
      for (const [i, { status }] of written.entries()) {
        t.ok(status === 204 || status === 410, `${status}`)
        t.equal(`k${i}` in settings, status === 204)
      }
      t.match((await read(id)).json, { reason: 'rotated' })
      t.equal(await living(subject), 1)
    }
  })

  t.test('ending all misses no session that was bound before, however often it rotates', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const subject = newSubject()
      const ids = await times(3, () => begin({ a: 1 }, { subject }))
      const rotateOn = async (id: string): Promise<number> => {
        for (let at = id, n = 0; ; n++) {
          const { status, json } = await inTurn(n).call(KEY, 'POST', `${sessionAt(at)}/rotate`, {})
          if (status !== 201) return status
          at = String(json.id)
        }
      }
      const [ended, ...last] = await Promise.all([endAll(subject), ...ids.map(rotateOn)])
      t.equal(ended.status, 200)
      for (const status of last) t.ok(status === 410 || status === 409, `the last rotation: ${status}`)
      t.equal(await living(subject), 0)
    }
  })

  t.test('ending all kills a code that was made before, also while it is being redeemed', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const subject = newSubject()
      const id = await begin({ a: 1 })
      const code = await makeCode(id, { subject })
      const redemptions = times(4, (i) => inTurn(i).call(KEY, 'POST', '/v1/handoffs/redeem', { code, sessionId: id }))
      const [ended, answers] = await Promise.all([endAll(subject), redemptions])
      t.equal(ended.status, 200)
      for (const { status } of answers) t.ok(status === 200 || status === 410, `${status}`)
      t.equal(await living(subject), 0)
    }
  })

  t.test('what is bound while all are ended is dead, refused, or found the next time', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const subject = newSubject()
      const ids = await times(4, () => begin({ a: 1 }))
      const binds = ids.map((id, i) =>
        i % 2
          ? inTurn(i).call(KEY, 'POST', `${sessionAt(id)}/rotate`, { subject })
          : inTurn(i).call(KEY, 'POST', '/v1/sessions', { subject }),
      )
      const [first, ...bound] = await Promise.all([endAll(subject), ...binds])
      const second = await endAll(subject)
      t.same([first.status, second.status], [200, 200])
      for (const { status, json } of bound) {
        t.ok(status === 201 || status === 409, `${status}`)
        if (status === 201) t.equal((await read(String(json.id))).status, 410)
      }
      t.equal(await living(subject), 0)
    }
  })

  /** An instance that is held up the first time it reaches a method of the store. */
  const heldAt = async (method: 'rotate' | 'write' | 'end') => {
    const gate = { reach: (): void => {}, release: (): void => {} }
    const reached = new Promise<void>((resolve) => {
      gate.reach = resolve
    })
    const released = new Promise<void>((resolve) => {
      gate.release = resolve
    })
    const original = store[method] as (...args: unknown[]) => Promise<unknown>
    const held = async (...args: unknown[]): Promise<unknown> => {
      gate.reach()
      await released
      return original(...args)
    }
    const holding = await startService({ ...store, [method]: held } as Store)
    t.teardown(holding.close)
    return { holding, reached, release: gate.release }
  }

  t.test('a bind that is held up while all are ended is refused', async (t) => {
    for (const [method, path] of [
      ['rotate', `${sessionAt(await begin({ a: 1 }))}/rotate`],
      ['write', '/v1/sessions'],
    ] as const) {
      const { holding, reached, release } = await heldAt(method)
      const subject = newSubject()
      const bind = holding.call(KEY, 'POST', path, { subject })
      await reached
      t.match(await endAll(subject), { status: 200, json: { ended: 0 } })
      release()
      t.match(await bind, { status: 409, code: 'subject_ended' }, path)
      t.equal(await living(subject), 0)
    }
  })

  t.test('what is rotated under the hands of whoever ends all is ended under its new id', async (t) => {
    const subject = newSubject()
    const id = await begin({ a: 1 }, { subject })
    const { holding, reached, release } = await heldAt('end')
    const ending = holding.call(KEY, 'DELETE', `/v1/subjects/${subject}/sessions`)
    await reached
    const rotated = await call(KEY, 'POST', `${sessionAt(id)}/rotate`, {})
    t.equal(rotated.status, 201)
    release()
    t.match(await ending, { status: 200, json: { ended: 1 } })
    t.match((await read(String(rotated.json.id))).json, { status: 410, reason: 'revoked' })
  })

  t.test('a session that is bound while it is being rotated goes on as one of its subject', async (t) => {
    const [id, subject] = [drawId(), newSubject()]
    const { holding, reached, release } = await heldAt('rotate')
    const rotating = holding.call(KEY, 'POST', `${sessionAt(id)}/rotate`, {})
    await reached
    t.equal((await call(KEY, 'POST', '/v1/sessions', { id, subject })).status, 201)
    release()
    t.match(await rotating, { status: 201, json: { subject } })
    t.equal(await living(subject), 1)
  })

  t.test('once a revocation was answered, no token of before changes anything', async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      const id = await begin({ n: 0 })
      const token = await mint(id)
      let revoked = false
      const writer = async (i: number): Promise<void> => {
        for (let n = 0; ; n++) {
          const isLate = revoked
          const { status } = await inTurn(i).call(token, 'PATCH', '/v1/sessions/current/settings', { [`w${i}`]: n })
          if (isLate && status !== 401) t.fail(`a late write was answered ${status}`)
          if (status !== 204) {
            t.equal(status, 401)
            return
          }
        }
      }
      const writers = times(6, writer)
      await call(KEY, 'GET', sessionAt(id))
      t.equal((await another.call(KEY, 'DELETE', `${sessionAt(id)}/tokens`)).status, 204)
      revoked = true
      const { etag } = (await read(id)).json
      await writers
      t.equal((await read(id)).json.etag, etag)
    }
  })
})
