/**
 * The release before runs beside the present one on one Redis and on a Cluster, and is put back. What each leaves the other
 * finds, and docs/operation/upgrading.md says no more and no less than what is seen here.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Api, KEYS, newSession } from '../helpers/app.ts'
import { dataOf, type EventData, openEvents, type Reader } from '../helpers/events.ts'
import { BROWSER, HANDED_ON } from '../helpers/handed-on.ts'
import { STEADY_CLUSTER, startCluster } from '../helpers/redis-cluster.ts'
import { type RedisServer, startRedis } from '../helpers/redis-server.ts'
import { presentRelease, type Release, releaseBefore, type StartRelease } from '../helpers/release-before.ts'
import { until } from '../helpers/until.ts'
import { root } from '../scripts/project.ts'

const before = await releaseBefore()

const TOLD = 'what replicas tell each other'
const SECRETS = 'signing keys and cookie secrets'
const SECOND = 'a session that knows when it was bound'

/** A configuration that both releases know, in a file of its own. */
const configured = (t: Test, more: object = {}): Record<string, string> => {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-release-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'coatcheck.json')
  writeFileSync(path, JSON.stringify({ namespaces: { shop: { browser: BROWSER, ...more } } }))
  return { COATCHECK_CONFIG: path, COATCHECK_SWEEP_INTERVAL_SECONDS: '1' }
}

type Topology = { readonly url: string; readonly masters: readonly RedisServer[] }

const oneRedis = async (t: Test): Promise<Topology> => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  return { url: redis.url, masters: [redis] }
}

const cluster = async (t: Test): Promise<Topology> => {
  const { url, servers } = await startCluster(t, STEADY_CLUSTER)
  return { url, masters: servers.slice(0, 3) }
}

/** The first byte of each stored thing of a kind: the form that it has. */
const formsOf = async ({ masters }: Topology, kind: 's' | 'h', field?: 'r' | 't'): Promise<number[]> => {
  const forms = new Set<number>()
  for (const master of masters) {
    for (const key of (await master.callBuffer('KEYS', `cc:{*}:${kind}:*`)) as Buffer[]) {
      const found = field ? master.callBuffer('HGET', key, field) : master.callBuffer('GET', key)
      const packed = (await found) as Buffer | null
      if (packed) forms.add(packed[0] as number)
    }
  }
  return [...forms].sort()
}

/** What each release was seen to do with each row of the table in docs/operation/upgrading.md. */
const seen = new Map<string, Map<string, Set<string>>>()

const saw = (release: Release, does: 'reads' | 'writes' | 'refuses', stored: string): void => {
  const row = seen.get(stored) ?? new Map<string, Set<string>>()
  seen.set(stored, row.set(release.name, (row.get(release.name) ?? new Set()).add(does)))
}

const open = (of: Release, path: string, key: string = KEYS.shop): Promise<Reader> =>
  openEvents(of.port, path, { authorization: `Bearer ${key}` })

const handsOn = async (t: Test, from: Release, to: Release): Promise<void> => {
  for (const [name, stored, leave] of HANDED_ON) {
    await t.test(name, async (t) => {
      const find = await leave(t, from)
      await find(to)
      saw(from, 'writes', stored)
      saw(to, 'reads', stored)
    })
  }
}

/** The next event of that kind. A feed says `gap` whenever it may have missed something, which is no fault. */
const nextOf = async (reader: Reader, kind: string): Promise<EventData> => {
  for (;;) {
    const event = await reader.next()
    if (event.event === kind) return dataOf(event)
    if (event.event !== 'gap') throw new Error(`There came ${event.event} ${event.data}, where ${kind} was awaited.`)
  }
}

