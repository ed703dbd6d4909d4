/** Streams as answers: who may open how many, what browsers see of them, readers that don't read; and a namespace's feed. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request, type ServerResponse } from 'node:http'
import { Redis } from 'ioredis'
import t from 'tap'
import { dataOf, eventsOf, listen, type Reader, type ServerEvent } from '../helpers/events.ts'
import { ALL, KEY, OTHER_KEY, onEachStore, PAGE, type Service, startService } from '../helpers/token-app.ts'
import { until } from '../helpers/until.ts'

const SESSION_LIMIT = 32
const UNREAD_BYTES = 256 * 1024

onEachStore(
  t,
  async (t, { service, another, store, redis }) => {
    const { begin, mint } = service
    const watch = await listen(service)
    const patch = async (id: string, body: unknown, headers: Record<string, string> = {}) => {
      const { status, etag } = await another.call(KEY, 'PATCH', `/v1/sessions/${id}/settings`, body, headers)
      if (status >= 300) throw new Error(`The write was answered ${status}.`)
      return etag.slice(1, -1)
    }

    t.test('the answer is for its reader alone, and not to be gathered', async (t) => {
      const id = await begin({ a: 1 })
      const token = await mint(id, { scope: 'events' })
      const reader = await watch(token, eventsOf(id), { origin: PAGE })
      const foreign = await watch(token, eventsOf(id), { origin: 'https://evil.example' })
      t.match(reader.headers, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'private, no-cache',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
        'access-control-allow-origin': PAGE,
        'access-control-allow-credentials': 'true',
      })
      for (const name of ['Authorization', 'Cookie', 'Origin']) t.match(reader.headers.vary, name)
      t.equal(foreign.headers['access-control-allow-origin'], undefined)
      for (const one of [reader, foreign]) one.close()
    })

    t.test('HEAD answers the head alone', async (t) => {
      const id = await begin({ a: 1 })
      for (const path of [eventsOf(id), '/v1/events']) {
        const { status, headers, end, text } = await watch(KEY, path, {}, 'HEAD')
        await end()
        t.strictSame([status, text()], [200, ''])
        t.match(headers['content-type'], 'text/event-stream')
      }
    })

    t.test('a session has so many streams at most, and gets back those that were closed', async (t) => {
      const [id, other] = [await begin(), await begin()]
      const token = await mint(id, { scope: 'events' })
      const readers = await Promise.all(
        Array.from({ length: SESSION_LIMIT }, (_, i) => watch(i % 2 ? token : KEY, eventsOf(id))),
      )
      t.ok(readers.every(({ status }) => status === 200))
      for (const credential of [KEY, token]) {
        const refused = await watch(credential, eventsOf(id))
        t.equal(refused.status, 429)
        t.ok(Number(refused.headers['retry-after']) > 0)
        await refused.end()
        t.match(JSON.parse(refused.text()), { code: 'too_many_streams', limit: SESSION_LIMIT })
      }
      const free = await watch(KEY, eventsOf(other))
      t.equal(free.status, 200)
      readers[0]?.close()
      await until(async () => {
        const again = await watch(KEY, eventsOf(id))
        readers.push(again)
        return again.status === 200
      }, 'there is room again')
      for (const one of [...readers, free]) one.close()
    })

    t.test('who leaves before the stream begins holds no place', async (t) => {
      const id = await begin()
      let open = (): void => {}
      const gate = new Promise<void>((resolve) => {
        open = resolve
      })
      const read: typeof store.read = async (ref) => gate.then(() => store.read(ref))
      const slow = await startService({ ...store, read })
      t.teardown(() => slow.close())
      const watchSlowly = await listen(slow)
      const { port } = slow.app.server.address() as { port: number }
      const answers: ServerResponse[] = []
      slow.app.server.on('request', (_, answer) => answers.push(answer))
      const leaving = Array.from({ length: SESSION_LIMIT }, () => {
        const headers = { authorization: `Bearer ${KEY}` }
        const one = request({ host: '127.0.0.1', port, path: eventsOf(id), headers, agent: false })
        one.on('error', () => {}).end()
        return one
      })
      await until(() => answers.length === SESSION_LIMIT, 'all have asked')
      for (const one of leaving) one.destroy()
      await until(() => answers.every(({ destroyed }) => destroyed), 'all have left')
      open()
      const readers = await Promise.all(Array.from({ length: SESSION_LIMIT }, () => watchSlowly(KEY, eventsOf(id))))
      t.ok(readers.every(({ status }) => status === 200))
      for (const reader of readers) reader.close()
    })

    type Tap = typeof t

    /** A reader that does not read, with what the service holds for it. */
    const lazyReader = async (of: Service, by: typeof watch, id: string, path = eventsOf(id)) => {
      const asked = once(of.app.server, 'request')
      const lazy = await by(KEY, path)
      const answer = (await asked)[1] as ServerResponse
      await lazy.nextOf(path === '/v1/events' ? 'gap' : 'snapshot')
      lazy.pause()
      return { lazy, answer }
    }

    /** Writes long texts until so much waits for a reader that no more is added; answers the last number written. */
    const fill = async (
      t: Tap,
      id: string,
      answer: ServerResponse,
      isTold: (etag: string) => Promise<void>,
    ): Promise<number> => {
      const long = 'x'.repeat(60_000)
      let [n, most, times] = [0, 0, 0]
      while (times < 5 && n < 500) {
        await isTold(await patch(id, { n: ++n, long: `${n}${long}` }))
        const waiting = answer.writableLength
        times = waiting > UNREAD_BYTES && waiting <= most ? times + 1 : 0
        most = Math.max(most, waiting)
      }
      t.equal(times, 5, `after ${n} writes nothing more is added`)
      t.ok(most > UNREAD_BYTES && most <= UNREAD_BYTES + 70_000, `${most} bytes wait for it at most`)
      return n
    }

    t.test('a reader that does not read holds little, and has the state when it reads again', async (t) => {
      const id = await begin({ n: 0 })
      const { lazy, answer } = await lazyReader(service, watch, id)
      const eager = await watch(KEY, eventsOf(id))
      await eager.nextOf('snapshot')
      const isTold = (etag: string) => eager.until(() => eager.lastEventId() === etag, 'the other gets it')
      const n = await fill(t, id, answer, isTold)
      const etag = await patch(id, { long: null })
      await isTold(etag)
      t.equal(eager.events.length, n + 2)
      lazy.resume()
      await lazy.until(() => lazy.lastEventId() === etag, 'it gets the state')
      const last = lazy.events.at(-1) as ServerEvent
      t.strictSame([last.event, dataOf(last)], ['snapshot', { revision: n + 2, settings: { n } }])
      t.ok(lazy.events.length < n, 'and not all that was before')
      await patch(id, { n: -1 })
      await lazy.until(() => dataOf(lazy.events.at(-1) as ServerEvent).set?.n === -1, 'and goes on')
      for (const one of [eager, lazy]) one.close()
    })

    t.test('so does a reader of the feed, which is told that it has missed something', async (t) => {
      const id = await begin({ n: 0 })
      const { lazy, answer } = await lazyReader(service, watch, id, '/v1/events')
      const eager = await watch(KEY, '/v1/events')
      await fill(t, id, answer, (etag) =>
        eager.until(() => eager.events.some((one) => dataOf(one).etag === etag), 'the other gets it'),
      )
      const before = lazy.events.length
      lazy.resume()
      await lazy.until(() => lazy.events.slice(before).some(({ event }) => event === 'gap'), 'it is told')
      const etag = await patch(id, { long: null })
      await lazy.until(() => lazy.events.some((one) => dataOf(one).etag === etag), 'and it goes on')
      for (const one of [eager, lazy]) one.close()
    })

    t.test('a reader that takes nothing for too long is cut off', async (t) => {
      const hasty = await startService(store, { catchUpMs: 100 })
      t.teardown(() => hasty.close())
      const id = await begin({ n: 0 })
      const { lazy, answer } = await lazyReader(hasty, await listen(hasty), id)
      const long = 'x'.repeat(60_000)
      for (let n = 0; !answer.destroyed && n < 500; n++) await patch(id, { long: `${n}${long}` })
      await until(() => answer.destroyed, 'it is cut off')
      lazy.close()
    })

    t.test("the feed tells of all the namespace's sessions, and of no other's", async (t) => {
      const feed = await watch(KEY, '/v1/events')
      const [other, quiet] = [await watch(OTHER_KEY, '/v1/events'), await watch(KEY, '/v1/events?exceptOrigin=tab-1')]
      for (const one of [feed, other, quiet]) t.strictSame(await one.nextOf('gap'), {}, 'what was before is not told')
      const id = await begin({ a: 1 })
      const first = await feed.nextOf('change')
      t.match(first, { id, previousEtag: '0', revision: 1, set: { a: 1 }, removed: [] })
      t.match(await quiet.nextOf('change'), { id })
      const etag = await patch(id, { a: null, long: 'x'.repeat(3000) }, { 'coatcheck-origin': 'tab-1' })
      t.strictSame(await feed.nextOf('change'), {
        id,
        etag,
        previousEtag: first.etag,
        revision: 2,
        set: { long: 'x'.repeat(3000) },
        removed: ['a'],
        origin: 'tab-1',
      })
      t.equal(feed.lastEventId(), '', 'it has no position of its own')
      const { json } = await another.call(KEY, 'POST', `/v1/sessions/${id}/rotate`)
      const told = [await feed.next(), await feed.next()].map((event) => [event.event, dataOf(event).id])
      t.ok(told.some(([event, of]) => event === 'ended' && of === id))
      t.ok(told.some(([, of]) => of === json.id))
      t.match(await quiet.nextOf('ended'), { id, reason: 'rotated' })
      const theirs = randomUUID()
      await another.call(OTHER_KEY, 'PATCH', `/v1/sessions/${theirs}/settings`, { b: 1 })
      t.match(await other.nextOf('change'), { id: theirs })
      t.equal(other.events.length, 2)
      t.notOk(feed.text().includes(theirs))
      for (const one of [feed, other, quiet]) one.close()
    })

    t.test('a feed of some ids tells each by state, and goes on when one has ended', async (t) => {
      const [one, two, gone, third] = [await begin({ a: 1 }), await begin({ a: 2 }), await begin(), await begin()]
      await another.call(KEY, 'DELETE', `/v1/sessions/${gone}`)
      const missing = randomUUID()
      const ids = [one, two.toUpperCase(), gone, missing, one].join(',')
      const feed = await watch(KEY, `/v1/events?ids=${ids}&exceptOrigin=tab-1`)
      const first = [await feed.next(), await feed.next(), await feed.next(), await feed.next()]
      t.strictSame(
        first.map((event) => [event.event, dataOf(event).id]).sort(),
        [
          ['ended', gone],
          ['snapshot', missing],
          ['snapshot', one],
          ['snapshot', two],
        ].sort(),
      )
      await patch(third, { a: 1 })
      await patch(two, { own: 1 }, { 'coatcheck-origin': 'tab-1' })
      await another.call(KEY, 'DELETE', `/v1/sessions/${one}`)
      t.strictSame(await feed.nextOf('ended'), { id: one, reason: 'deleted' })
      const etag = await patch(two, { a: 3 })
      t.strictSame(await feed.nextOf('change'), { id: two, etag, revision: 3, set: { a: 3 }, removed: [] })
      await patch(missing, { a: 1 })
      t.match(await feed.nextOf('change'), { id: missing, revision: 1 })
      feed.close()
    })

    t.test('the snapshots of many sessions arrive, however much they are', async (t) => {
      const long = 'x'.repeat(30_000)
      const ids: string[] = []
      for (let i = 0; i < 100; i++) ids.push(await begin({ i, long }))
      const feed = await watch(KEY, `/v1/events?ids=${ids}`)
      await feed.until(() => feed.events.length === 100 || feed.isOver(), 'all arrive')
      t.strictSame(feed.events.map((event) => dataOf(event).id).sort(), ids.sort())
      await patch(String(ids[0]), { i: 200 })
      await feed.until(() => feed.events.length === 101 || feed.isOver(), 'and it goes on')
      t.notOk(feed.isOver())
      feed.close()
    })

    t.test('ids that are none, or too many', async (t) => {
      for (const [ids, status, code] of [
        ['', 400, 'invalid_request'],
        ['x', 400, 'invalid_request'],
        [`${randomUUID()},`, 400, 'invalid_request'],
        [Array.from({ length: 101 }, () => randomUUID()).join(), 422, 'limit_exceeded'],
      ] as const) {
        const refused = await watch(KEY, `/v1/events?ids=${ids}`)
        await refused.end()
        t.equal(refused.status, status)
        t.equal(JSON.parse(refused.text()).code, code)
      }
    })

    if (redis) {
      t.test('a feed says when something may have been missed, once; a feed of ids tells what was', async (t) => {
        const id = await begin({ a: 1 })
        const [feed, narrowed] = [await watch(KEY, '/v1/events'), await watch(KEY, `/v1/events?ids=${id}`)]
        await feed.nextOf('gap')
        await narrowed.nextOf('snapshot')
        const admin = new Redis(redis.port)
        t.teardown(() => admin.disconnect())
        await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
        const etag = await patch(id, { a: 2 })
        t.strictSame(await narrowed.nextOf('snapshot'), { id, etag, revision: 2, settings: { a: 2 } })
        t.strictSame(await feed.nextOf('gap'), {})
        await patch(id, { a: 3 })
        const next: Reader[] = [feed, narrowed]
        for (const one of next) t.match(await one.nextOf('change'), { id, set: { a: 3 } })
        for (const one of next) one.close()
      })
    }
  },
  { browsers: { app: { keys: ALL, origins: [PAGE] } } },
)
