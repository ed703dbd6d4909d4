/** Puts everything into a store that one can hold, and looks at it by the port. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createCookieSecrets } from '../../src/domain/credentials/cookie-secrets.ts'
import { createSigningKeys } from '../../src/domain/credentials/signing-keys.ts'
import { drawId, idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import type { HandoffRef, Repeat, SessionRef, Store, SubjectRef, Write } from '../../src/store/port.ts'
import type { Item, Transfer } from '../../src/store/transfer.ts'

const LIFETIME_SECONDS = 3600
const CLOCKS = { idleTimeoutSeconds: 1200, lifetimeSeconds: LIFETIME_SECONDS }
const SUBJECT = 'jürgen@example.org'
const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

const WRITE: Write = {
  credential: null,
  create: 'if-missing',
  clocks: CLOCKS,
  writes: true,
  use: true,
  limits: { bytes: 1_000_000, keys: 10_000 },
}

const many = (count: number): [string, string][] =>
  Array.from({ length: count }, (_, i) => [`key ${i} ü`, JSON.stringify(`${i} ${'x'.repeat(i % 40)} 🦊`)])

export type Everything = {
  readonly sessions: readonly SessionRef[]
  readonly handoffs: readonly HandoffRef[]
  readonly subjects: readonly SubjectRef[]
  readonly repeats: readonly { ref: SessionRef; write: Write }[]
}

/** Also what is over soon, and what was over before. */
export const putEverything = async (store: Store): Promise<Everything> => {
  const sessions: SessionRef[] = []
  const repeats: { ref: SessionRef; write: Write }[] = []
  const begin = async (write: Partial<Write> = {}, namespace = 'shop'): Promise<SessionRef> => {
    const ref = { namespace, id: randomUUID() }
    sessions.push(ref)
    await store.write(ref, { ...WRITE, ...write })
    return ref
  }
  const repeat = (): Repeat => ({ key: hex(16), fingerprint: hex(16) })

  for (const keys of [0, 1, 5, 700]) await begin({ set: new Map(many(keys)) })
  await begin({ set: new Map([['long', JSON.stringify('y'.repeat(60_000))]]) }, 'blog')
  await begin(
    {
      set: new Map([
        ['b', '1'],
        ['a', '{"deep":[1.0,1e2,"\\u00fc"]}'],
      ]),
    },
    'a-name-of-32-characters-for-shop',
  )
  await begin({ writes: false, idleUntilWrittenSeconds: 600 })
  await begin({ subject: SUBJECT, set: new Map([['theme', '"dark"']]) })
  const bound = await begin({ subject: SUBJECT, keepsBoundAt: true, set: new Map([['theme', '"dark"']]) })
  const revoked = await begin({ set: new Map([['theme', '"dark"']]) })
  await store.revoke(revoked)

  const deleted = await begin()
  await store.end(deleted, { credential: null, reason: 'deleted', tombstoneSeconds: 900 })
  const never = { namespace: 'shop', id: randomUUID() }
  sessions.push(never)
  await store.end(never, { credential: null, reason: 'revoked', tombstoneSeconds: 900 })
  const old = await begin({ set: new Map([['cart', '[1]']]) })
  const newId = drawId(partitionOf(idBytes(old.id)))
  sessions.push({ namespace: 'shop', id: newId })
  await store.rotate(old, {
    newId,
    life: null,
    clocks: CLOCKS,
    newIdle: false,
    newLifetime: true,
    subject: SUBJECT,
    tombstoneSeconds: 900,
    repeat: repeat(),
  })
  await begin({ clocks: { idleTimeoutSeconds: 1, lifetimeSeconds: 1 } })
  // It may be over when it is looked for.
  sessions.pop()

  const taking = await begin({
    set: new Map([
      ['code', '"4711"'],
      ['n', '1'],
    ]),
  })
  for (const more of [
    { take: 'code', remove: ['code'] },
    { set: new Map([['n', '2']]), result: '2' },
  ]) {
    const write = { ...WRITE, ...more, repeat: repeat() }
    await store.write(taking, write)
    repeats.push({ ref: taking, write })
  }

  const handoffs: HandoffRef[] = []
  for (const [payload, binds] of [
    [null, false],
    ['{"to":"/cart"}', false],
    ['"ü"', true],
  ] as const) {
    const partition = partitionOf(idBytes(bound.id))
    const ref = { namespace: 'shop', partition, hash: createHash('sha256').update(hex(8)).digest('hex') }
    const bind = binds ? { subject: SUBJECT, newId: drawId(partition) } : null
    await store.addHandoff(
      ref,
      { sessionId: bound.id, life: randomBytes(12).toString('base64url'), payload, bind },
      600,
    )
    handoffs.push(ref)
  }

  const subjects = [
    { namespace: 'shop', subject: SUBJECT },
    { namespace: 'blog', subject: 'a:b' },
  ]
  for (const [i, ref] of subjects.entries()) {
    for (const keepSeconds of [0, 5, 60 + i]) {
      const entry = { id: randomUUID(), keepSeconds, lifetimeSeconds: LIFETIME_SECONDS + keepSeconds }
      await store.list(ref, entry)
      await store.admit(ref, { ...entry, replaced: null, most: 9, counted: [randomUUID()] })
    }
  }

  const signingKeys = createSigningKeys(store)
  await signingKeys.refresh()
  await signingKeys.retire((await signingKeys.current()).kid)
  await createCookieSecrets(store).refresh()
  return { sessions, handoffs, subjects, repeats }
}