/** Each hears at once of what the other does. */
const tells = async (t: Test, from: Release, to: Release): Promise<void> => {
  const session = newSession()
  await from.call('PATCH', `${session}/settings`, { body: { theme: 'dark' } })
  const [own, all] = [await open(to, `${session}/events`), await open(to, '/v1/events')]
  t.teardown(() => [own, all].map((reader) => reader.close()))
  const snapshot = await own.nextOf('snapshot')
  t.strictSame(snapshot.settings, { theme: 'dark' })
  await all.nextOf('gap')
  const { headers } = await from.call('PATCH', `${session}/settings`, {
    body: { theme: 'light', gone: 1 },
    headers: { 'coatcheck-origin': 'tab-1' },
  })
  for (const reader of [own, all]) {
    const change = await nextOf(reader, 'change')
    t.match(change, { revision: 2, set: { theme: 'light', gone: 1 }, removed: [], origin: 'tab-1' })
  }
  t.equal(`"${own.lastEventId()}"`, headers.etag, 'the id of the event is the ETag')
  await from.call('PATCH', `${session}/settings`, { body: { gone: null, big: 'x'.repeat(2000) } })
  t.match(await own.nextOf('change'), { revision: 3, set: { big: /^x{2000}$/ }, removed: ['gone'] }, 'a long text')
  await nextOf(all, 'change')

  const { json } = await from.call('POST', `${session}/tokens`, {
    body: { scope: 'read events', keys: { read: ['*'], write: ['*'] } },
  })
  const byToken = await open(
    to,
    '/v1/sessions/current/events',
    (json as unknown as { access_token: string }).access_token,
  )
  t.teardown(() => byToken.close())
  await byToken.nextOf('snapshot')
  await from.call('DELETE', `${session}/tokens`)
  t.match(await byToken.nextOf('unauthorized'), { reason: 'revoked' }, 'a revocation')

  const moved = (await from.call('POST', `${session}/rotate`, { body: {} })).json.id
  for (const reader of [own, all]) t.match(await nextOf(reader, 'ended'), { reason: 'rotated' })
  const next = await open(to, `/v1/sessions/${moved}/events`)
  t.teardown(() => next.close())
  t.match(await next.nextOf('snapshot'), { revision: 3 })
  await from.call('DELETE', `/v1/sessions/${moved}`)
  t.match(await next.nextOf('ended'), { reason: 'deleted' })
  saw(from, 'writes', TOLD)
  saw(to, 'reads', TOLD)
}

/** A session that is over by its clock is told by both, whoever sweeps. */
const sweeps = async (t: Test, ...releases: readonly Release[]): Promise<void> => {
  const body = { idleTimeoutSeconds: 1, settings: { a: 1 } }
  const { id } = (await (releases[0] as Release).call('POST', '/v1/sessions', { body })).json
  const readers = await Promise.all(releases.map((one) => open(one, `/v1/events?ids=${id}`)))
  t.teardown(() => readers.map((reader) => reader.close()))
  const ended = (reader: Reader) => reader.events.some(({ event, data }) => event === 'ended' && data.includes('idle'))
  for (const reader of readers) await reader.until(() => ended(reader), 'the end of a session by its clock is told')
  t.pass('told by both')
}

/** Both write one session at the same time, also inside one value. */
const writeTogether = async (t: Test, ...releases: readonly Release[]): Promise<void> => {
  const session = newSession()
  const EACH = 100
  const calls = releases.flatMap((release, who) =>
    Array.from({ length: EACH }, async (_, i) => {
      const add = await release.call('POST', `${session}/settings/n/increment`)
      const inside = { body: { map: { [`${who}-${i}`]: i } }, type: 'application/merge-patch+json' }
      const put = await release.call('PATCH', `${session}/settings`, inside)
      return [add.status, put.status]
    }),
  )
  const statuses = (await Promise.all(calls)).flat()
  t.ok(statuses.every((status) => status < 300))
  const settings = (await (releases[0] as Release).call('GET', `${session}/settings`)).json as unknown as {
    n: number
    map: object
  }
  t.equal(settings.n, EACH * releases.length)
  t.equal(Object.keys(settings.map).length, EACH * releases.length)
}

const signingKeys = async (of: Pick<Api, 'call'>): Promise<string> =>
  (await of.call('GET', '/.well-known/jwks.json', { key: null })).text

for (const [topology, startTopology, first] of [
  ['one Redis', oneRedis, 'before'],
  ['a Cluster', cluster, 'present'],
] as const) {
  t.test(`side by side on ${topology}, the ${first} one first`, async (t) => {
    const place = await startTopology(t)
    const env = { COATCHECK_STORE: place.url, ...configured(t) }
    const starts: Readonly<Record<string, StartRelease>> = { before, present: presentRelease }
    // The first one makes the signing keys and cookie secrets.
    const started = new Map([[first as string, await (starts[first] as StartRelease)(t, env)]])
    const second = first === 'before' ? 'present' : 'before'
    started.set(second, await (starts[second] as StartRelease)(t, env))
    const [old, present] = [started.get('before') as Release, started.get('present') as Release]

    const isSame = async (): Promise<boolean> => (await signingKeys(old)) === (await signingKeys(present))
    await until(isSame, 'they sign with the same keys')
    saw(started.get(first) as Release, 'writes', SECRETS)
    saw(started.get(second) as Release, 'reads', SECRETS)
    await t.test('what the one before leaves', (t) => handsOn(t, old, present))
    await t.test('what the present one leaves', (t) => handsOn(t, present, old))
    await t.test('the one before tells', (t) => tells(t, old, present))
    await t.test('the present one tells', (t) => tells(t, present, old))
    await t.test('ends by a clock', (t) => sweeps(t, old, present))
    await t.test('both write one session', (t) => writeTogether(t, old, present))

    await t.test('the one before is put back', async (t) => {
      const finds: (() => Promise<void>)[] = []
      let back: Release | undefined
      for (const [name, , leave] of HANDED_ON) {
        const find = await leave(t, present)
        finds.push(async () => {
          t.comment(name)
          await find(back as Release)
        })
      }
      await Promise.all([old.end(), present.end()])
      t.strictSame(await formsOf(place, 's', 'r'), [1], 'every session is of form 1')
      t.strictSame(await formsOf(place, 's', 't'), [1], 'every tombstone')
      t.strictSame(await formsOf(place, 'h'), [1], 'every hand-off')
      back = await before(t, env)
      for (const find of finds) await find()
    })
  })
}

