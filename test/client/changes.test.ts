/** What a client hears of sessions, by a stream of one and by the feed of many, while lines are cut and the service goes and comes. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createEventReader, type ServerEvent } from '../../src/client/event-text.ts'
import { type ClientOptions, createClient, type SessionEvent } from '../../src/client/index.ts'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { startFront } from '../helpers/front.ts'
import { startReplica } from '../helpers/replica.ts'
import { until } from '../helpers/until.ts'

const api = await onLmdb(t, { expiringSeconds: 3600 })
const direct = `http://127.0.0.1:${api.port}`

const open = (t: Test, options: Partial<ClientOptions> = {}) => {
  const client = createClient({ url: direct, credential: KEYS.shop, ...options })
  t.teardown(() => client.close())
  return client
}

type Event = SessionEvent<Record<string, unknown>>

/** Takes what comes until it ends, and says how it ended. */
const gather = (stream: AsyncIterable<Event>) => {
  const events: Event[] = []
  const over = (async () => {
    for await (const event of stream) events.push(event)
    return 'done'
  })()
  over.catch(() => {})
  const holds = (): Record<string, unknown> | undefined => {
    const last = events.findLast((event) => 'settings' in event)
    return last && 'settings' in last ? last.settings : undefined
  }
  return { events, over, holds, until: (state: object) => until(() => isSame(holds(), state), JSON.stringify(state)) }
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
const sorted = (value: unknown) => (value === undefined ? value : Object.entries(value as object).sort())

t.test('events are read the same in whatever pieces they come', async (t) => {
  const read = (pieces: readonly string[]) => {
    const events: (ServerEvent | number)[] = []
    const take = createEventReader({ onEvent: (event) => events.push(event), onRetry: (ms) => events.push(ms) })
    for (const piece of pieces) take(piece)
    return events
  }
  const text =
    ':\n\nretry: 1500\n\nevent: snapshot\r\nid: 1-a\rdata: {"a":\ndata: 1}\n\nid: 2-b\n\ndata:x\n\nretry: 1s\nevent: gap\n\n' +
    'nonsense\nid: with\0nul\nevent: change\nid\ndata\n\ndata: no end'
  const whole = read([text])
  t.strictSame(whole, [
    1500,
    { name: 'snapshot', data: '{"a":\n1}', id: '1-a' },
    { name: '', data: '', id: '2-b' },
    { name: 'message', data: 'x', id: '2-b' },
    { name: 'change', data: '', id: '' },
  ])
  const cuts = fc.uniqueArray(fc.integer({ min: 0, max: text.length }))
  fc.assert(
    fc.property(cuts, (at) => {
      const places = [0, ...at.sort((a, b) => a - b), text.length]
      return isSame(read(places.slice(1).map((end, n) => text.slice(places[n], end))), whole)
    }),
  )
})

t.test('a stream that never ends an event does not fill the memory', (t) => {
  for (const piece of ['data: x', 'data: x\n', ': x\n'].map((text) => text.replace('x', 'x'.repeat(2 ** 20)))) {
    const take = createEventReader({ onEvent: () => {}, onRetry: () => {} })
    t.throws(() => {
      for (let n = 0; n < 20; n++) take(piece)
    }, /has no end/)
  }
  t.end()
})

t.test('a reader holds what there is, and hears of the end', async (t) => {
  const client = open(t)
  const writer = open(t, { origin: 'tab-2' })
  const id = randomUUID()
  const reader = gather(client.session(id).changes())
  await reader.until({})
  await writer.session(id).patch({ theme: 'dark', cart: [1] })
  await reader.until({ theme: 'dark', cart: [1] })
  const { etag } = await writer.session(id).patch({ theme: 'light' })
  await writer.session(id).remove('cart')
  await reader.until({ theme: 'light' })
  await client.session(id).rotate()
  t.equal(await reader.over, 'done')
  const [first, , second, third, last] = reader.events
  t.strictSame(first, { type: 'snapshot', settings: {}, revision: 0, etag: '0' })
  t.strictSame(second, {
    type: 'change',
    settings: { theme: 'light', cart: [1] },
    set: { theme: 'light' },
    removed: [],
    revision: 2,
    etag,
    origin: 'tab-2',
  })
  t.match(third, { type: 'change', removed: ['cart'], settings: { theme: 'light' } })
  t.strictSame(last, { type: 'ended', reason: 'rotated' })
  t.strictSame(await gather(client.session(id).changes()).over, 'done', 'one that is gone is told at once')

  const another = randomUUID()
  const own = gather(writer.session(another).changes({ exceptOrigin: 'tab-2' }))
  await own.until({})
  await writer.session(another).set('mine', 1)
  await client.session(another).set('other', 2)
  await own.until({ mine: 1, other: 2 })
  t.equal(own.events.filter(({ type }) => type === 'change').length, 1, 'its own echo is passed over, not what it set')
})

t.test('who breaks off lets go of the stream; a signal and a closed client end it', async (t) => {
  const client = open(t)
  const id = randomUUID()
  for (let n = 0; n < 40; n++) for await (const _ of client.session(id).changes()) break
  t.pass('40 streams one after the other, though 32 may be open')
  const controller = new AbortController()
  const [stopped, closed] = [
    gather(client.session(id).changes({ signal: controller.signal })),
    gather(client.session(id).changes()),
  ]
  await Promise.all([stopped.until({}), closed.until({})])
  controller.abort()
  t.equal(await stopped.over, 'done')
  client.close()
  t.equal(await closed.over, 'done')
})

t.test('a stream that is cut again and again misses nothing, and what it knows it is not told twice', async (t) => {
  const front = await startFront(t, api.port)
  const id = randomUUID()
  const session = open(t).session(id)
  await session.set('n', 0)
  const reader = gather(open(t, { url: front.url }).session(id).changes())
  await reader.until({ n: 0 })
  front.cut()
  await until(() => front.sent.length >= 2, 'it comes back')
  t.match(front.sent[1]?.headers['last-event-id'], /^1-/)
  await session.set('m', 0)
  await reader.until({ n: 0, m: 0 })
  t.equal(reader.events.filter(({ type }) => type === 'snapshot').length, 1)
  for (let n = 1; n <= 3; n++) {
    front.cut()
    await session.set('n', n)
  }
  await reader.until({ n: 3, m: 0 })
  front.cut()
  await session.end()
  t.equal(await reader.over, 'done')
  t.strictSame(reader.events.at(-1), { type: 'ended', reason: 'deleted' })
})

t.test('a refusal that stays ends the stream with what it was', async (t) => {
  const session = open(t).session(randomUUID())
  await session.set('a', 1)
  const ALL = { read: ['*'], write: ['*'] }
  const deaf = await session.token({ scope: 'read', keys: ALL })
  const denied = gather(open(t, { credential: deaf }).session('current').changes())
  await t.rejects(denied.over, { code: 'insufficient_scope' })

  const scope = 'read events'
  const first = await session.token({ scope, keys: ALL })
  const revoked = gather(open(t, { credential: first }).session('current').changes())
  const asked: string[] = []
  const credential = async () => {
    const { access_token } = await session.token({ scope, keys: { read: ['a'], write: [] } })
    asked.push(access_token)
    return access_token
  }
  const renewed = gather(open(t, { credential }).session('current').changes())
  await Promise.all([revoked.until({ a: 1 }), renewed.until({ a: 1 })])
  await session.revokeTokens()
  await t.rejects(revoked.over, { code: 'invalid_credential' })
  await session.patch({ a: 2, b: 1 })
  await renewed.until({ a: 2 })
  t.equal(asked.length, 2, 'who can get another credential goes on')
})

t.test('one feed serves many readers, by state', async (t) => {
  const front = await startFront(t, api.port)
  const feed = open(t, { url: front.url }).feed()
  const client = open(t)
  const ids = Array.from({ length: 150 }, () => randomUUID())
  await Promise.all(ids.map((id, n) => (n % 3 === 0 ? undefined : client.session(id).set('n', n))))
  const readers = ids.map((id) => gather(feed.changes(id.toUpperCase())))
  await Promise.all(readers.map((reader, n) => reader.until(n % 3 === 0 ? {} : { n })))
  const streams = () => front.sent.filter(({ path }) => path.startsWith('/v1/events')).length
  const batches = () => front.sent.filter(({ path }) => path.endsWith('/batch')).length
  t.equal(streams(), 1)
  t.ok(batches() <= 4, `${batches()} batches for 150 sessions`)

  const [id = ''] = ids
  const [first] = readers
  const before = batches()
  const sibling = gather(feed.changes(id))
  await sibling.until({})
  t.equal(batches(), before, 'a second tab costs no call')
  await client.session(id).patch({ a: 1, o: { b: [] } })
  await client.session(id).remove('a')
  await Promise.all([first, sibling].map((reader) => reader?.until({ o: { b: [] } })))
  t.equal(batches(), before, 'a change is told and not read')

  front.cut()
  await Promise.all(ids.map((each) => client.session(each).set('later', true)))
  await Promise.all(
    readers.map((reader, n) =>
      reader.until(n === 0 ? { o: { b: [] }, later: true } : n % 3 === 0 ? { later: true } : { n, later: true }),
    ),
  )
  t.ok(streams() >= 2, 'the feed has come back, and what it missed was read')

  await client.session(id).end()
  t.strictSame([await first?.over, await sibling.over], ['done', 'done'])
  t.strictSame(sibling.events.at(-1), { type: 'ended', reason: 'deleted' })
  t.strictSame((await gather(feed.changes(id)).over) && 'told', 'told', 'also to who comes later')
  front.cut()
  const [, second = ''] = ids
  await client.session(second).end()
  t.equal(await readers[1]?.over, 'done', 'an end that was missed is found')
  feed.close()
  t.equal(await readers[2]?.over, 'done')
})

t.test('rapid writes while it reads end in the state of the store', async (t) => {
  const feed = open(t).feed()
  const client = open(t)
  const id = randomUUID()
  const reader = gather(feed.changes(id))
  await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      await client.session(id).set(`k${n % 20}`, n)
      if (n % 50 === 0) gather(feed.changes(id))
    }),
  )
  const state = await client.session(id).get()
  await reader.until(state)
  const revisions = reader.events.flatMap((event) => ('revision' in event ? [event.revision] : []))
  t.strictSame(
    revisions,
    revisions.toSorted((a, b) => a - b),
    'never back',
  )
})

t.test('a service that is killed and comes back is heard again by itself', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-client-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const replica = await startReplica(t, { COATCHECK_STORE: `lmdb:${folder}` })
  const id = randomUUID()
  const client = open(t, { url: `http://127.0.0.1:${replica.port}` })
  const feed = client.feed()
  await client.session(id).set('theme', 'dark')
  const readers = [gather(client.session(id).changes()), gather(feed.changes(id))]
  await Promise.all(readers.map((reader) => reader.until({ theme: 'dark' })))
  await replica.kill()
  const waiting = client.session(id).set('theme', 'light', { timeoutMs: 30_000 })
  await replica.start()
  await waiting
  await Promise.all(readers.map((reader) => reader.until({ theme: 'light' })))
  t.pass('both have gone on')
})