const sorted = (all: Iterable<unknown>): string[] => [...all].map((one) => JSON.stringify(one)).sort()

/** All of it as JSON, as callers find it. */
export const seenIn = async (
  store: Store,
  { sessions, handoffs, subjects, repeats }: Everything,
): Promise<unknown> => ({
  sessions: await Promise.all(
    sessions.map(async (ref) => {
      const found = await store.read(ref)
      return found.state === 'live' ? { ...found, settings: sorted(found.settings) } : found
    }),
  ),
  handoffs: await Promise.all(handoffs.map((ref) => store.readHandoff(ref))),
  lists: await Promise.all(
    subjects.map(async (ref) => sorted((await store.listed(ref, { after: null, limit: 1000 })).entries)),
  ),
  limits: await Promise.all(subjects.map(async (ref) => sorted(await store.admitted(ref)))),
  repeated: await Promise.all(repeats.map(({ ref, write }) => store.write(ref, write))),
  keys: sorted(await store.secrets('signing-keys')),
  secrets: sorted(await store.secrets('cookie-secrets')),
})

const shown = (item: Item): string => {
  // Redis does not keep the order of a large hash.
  const isOrdered = item.kind !== 'session' || item.settings.length < 500
  const one = isOrdered ? item : { ...item, settings: item.settings.map(String).sort() }
  const members = Object.entries({ ...one, entryUntil: 0 }).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(members, (_, part) => (part?.type === 'Buffer' ? Buffer.from(part.data).toString('hex') : part))
}

/** Every item that is still good for a while, as a text, in order. */
export const itemsIn = async ({ items, store }: Transfer): Promise<string[]> => {
  const all: string[] = []
  for await (const lot of items()) {
    for (const item of lot) {
      if (item.kind === 'secret' || item.until > store.now() + 30_000) all.push(shown(item))
    }
  }
  return all.sort()
}

/** Plain sessions, quickly: so many that a copy takes a while. */
export const putMany = async ({ put, store }: Transfer, count: number): Promise<void> => {
  const now = store.now()
  const { packRecord } = await import('../../src/store/layout/record.ts')
  for (let at = 0; at < count; at += 1000) {
    const lot = Array.from({ length: Math.min(1000, count - at) }, (_, i): Item => {
      const record = {
        life: randomBytes(12).toString('base64url'),
        gen: randomBytes(12).toString('base64url'),
        tag: randomBytes(6).toString('base64url'),
        revision: 1,
        createdAt: now,
        lastSeenAt: now,
        endsAt: now + LIFETIME_SECONDS * 24_000,
        idleTimeoutSeconds: LIFETIME_SECONDS * 12,
        lifetimeSeconds: LIFETIME_SECONDS * 24,
        subject: null,
        boundAt: null,
        keyDeadlines: null,
        idleUntilWritten: false,
        size: 10,
      }
      const settings = [Buffer.from('n'), Buffer.from(`"${String(at + i).padStart(7, '0')}"`)]
      const until = now + LIFETIME_SECONDS * 12_000 + 60_000
      return { kind: 'session', namespace: 'shop', id: randomBytes(16), until, record: packRecord(record), settings }
    })
    await put(lot)
  }
}