t.test('on LMDB, one after the other in one folder', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-release-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const env = { COATCHECK_STORE: `lmdb:${folder}`, ...configured(t) }
  let serving = await before(t, env)
  for (const start of [presentRelease, before]) {
    const finds: (readonly [string, (to: Release) => Promise<unknown>])[] = []
    for (const [name, , leave] of HANDED_ON) finds.push([name, await leave(t, serving)])
    await serving.end()
    serving = await start(t, env)
    for (const [name, find] of finds) {
      t.comment(`${name}, found by ${serving.name}`)
      await find(serving)
    }
  }
})

t.test(
  'the second form of a session is written only where it is asked for, and the one before refuses it',
  async (t) => {
    const place = await oneRedis(t)
    const COATCHECK_STORE = place.url
    const limits = { sessionsPerSubject: { most: 3, beyond: 'end-oldest' } }
    const old = await before(t, { COATCHECK_STORE, ...configured(t) })
    const limited = await presentRelease(t, { COATCHECK_STORE, ...configured(t, limits) })
    const plain = newSession()
    await limited.call('PATCH', `${plain}/settings`, { body: { theme: 'dark' } })
    t.strictSame(await formsOf(place, 's', 'r'), [1], 'one that is not bound has the first')

    const subject = '/v1/subjects/sam/sessions'
    const { id } = (await limited.call('POST', '/v1/sessions', { body: { subject: 'sam', settings: { a: 1 } } })).json
    const session = `/v1/sessions/${id}`
    t.strictSame(await formsOf(place, 's', 'r'), [1, 2])
    saw(limited, 'writes', SECOND)
    for (const [method, path, body] of [
      ['GET', session, undefined],
      ['PATCH', `${session}/settings`, { a: 2 }],
      ['POST', `${session}/touch`, undefined],
      ['DELETE', session, undefined],
      ['GET', subject, undefined],
      ['DELETE', subject, undefined],
      ['POST', '/v1/sessions/batch', { ids: [id] }],
    ] as const) {
      const { status, text } = await old.call(method, path, { body })
      t.equal(status, 500, `${method} ${path}: ${text}`)
    }
    saw(old, 'refuses', SECOND)
    t.equal((await old.call('GET', `${plain}/settings`)).text, '{"theme":"dark"}', 'it serves all others')
    await limited.end()

    const present = await presentRelease(t, { COATCHECK_STORE, ...configured(t) })
    t.equal((await present.call('GET', `${session}/settings`)).text, '{"a":1}', 'and has done nothing to it')
    t.equal((await present.call('PATCH', `${session}/settings`, { body: { a: 3 } })).status, 204)
    saw(present, 'reads', SECOND)
    await present.call('POST', '/v1/sessions', { body: { subject: 'kim' } })
    t.strictSame(await formsOf(place, 's', 'r'), [1, 2], 'what has it keeps it')
    // As the page says of going back.
    t.match((await present.call('DELETE', subject)).json, { ended: 1 })
    await present.end()
    t.strictSame(await formsOf(place, 's', 'r'), [1])
    t.equal((await old.call('GET', session)).status, 410)
    t.equal((await old.call('GET', subject)).status, 200)
  },
)

t.test('docs/operation/upgrading.md says what was seen', async (t) => {
  const page = readFileSync(join(root, 'docs/operation/upgrading.md'), 'utf8')
  const [, table = ''] = /\n\| stored \|[^\n]*\n\|[- |]*\n((?:\|[^\n]*\n)+)/.exec(page) ?? []
  const rows = table
    .trimEnd()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
  // A cell says the condition after what is done.
  const done = (cell = ''): string[] => cell.replace(/ (where|if) .*/, '').split(', ')
  const said = rows.map(([, stored, , old, present]) => [stored, done(old), done(present)])
  const found = [...seen].map(([stored, by]) => [
    stored,
    ...['the release before', 'the present release'].map((name) => [...(by.get(name) ?? [])].sort()),
  ])
  t.strictSame(said.sort(), found.sort())
})
