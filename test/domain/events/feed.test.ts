/** A namespace's feed after its line lapsed: what comes then may go on from what is lost, so the gap is told first. */
import t from 'tap'
import { createFeeds, type FeedEvent } from '../../../src/domain/events/feed.ts'
import type { Notice } from '../../../src/store/port.ts'
import { until } from '../../helpers/until.ts'

type Feeds = Parameters<typeof createFeeds>[0]
type Listener = Parameters<Feeds['watch']['namespace']>[1]

const ID = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'

const changeTo = (revision: number): Notice =>
  ({
    kind: 'changed',
    ref: { namespace: 'app', id: ID },
    before: { revision: revision - 1, tag: Buffer.alloc(6, revision - 1).toString('base64url') },
    after: { revision, tag: Buffer.alloc(6, revision).toString('base64url') },
    at: null,
    origin: null,
    set: new Map([['a', String(revision)]]),
    removed: [],
    isWhole: true,
  }) as unknown as Notice

t.test('what comes while a gap is due is told after it, and names what it goes on from', async (t) => {
  let listener: Listener | undefined
  const watch = {
    namespace: async (_: string, one: Listener) => {
      listener = one
      return () => {}
    },
  } as unknown as Feeds['watch']
  const told: FeedEvent[] = []
  const { open } = createFeeds({
    watch,
    streams: {},
    now: () => 0,
    observe: { changeTold: () => {} },
  } as unknown as Feeds)
  const feed = await open({
    caller: { kind: 'api-key', namespace: 'app', may: ['read', 'events'], keys: { read: ['*'], write: ['*'] } },
    ids: null,
    exceptOrigin: null,
    send: (event: FeedEvent) => told.push(event),
    reader: { isBehind: () => false, caughtUp: async () => {} },
  } as unknown as Parameters<typeof open>[0])
  t.teardown(() => feed.close())
  listener?.notice(changeTo(5))
  await until(() => told.length === 2, 'the change is told')
  listener?.lapsed()
  listener?.notice(changeTo(6))
  await until(() => told.length === 4, 'the gap and the change are told')
  t.strictSame(
    told.map(({ event }) => event),
    ['gap', 'change', 'gap', 'change'],
  )
  const [before, , after] = told.slice(1) as { etag?: string; previousEtag?: string }[]
  t.equal(after?.previousEtag, before?.etag)
})
