/** The moves of a login: rotate and bind, hand-offs, where a user is logged in, and logging out everywhere. */
import t from 'tap'
import { drawId } from '../../src/store/layout/partition.ts'
import { type Answer, KEY, OTHER_KEY, onEachStore, startService } from '../helpers/token-app.ts'
import { until } from '../helpers/until.ts'

const sessionAt = (id: string): string => `/v1/sessions/${id}`
const BOUND = { lifetimeSeconds: 34_560_000 }

onEachStore(t, async (t, { service, another, store, elapse }) => {
  const { call, begin, mint } = service

  const rotate = (id: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> =>
    call(KEY, 'POST', `${sessionAt(id)}/rotate`, body, headers)
  const makeCode = async (id: string, body: object = {}): Promise<string> => {
    const made = await call(KEY, 'POST', `${sessionAt(id)}/handoffs`, body)
    if (made.status !== 201) throw new Error(`No code was made: ${made.body}`)
    return String(made.json.code)
  }
  const redeem = (code: string, sessionId: string, more: object = {}, headers: Record<string, string> = {}) =>
    another.call(KEY, 'POST', '/v1/handoffs/redeem', { code, sessionId, ...more }, headers)
  const read = (id: string) => another.call(KEY, 'GET', sessionAt(id))
  const listOf = async (subject: string): Promise<string[]> => {
    const { json } = await another.call(KEY, 'GET', `/v1/subjects/${subject}/sessions`)
    return (json.sessions as { id: string }[]).map(({ id }) => id).sort()
  }
  const newSubject = (): string => `user-${drawId()}`

  t.test('a token comes along with a session that is begun, and is good', async (t) => {
    const token = { keys: { read: ['*'], write: ['theme'] } }
    const made = await call(KEY, 'POST', '/v1/sessions', { settings: { theme: 'dark' }, token })
    t.equal(made.status, 201)
    t.equal(made.headers['cache-control'], 'no-store')
    t.match(made.json.token, { token_type: 'Bearer', expires_in: 900, scope: 'read write touch' })
    const { access_token } = made.json.token as { access_token: string }
    t.match((await another.call(access_token, 'GET', '/v1/sessions/current')).json, { id: made.json.id })
    t.equal((await call(access_token, 'PATCH', '/v1/sessions/current/settings', { role: 1 })).code, 'key_not_allowed')
    t.notOk('token' in (await call(KEY, 'POST', '/v1/sessions', {})).json, 'only if asked for')
  })

  t.test('a token that cannot be minted begins and moves nothing', async (t) => {
    const [id, live] = [drawId(), await begin({ a: 1 })]
    for (const [token, status] of [
      [{}, 422],
      [{ keys: { read: ['*'] }, scope: 'read admin' }, 400],
      [{ keys: { read: Array.from({ length: 64 }, (_, i) => `${i}`.padEnd(200, 'x')) } }, 422],
    ] as const) {
      t.equal((await call(KEY, 'POST', '/v1/sessions', { id, token })).status, status)
      t.equal((await rotate(live, { token })).status, status)
      const code = await makeCode(live)
      t.equal((await redeem(code, live, { token })).status, status)
      t.equal((await redeem(code, live)).status, 200, 'nor is a code spent')
    }
    t.equal((await read(id)).status, 404)
    t.equal((await read(live)).status, 200)
  })

  t.test('rotating moves the settings to a new id, and every credential of the old one is dead', async (t) => {
    const id = await begin({ theme: 'dark' })
    const token = await mint(id, { scope: 'read write end' })
    const before = (await read(id)).json
    const rotated = await rotate(id, { token: { keys: { read: ['*'] } } })
    t.equal(rotated.status, 201)
    const newId = String(rotated.json.id)
    t.not(newId, id)
    t.equal(rotated.headers.location, sessionAt(newId))
    t.match(rotated.json, { settings: { theme: 'dark' }, etag: before.etag, subject: null })
    t.match((await read(id)).json, { code: 'session_gone', reason: 'rotated' })
    for (const method of ['GET', 'DELETE']) {
      const refused = await another.call(token, method, '/v1/sessions/current')
      t.match(refused, { status: 410, json: { reason: 'rotated' } })
      t.notOk(refused.body.includes(newId), 'nobody is told the new id')
    }
    t.equal((await call(KEY, 'PATCH', `${sessionAt(id)}/settings`, { theme: 'late' })).status, 410)
    t.match((await read(newId)).json, { settings: { theme: 'dark' } })
    const { access_token } = rotated.json.token as { access_token: string }
    t.equal((await another.call(access_token, 'GET', sessionAt(newId))).status, 200)
  })

  t.test('rotating with a subject binds, and a missing id is begun', async (t) => {
    const subject = newSubject()
    for (const id of [await begin({ a: 1 }), drawId()]) {
      const rotated = await rotate(id, { subject, idleTimeoutSeconds: 1000, lifetimeSeconds: 2000 })
      t.match(rotated, { status: 201, json: { subject, idleTimeoutSeconds: 1000, lifetimeSeconds: 2000 } })
      t.match((await read(id)).json, { status: 410, reason: 'rotated' })
      t.ok((await listOf(subject)).includes(String(rotated.json.id)))
      const again = await rotate(String(rotated.json.id))
      t.match(again, { status: 201, json: { subject, lifetimeSeconds: 2000 } }, 'it stays bound')
      t.ok((await listOf(subject)).includes(String(again.json.id)), 'and listed')
    }
    t.equal((await listOf(subject)).length, 2)
    const gone = drawId()
    await call(KEY, 'DELETE', sessionAt(gone))
    t.match(await rotate(gone, { subject }), { status: 410, code: 'session_gone' })
  })

  t.test('repeated with its key, a rotation is done once', async (t) => {
    const id = await begin({ a: 1 })
    const headers = { 'idempotency-key': `k-${id}` }
    const body = { subject: newSubject(), token: { keys: { read: ['*'] } } }
    const [first, second] = [await rotate(id, body, headers), await rotate(id, body, headers)]
    t.equal(second.status, 201)
    t.equal(second.json.id, first.json.id)
    t.ok((second.json.token as object | undefined) && true, 'the token is minted anew')
    t.match(await rotate(id, { ...body, subject: 'another' }, headers), { status: 422, code: 'idempotency_key_reused' })
    t.equal((await listOf(body.subject)).length, 1)

    const again = { 'idempotency-key': `again-${id}` }
    const moved = [await rotate(String(first.json.id), {}, again), await rotate(String(first.json.id), {}, again)]
    t.match(moved, [{ status: 201 }, { status: 201, json: { id: moved[0]?.json.id } }], 'also one that binds nobody')
    t.match(await rotate(String(first.json.id), {}), { status: 410, code: 'session_gone' })
  })

  t.test('a hand-off carries what was handed over as it was sent, once', async (t) => {
    const id = await begin({ a: 1 })
    const made = await call(KEY, 'POST', `${sessionAt(id)}/handoffs`, '{"payload": {"n": 1.10, "2": [], "1": "ü"}}')
    t.equal(made.status, 201)
    t.equal(made.headers['cache-control'], 'no-store')
    const code = String(made.json.code)
    t.match(code, /^[0-9a-f]{2}[\w-]{32}$/, 'of 192 bits and a partition')
    const redeemed = await redeem(code, id.toUpperCase(), { token: { keys: { read: ['*'] } } })
    t.equal(redeemed.status, 200)
    t.ok(redeemed.body.startsWith('{"payload":{"n": 1.10, "2": [], "1": "ü"},"session":{'))
    t.equal(redeemed.headers['cache-control'], 'no-store')
    t.match(redeemed.json, { session: { id, settings: { a: 1 } }, token: { token_type: 'Bearer' } })
    t.match(await redeem(code, id), { status: 410, code: 'handoff_gone' })
    t.equal((await redeem(await makeCode(id), id)).json.payload, null)
  })

  t.test('with a subject, redeeming rotates and binds; until then the old id lives', async (t) => {
    const subject = newSubject()
    const id = await begin({ cart: [1] })
    const code = await makeCode(id, { subject, payload: { flash: 'hello' } })
    t.equal((await call(KEY, 'PATCH', `${sessionAt(id)}/settings`, { theme: 'dark' })).status, 204)
    t.same(await listOf(subject), [], 'not yet')
    const redeemed = await redeem(code, id)
    const session = redeemed.json.session as Record<string, unknown>
    t.match(session, { subject, settings: { cart: [1], theme: 'dark' }, ...BOUND })
    t.same(redeemed.json.payload, { flash: 'hello' })
    t.match(await read(id), { status: 410, json: { reason: 'rotated' } })
    t.same(await listOf(subject), [session.id])
    t.match(await call(KEY, 'PATCH', `${sessionAt(id)}/settings`, { theme: 'undo' }), { status: 410 })
  })

  t.test('a code that is not for the session that the visitor holds is refused, and not spent', async (t) => {
    const [id, mallory] = [await begin({ a: 1 }), await begin({ b: 2 })]
    const code = await makeCode(id, { subject: newSubject() })
    t.match(await redeem(code, mallory), { status: 410, code: 'handoff_gone' })
    const neighbour = drawId(code.slice(0, 2))
    t.match(await redeem(code, neighbour), { status: 410, code: 'handoff_gone' }, 'also one of the same partition')
    const other = await another.call(OTHER_KEY, 'POST', '/v1/handoffs/redeem', { code, sessionId: id })
    t.match(other, { status: 410, code: 'handoff_gone' }, 'nor by another namespace')
    const wrong = `${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}`
    t.match(await redeem(wrong, id), { status: 410, code: 'handoff_gone' })
    for (const bad of ['', 'x', `zz${code.slice(2)}`, `${code}x`]) t.equal((await redeem(bad, id)).status, 400)
    t.equal((await redeem(code, id)).status, 200)
    t.match((await read(mallory)).json, { settings: { b: 2 } })
  })

  t.test('a code is for one life: it is over with its session', async (t) => {
    for (const end of [
      (id: string) => call(KEY, 'DELETE', sessionAt(id)),
      (id: string) => rotate(id),
      (id: string) => rotate(id, { subject: newSubject() }),
    ]) {
      const id = await begin({ a: 1 })
      const code = await makeCode(id, { subject: newSubject() })
      await end(id)
      t.match(await redeem(code, id), { status: 410, code: 'handoff_gone' })
    }
  })

  t.test('a hand-off for a session that nobody has written begins it', async (t) => {
    const id = drawId()
    const code = await makeCode(id, { expiresInSeconds: 600 })
    t.match((await read(id)).json, { revision: 0, idleTimeoutSeconds: 3600 })
    t.equal((await redeem(code, id)).status, 200)
  })

  t.test('repeated with its key, redeeming answers the same again', async (t) => {
    const id = await begin({ a: 1 })
    const code = await makeCode(id, { subject: newSubject(), payload: 'x' })
    const headers = { 'idempotency-key': `r-${id}` }
    const [first, second] = [await redeem(code, id, {}, headers), await redeem(code, id, {}, headers)]
    t.equal(second.status, 200)
    t.same(second.json, first.json)
    t.match(await redeem(code, id, {}, { 'idempotency-key': 'another' }), { status: 410, code: 'handoff_gone' })
  })

  t.test('what is no hand-off is refused', async (t) => {
    const id = await begin()
    const deep = `${'['.repeat(20)}${']'.repeat(20)}`
    for (const [body, status] of [
      [{ expiresInSeconds: 601 }, 400],
      [{ expiresInSeconds: 0 }, 400],
      [{ subject: '' }, 400],
      [{ subject: 'x'.repeat(257) }, 422],
      [{ more: 1 }, 400],
      [{ payload: 'x'.repeat(70_000) }, 422],
      [`{"payload":${deep}}`, 422],
      ['{"payload":{"__proto__":1}}', 422],
    ] as const) {
      t.equal(
        (await call(KEY, 'POST', `${sessionAt(id)}/handoffs`, body)).status,
        status,
        JSON.stringify(body).slice(0, 50),
      )
    }
  })

  if (elapse)
    t.test('a code of a life that has expired is of no use in another under the same id', async (t) => {
      for (const subject of [undefined, newSubject()]) {
        const id = await begin({ a: 1 }, { idleTimeoutSeconds: 10 })
        const code = await makeCode(id, { subject, expiresInSeconds: 600 })
        elapse(60_000)
        t.match(await redeem(code, id), { status: 410, code: 'handoff_gone' })
        await call(KEY, 'POST', '/v1/sessions', { id, settings: { b: 2 } })
        t.match(await redeem(code, id), { status: 410, code: 'handoff_gone' })
        t.match((await read(id)).json, { settings: { b: 2 } })
      }
    })

  if (elapse)
    t.test('a code is good as long as was said', async (t) => {
      const id = await begin()
      const codes = [await makeCode(id), await makeCode(id, { expiresInSeconds: 120 })]
      elapse(61_000)
      t.match(await redeem(codes[0] as string, id), { status: 410, code: 'handoff_gone' })
      t.equal((await redeem(codes[1] as string, id)).status, 200)
    })

  t.test('a user is logged out everywhere, but where it is wanted', async (t) => {
    const subject = newSubject()
    const made = await Promise.all(Array.from({ length: 7 }, () => begin({ a: 1 }, { subject })))
    const [stranger, spared] = [await begin({ a: 1 }, { subject: `${subject}x` }), made[3] as string]
    const token = await mint(made[0] as string)
    t.same(await listOf(subject), [...made].sort())
    const ended = await call(KEY, 'DELETE', `/v1/subjects/${subject}/sessions?except=${spared.toUpperCase()}`)
    t.match(ended, { status: 200, json: { ended: 6 } })
    t.same(await listOf(subject), [spared])
    for (const id of made) t.equal((await read(id)).status, id === spared ? 200 : 410)
    t.match(await another.call(token, 'GET', '/v1/sessions/current'), { status: 410, json: { reason: 'revoked' } })
    t.match(await call(KEY, 'DELETE', `/v1/subjects/${subject}/sessions`), { status: 200, json: { ended: 1 } })
    t.match(await call(KEY, 'DELETE', `/v1/subjects/${subject}/sessions`), { status: 200, json: { ended: 0 } })
    t.equal((await read(stranger)).status, 200)
  })

  t.test('logging out everywhere kills a pending code', async (t) => {
    const subject = newSubject()
    const id = await begin({ a: 1 })
    const code = await makeCode(id, { subject, expiresInSeconds: 600 })
    await call(KEY, 'DELETE', `/v1/subjects/${subject}/sessions`)
    t.match(await redeem(code, id), { status: 410, code: 'handoff_gone' })
    t.equal((await read(id)).status, 200, 'the session of the visitor lives on, as nobody')
    t.same(await listOf(subject), [])
  })

  t.test('it does so however short tombstones are', async (t) => {
    const brief = await startService(store, { tombstoneSeconds: 1 })
    t.teardown(() => brief.close())
    const subject = newSubject()
    const id = await begin({ a: 1 })
    const code = await makeCode(id, { subject, expiresInSeconds: 600 })
    await brief.call(KEY, 'DELETE', `/v1/subjects/${subject}/sessions`)
    elapse?.(595_000)
    t.match(await redeem(code, id), { status: 410, code: 'handoff_gone' })
    t.equal((await redeem(await makeCode(id), id)).status, 200, 'the session itself is there')
  })

  t.test('another namespace has subjects of its own', async (t) => {
    const subject = newSubject()
    const id = await begin({ a: 1 }, { subject })
    t.match(await call(OTHER_KEY, 'DELETE', `/v1/subjects/${subject}/sessions`), { status: 200, json: { ended: 0 } })
    t.same((await call(OTHER_KEY, 'GET', `/v1/subjects/${subject}/sessions`)).json, { sessions: [] })
    t.equal((await read(id)).status, 200)
  })

  t.test('a list comes in parts, and any subject can be named', async (t) => {
    const subject = `ü/?#% \u0000${drawId()}`
    const path = `/v1/subjects/${encodeURIComponent(subject)}/sessions`
    const made = await Promise.all(Array.from({ length: 5 }, () => begin({ a: 1 }, { subject })))
    const found: string[] = []
    for (let query = '?limit=2'; ; ) {
      const { status, json } = await call(KEY, 'GET', path + query)
      t.equal(status, 200)
      const { sessions, next } = json as { sessions: { id: string; subject: string }[]; next?: string }
      t.ok(sessions.length <= 2)
      for (const one of sessions) t.equal(one.subject, subject)
      found.push(...sessions.map(({ id }) => id))
      if (next === undefined) break
      query = `?limit=2&cursor=${next}`
    }
    t.same(found.sort(), [...made].sort())
    for (const query of ['?limit=0', '?limit=101', '?limit=x', '?cursor=', '?cursor=%00', '?more=1']) {
      t.equal((await call(KEY, 'GET', path + query)).status, 400, query)
    }
    // Longer than may be bound now, but perhaps not before a limit was lowered.
    t.equal((await call(KEY, 'GET', `/v1/subjects/${'x'.repeat(1024)}/sessions`)).status, 200)
    t.equal((await call(KEY, 'GET', `/v1/subjects/${'x'.repeat(1025)}/sessions`)).status, 422)
    t.equal((await call(KEY, 'DELETE', `${path}?except=current`)).status, 400)
    t.match(await call(KEY, 'DELETE', path), { json: { ended: 5 } })
  })

  t.test('what was listed for another is not ended: who has the session decides', async (t) => {
    const [subject, owner] = [newSubject(), newSubject()]
    const id = await begin({ a: 1 }, { subject: owner })
    t.match(await call(KEY, 'POST', '/v1/sessions', { id, subject }), { status: 409, code: 'session_exists' })
    t.match(await call(KEY, 'DELETE', `/v1/subjects/${subject}/sessions`), { json: { ended: 0 } })
    t.equal((await read(id)).status, 200)
    t.same(await listOf(owner), [id])
  })

  if (elapse)
    t.test('the list heals itself of what is over', async (t) => {
      const { store } = service
      const subject = newSubject()
      const short = await Promise.all(
        Array.from({ length: 4 }, () => begin({ a: 1 }, { subject, idleTimeoutSeconds: 10, lifetimeSeconds: 3600 })),
      )
      const entries = async () =>
        (await store.listed({ namespace: 'app', subject }, { after: null, limit: 100 })).entries.length
      t.equal(await entries(), short.length)
      elapse(60_000)
      await until(async () => {
        await begin({ a: 1 }, { subject, idleTimeoutSeconds: 3600 })
        const left = (await store.listed({ namespace: 'app', subject }, { after: null, limit: 100 })).entries
        return short.every((id) => !left.some((one) => one.id === id))
      }, 'adding heals')
      const living = await entries()
      elapse(4_000_000)
      t.same(await listOf(subject), [])
      t.equal(await entries(), 0, `reading heals all ${living}`)
    })
})
