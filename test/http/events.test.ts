/** What a reader of a session's changes is told: the state first, then every change, and never what it may not see. */
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import t from 'tap'
import { dataOf, eventsOf, listen, type Reader } from '../helpers/events.ts'
import { counted, resetCommands } from '../helpers/redis-commands.ts'
import { KEY, OTHER_KEY, onEachStore } from '../helpers/token-app.ts'

/** What a reader makes of what it was told. */
const fold = (reader: Reader): Record<string, unknown> => {
  let settings: Record<string, unknown> = {}
  for (const event of reader.events) {
    const data = dataOf(event)
    if (event.event === 'snapshot') settings = data.settings
    if (event.event !== 'change') continue
    settings = { ...settings, ...data.set }
    for (const key of data.removed) delete settings[key]
  }
  return settings
}

onEachStore(t, async (t, { service, another, redis }) => {
  const { begin, mint } = service
  const watch = await listen(service)
  const settingsOf = (id: string): string => `/v1/sessions/${id}/settings`
  const patch = async (id: string, body: unknown, headers: Record<string, string> = {}) => {
    const { status, etag } = await another.call(KEY, 'PATCH', settingsOf(id), body, headers)
    if (status >= 300) throw new Error(`The write was answered ${status}.`)
    return etag.slice(1, -1)
  }
  const read = (id: string, credential: string = KEY) => another.call(credential, 'GET', settingsOf(id))

  t.test('the snapshot comes first, and its id is the ETag as the reader sees it', async (t) => {
    const id = await begin({ theme: 'dark', role: 'admin' })
    const all = await watch(KEY, eventsOf(id))
    t.equal(all.status, 200)
    t.strictSame(await all.nextOf('snapshot'), { revision: 1, settings: { theme: 'dark', role: 'admin' } })
    t.equal(`"${all.lastEventId()}"`, (await read(id)).etag)
    t.equal(all.retries.length, 1, 'and when to come back is said')
    const token = await mint(id, { scope: 'read events', keys: { read: ['theme'] } })
    const narrow = await watch(token, eventsOf('current'))
    t.strictSame(await narrow.nextOf('snapshot'), { revision: 1, settings: { theme: 'dark' } })
    t.match(narrow.lastEventId(), /^1-[\w-]{8}~[\w-]+$/)
    t.equal(`"${narrow.lastEventId()}"`, (await read(id, token)).etag)
    for (const one of [all, narrow]) one.close()
  })

  t.test('a reader that holds the present state gets no snapshot, any other does', async (t) => {
    const id = await begin({ a: 1 })
    const stale = (await read(id)).etag.slice(1, -1)
    const token = await mint(id, { scope: 'read events', keys: { read: ['a'] } })
    const holding = (credential: string, etag: string) => watch(credential, eventsOf(id), { 'last-event-id': etag })
    for (const [n, credential] of [KEY, token].entries()) {
      const reader = await holding(credential, (await read(id, credential)).etag.slice(1, -1))
      await reader.until(() => reader.retries.length > 0, 'it has begun')
      // Who came after it has been told: so it has been told all that it is told at first.
      const other = await watch(KEY, eventsOf(id))
      await other.next()
      await patch(id, { a: 10 + n })
      t.equal((await reader.next()).event, 'change', 'a change comes first')
      for (const one of [reader, other]) one.close()
    }
    const present = await patch(id, { a: 2 })
    const narrow = (await read(id, token)).etag.slice(1, -1)
    for (const [credential, etag] of [
      [KEY, stale],
      [KEY, narrow],
      [KEY, 'garbage'],
      [KEY, '0'],
      [KEY, '2-AAAAAAAA'],
      [token, present],
      [token, narrow.replace(/.$/, '!')],
    ] as const) {
      const reader = await holding(credential, etag)
      t.strictSame((await reader.nextOf('snapshot')).settings, { a: 2 }, etag)
      reader.close()
    }
  })

  t.test('a change tells what was put and removed, and by whom', async (t) => {
    const id = await begin({ a: 1, gone: 1 })
    const reader = await watch(KEY, eventsOf(id))
    await reader.next()
    const etag = await patch(id, { a: 2, gone: null, none: null, b: [] }, { 'coatcheck-origin': 'tab-1' })
    const change = await reader.nextOf('change')
    t.strictSame(change, { revision: 2, set: { a: 2, b: [] }, removed: ['gone'], origin: 'tab-1' })
    t.equal(reader.lastEventId(), etag)
    await another.call(KEY, 'PUT', settingsOf(id), { z: 1 }, { 'if-match': '*' })
    const replaced = await reader.nextOf('change')
    t.strictSame(replaced.set, { z: 1 })
    t.strictSame(replaced.removed.sort(), ['a', 'b'])
    t.notOk('origin' in replaced)
    await another.call(KEY, 'POST', `${settingsOf(id)}/z/take`)
    t.match(await reader.nextOf('change'), { set: {}, removed: ['z'] })
    await another.call(KEY, 'POST', `${settingsOf(id)}/n/increment`)
    t.match(await reader.nextOf('change'), { revision: 5, set: { n: 1 } })
    reader.close()
  })

  t.test('values come as the text that was sent, and nothing in them makes another field', async (t) => {
    const id = await begin()
    const reader = await watch(KEY, eventsOf(id))
    await reader.next()
    const name = 'a\nid: 9-AAAAAAAA\r\nevent: ended'
    const body = `{"n":1.10,"big":12345678901234567890,"lines":{\n"x":\r[1,\r\n\r\n2]},"u":"\u2028\u2029\uFEFF","t":"data: x\\n\\nevent: ended",${JSON.stringify(name)}:"data:"}`
    const etag = await patch(id, body)
    const { event, id: eventId, data } = await reader.next()
    t.equal(event, 'change')
    t.equal(eventId, etag)
    for (const text of ['"n":1.10', '"big":12345678901234567890', '"u":"\u2028\u2029\uFEFF"']) t.ok(data.includes(text))
    t.ok(data.includes('{\n"x":\n[1,\n\n2]}'), 'of line breaks between members no more than their kind is lost')
    t.strictSame(JSON.parse(data).set, JSON.parse(body))
    await patch(id, { last: 1 })
    t.equal((await reader.next()).event, 'change')
    t.equal(reader.events.length, 3)
    const again = await watch(KEY, eventsOf(id))
    t.strictSame((await again.nextOf('snapshot')).settings, { ...JSON.parse(body), last: 1 })
    for (const one of [reader, again]) one.close()
  })

  t.test('long values reach every reader, and are read few times', async (t) => {
    const id = await begin()
    const readers = await Promise.all(
      Array.from({ length: 30 }, async (_, i) =>
        watch(i % 2 ? KEY : await mint(id, { scope: 'read events' }), eventsOf(id)),
      ),
    )
    await Promise.all(readers.map((reader) => reader.nextOf('snapshot')))
    if (redis) await resetCommands(redis)
    const long = 'x'.repeat(40_000)
    await patch(id, { long, short: 1 })
    for (const reader of readers) t.strictSame((await reader.nextOf('change')).set, { long, short: 1 })
    if (redis) t.ok(((await counted(redis)).hgetall ?? 0) <= 3, 'readers share what was read')
    await Promise.all([1, 2, 3, 4, 5, 6].map((n) => patch(id, { long: `${n}${long}`, [n]: 1 })))
    const { etag, json } = await read(id)
    for (const reader of readers) {
      await reader.until(() => `"${reader.lastEventId()}"` === etag, 'it holds the last state')
      t.same(fold(reader), json)
      reader.close()
    }
    if (redis) t.ok(((await counted(redis)).hgetall ?? 0) <= 20, `${(await counted(redis)).hgetall} reads`)
  })

  t.test('of 200 writes by two writers nothing is missed, and each follows the one before', async (t) => {
    const id = await begin({ n: 0 })
    const reader = await watch(KEY, eventsOf(id))
    await reader.next()
    const etags = new Map<number, string>()
    const write = async (writer: typeof service, name: string): Promise<void> => {
      for (let i = 0; i < 100; i++) {
        const body = i % 3 === 2 ? { [`${name}${i - 1}`]: null, n: `${name}${i}` } : { [`${name}${i}`]: i }
        const { etag } = await writer.call(KEY, 'PATCH', settingsOf(id), body)
        etags.set(Number.parseInt(etag.slice(1), 10), etag.slice(1, -1))
      }
    }
    await Promise.all([write(service, 'a'), write(another, 'b')])
    const { etag, json } = await read(id)
    await reader.until(() => `"${reader.lastEventId()}"` === etag, 'it holds the last state')
    t.same(fold(reader), json)
    const changes = reader.events.slice(1)
    t.ok(changes.every(({ event }) => event === 'change'))
    t.strictSame(
      changes.map((event) => dataOf(event).revision),
      Array.from({ length: 200 }, (_, i) => i + 2),
    )
    for (const event of changes) t.equal(event.id, etags.get(dataOf(event).revision))
    reader.close()
  })

  t.test('a write that changes nothing is not told, nor is a use', async (t) => {
    const id = await begin({ a: 1 })
    const reader = await watch(KEY, eventsOf(id))
    await reader.next()
    await patch(id, { a: 1 })
    await patch(id, { none: null })
    await another.call(KEY, 'POST', `/v1/sessions/${id}/touch`)
    await another.call(KEY, 'PATCH', settingsOf(id), { a: 3 }, { 'if-match': '"9-AAAAAAAA"' })
    const etag = await patch(id, { a: 2 })
    t.equal((await reader.next()).id, etag)
    t.equal(reader.events.length, 2)
    reader.close()
  })

  t.test('a narrow token never hears of a key outside its rule', async (t) => {
    const id = await begin({ 'ui.theme': 'dark', secretName: 'hidden' })
    const token = await mint(id, { scope: 'read events', keys: { read: ['ui.*'] } })
    const reader = await watch(token, eventsOf('current'))
    t.strictSame((await reader.nextOf('snapshot')).settings, { 'ui.theme': 'dark' })
    const [first, long] = [reader.lastEventId(), 'hidden'.repeat(500)]
    for (const body of [{ secretName: 'hidden too' }, { secretLong: long }, { secretName: null }]) {
      const seen = reader.lastEventId()
      await patch(id, body)
      await reader.until(() => reader.lastEventId() !== seen, 'its id moves on')
      t.equal(`"${reader.lastEventId()}"`, (await read(id, token)).etag, 'in its own form')
    }
    t.not(reader.lastEventId(), first)
    t.equal(reader.events.length, 1, 'and nothing else is told')
    await patch(id, { 'ui.theme': 'light', secretName: 'hidden' })
    t.strictSame(await reader.nextOf('change'), { revision: 5, set: { 'ui.theme': 'light' }, removed: [] })
    await patch(id, { 'ui.long': 'y'.repeat(2000), secretLong: `${long}2` })
    t.strictSame((await reader.nextOf('change')).set, { 'ui.long': 'y'.repeat(2000) })
    await patch(id, { 'ui.theme': null, secretName: null, secretLong: null })
    t.strictSame((await reader.nextOf('change')).removed, ['ui.theme'])
    t.notOk(/secret|hidden/.test(reader.text()))
    reader.close()
  })

  t.test('a view passes over its own echo, and holds the state all the same', async (t) => {
    const id = await begin({ a: 1 })
    const reader = await watch(KEY, `${eventsOf(id)}?exceptOrigin=tab-1`)
    await reader.next()
    const own = await patch(id, { a: 2 }, { 'coatcheck-origin': 'tab-1' })
    await reader.until(() => reader.lastEventId() === own, 'its id moves on')
    await patch(id, { a: 3 }, { 'coatcheck-origin': 'tab-2' })
    t.match(await reader.nextOf('change'), { set: { a: 3 }, origin: 'tab-2' })
    t.equal(reader.events.length, 2)
    t.equal((await watch(KEY, `${eventsOf(id)}?exceptOrigin=a%0Ab`)).status, 400)
    reader.close()
  })

  t.test('a service may watch a missing session, and hears of its beginning', async (t) => {
    const id = randomUUID()
    const reader = await watch(KEY, eventsOf(id))
    t.strictSame(await reader.nextOf('snapshot'), { revision: 0, settings: {} })
    t.equal(reader.lastEventId(), '0')
    await another.call(KEY, 'POST', '/v1/sessions', { id, settings: { a: 1 }, idleTimeoutSeconds: 50 })
    t.strictSame(await reader.nextOf('change'), { revision: 1, set: { a: 1 }, removed: [] })
    t.equal(`"${reader.lastEventId()}"`, (await read(id)).etag)
    t.ok((await reader.nextOf('expiring')).expiresAt, 'its clocks are known at once')
    await another.call(KEY, 'DELETE', `/v1/sessions/${id}`)
    t.strictSame(await reader.nextOf('ended'), { reason: 'deleted' })
    await reader.end()
  })

  t.test('what stands in the way is a status, before there is a stream', async (t) => {
    const [id, ended] = [await begin({ a: 1 }), await begin({ a: 1 })]
    const [blind, dead] = [await mint(id, { scope: 'read write' }), await mint(ended, { scope: 'events' })]
    const revoked = await mint(id, { scope: 'events' })
    await another.call(KEY, 'DELETE', `/v1/sessions/${id}/tokens`)
    await another.call(KEY, 'DELETE', `/v1/sessions/${ended}`)
    const good = await mint(id, { scope: 'events' })
    for (const [credential, path, status] of [
      [KEY, eventsOf(ended), 410],
      [dead, eventsOf('current'), 410],
      [null, eventsOf(id), 401],
      ['rubbish', eventsOf(id), 401],
      [revoked, eventsOf(id), 401],
      [blind, eventsOf(id), 403],
      [good, eventsOf(ended), 404],
      [good, eventsOf(randomUUID()), 404],
      [good, '/v1/events', 403],
      [KEY, eventsOf('current'), 400],
      [KEY, eventsOf('no-uuid'), 400],
      [KEY, `${eventsOf(id)}?unknown=1`, 400],
      [KEY, `${eventsOf(id)}?touch=yes`, 400],
    ] as const) {
      const refused = await watch(credential, path)
      t.equal(refused.status, status, `${status} for ${path}`)
      t.match(refused.headers['content-type'], 'application/problem+json')
      refused.close()
    }
    const other = await watch(OTHER_KEY, eventsOf(id))
    t.strictSame((await other.nextOf('snapshot')).settings, {}, 'and another namespace has no such session')
    other.close()
  })

  if (redis) {
    t.test('what was missed while the connection was away is told after', async (t) => {
      const [id, quiet] = [await begin({ a: 1, b: 1 }), await begin({ a: 1 })]
      const token = await mint(id, { scope: 'events', keys: { read: ['a'] } })
      const [all, narrow] = [await watch(KEY, eventsOf(id)), await watch(token, eventsOf(id))]
      const other = await watch(KEY, eventsOf(quiet))
      for (const reader of [all, narrow, other]) await reader.nextOf('snapshot')
      const admin = new Redis(redis.port)
      t.teardown(() => admin.disconnect())
      t.ok(Number(await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')) > 0)
      await patch(id, { a: 2, b: null })
      t.strictSame(await all.nextOf('snapshot'), { revision: 2, settings: { a: 2 } })
      t.strictSame(await narrow.nextOf('snapshot'), { revision: 2, settings: { a: 2 } })
      await patch(id, { a: 3 })
      for (const reader of [all, narrow]) t.strictSame((await reader.nextOf('change')).set, { a: 3 })
      await patch(quiet, { a: 2 })
      t.equal((await other.next()).event, 'change', 'who missed nothing gets no snapshot')
      for (const reader of [all, narrow, other]) reader.close()
    })
  }
})
