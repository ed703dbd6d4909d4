/**
 * The store on Redis 7 and later, or Valkey: for more than one replica of the service, or where there is a Redis already.
 * Not for a Redis that evicts: with any `maxmemory-policy` but `noeviction` sessions vanish that are still alive.
 *
 * ## Storage
 *
 * Pinned by `test/store/redis/layout.test.ts`; a change of it is a new record version, never a silent one. `{p}` is the
 * session's partition (`../layout/partition.ts`), two hex digits, as a hash tag; `<id>` the UUID's 16 raw bytes.
 *
 *     cc:{p}:s:<namespace>:<id>   hash. A live session: field `r`, the record packed as `../layout/record.ts` says, and a field
 *                                 `:<key>` for each settings key, holding its JSON text as it was sent, in UTF-8.
 *                                 A gone one: field `t` alone, the tombstone. PEXPIREAT is the session's deadline, or
 *                                 the tombstone's.
 *     cc:{p}:x                    sorted set of the live sessions: member `<namespace>:<id>`, score 2 × the deadline in
 *                                 ms, + 1 if that is the absolute end.
 *     cc:{p}:o:<namespace>:<key>  string, 60 s: an outcome kept for an Idempotency-Key (16 raw bytes). 16 bytes of
 *                                 fingerprint, then the outcome: tag (6), revision (5), flags (1: 1 changed, 2 began),
 *                                 keys added (3), session id (16), length of the text taken (4), that text, and the
 *                                 result's text to the end. Integers are big-endian.
 *     cc:{p}:h:<namespace>:<hash> string, as long as the hand-off is good: what `../layout/handoff.ts` packs. `<hash>` is the
 *                                 SHA-256 of the code, raw.
 *     cc:{p}:u:<namespace>:<subject>  sorted set: the ids of a subject's sessions (16 raw bytes), in the subject's own
 *                                 partition; score: until when, in ms, an entry must stay although its session is
 *                                 missing. It expires when the last of its sessions must be over.
 *     cc:{p}:a:<namespace>:<subject>  sorted set beside it, where sessions of a subject are limited and more are refused: the ids
 *                                 that count, with scores of the same meaning.
 *     cc:{p}:v:…, cc:{p}:b:…      the same two, by the 32 bytes that stand for a subject where it is encrypted.
 *     cc:{p}:c                    sharded pub/sub channel: what happens to the partition's sessions, as `notices.ts` says.
 *     cc:{keys}:<collection>      hash: secrets that the replicas share, such as signing keys, by their places. Whoever
 *                                 can read this can mint tokens.
 *
 * Where sessions are encrypted (`../sealing/`), each text is what `cipher.ts` makes of it, and the record has a seal. A text taken
 * stands in an outcome with the name of its key, and a result, a secret and the texts of a hand-off have keys of their own.
 * `cc:{keys}:index-keys` has the wrapped index keys.
 *
 * A read is one HGETALL. A write is one script. See docs/redis.md for the commands that each call costs.
 */

import { draw } from '../draw.ts'
import { packHandoff, unpackHandoff } from '../layout/handoff.ts'
import { PARTITIONS } from '../layout/partition.ts'
import { reasonByte } from '../layout/record.ts'
import { type Found, NotReplicated, type OnLives, type SessionRef, type Store } from '../port.ts'
import type { Encryption } from '../sealing/encryption.ts'
import type { Transfer } from '../transfer.ts'
import { type AccessOptions, createAccess } from './access.ts'
import { readDone, readEnded, readHash, readRotateOutcome, readTouched, readWriteOutcome } from './answers.ts'
import { credentialArgs, rotateArgs, writeArgs, writeTexts } from './arguments.ts'
import { createHealth } from './health.ts'
import { expiriesKey, handoffKey, keysOf, outcomeKey } from './keys.ts'
import { createLink, type Link } from './link.ts'
import { createPlainCheck } from './open-sealing.ts'
import { openTopology } from './open-topology.ts'
import { createRedisTime, onGap } from './redis-time.ts'
import { createScriptRunner, type NeededCopies } from './script-runner.ts'
import type { Arg } from './scripts.ts'
import { createSealedCalls } from './sealed-calls.ts'
import { createSecrets } from './secrets.ts'
import { createSessionIds } from './session-ids.ts'
import { createSubjectLists } from './subject-lists.ts'
import { createSubscriber } from './subscriber.ts'
import { createSweep, sum } from './sweep.ts'
import type { OnState, Topology } from './topology.ts'
import { createTransfer } from './transfer.ts'

export type RedisStoreOptions = Partial<AccessOptions> & {
  readonly url: string
  /** Told once for each change of a server's state, with the cause if it is away. Holds no secret. */
  readonly onState?: OnState
  /** Told that a server is no part of the store any more. */
  readonly onGone?: (server: string) => void
  readonly onLives?: OnLives
  /** Encrypts what is stored. */
  readonly encryption?: Encryption
  readonly copies?: NeededCopies | undefined
}

const READ_AT_ONCE = 16

const open = ({
  url,
  readUrl = () => url,
  onState = () => {},
  onGone = () => {},
  onLives = () => {},
  encryption,
  copies,
  ...options
}: RedisStoreOptions): { store: Store; topology: Topology; link: Link; isCluster: boolean } => {
  const access = createAccess({ ...options, readUrl })
  const time = createRedisTime()
  const topology = openTopology({ access, onState, onGone, onTime: time.learn, copies: copies?.needed ?? 0 })
  const subscriber = createSubscriber(access, topology)
  const link = createLink(topology)
  const room = { isThere: true }
  const onRoom = (isThere: boolean): void => void Object.assign(room, { isThere })
  const runner = createScriptRunner({ link, time, onRoom, onLives, copies })
  const { run, runInRoom } = runner
  // Until they are asked, nobody knows what time it is to the servers, nor who is the master.
  const stopWatching = onGap(() => {
    for (const { server } of topology.parts()) server?.connection.doubt(true)
  })

  /** Sends a command which has to be on replicas where the namespace says so. */
  const send = async (namespace: string, command: string, args: readonly Arg[], by?: number): Promise<void> => {
    if (!copies?.isFor(namespace)) return void (await link.send(command, args, by))
    const done = await link.copied.send(command, args, by)
    if ((await done.copies) < copies.needed) throw new NotReplicated()
  }

  const sealed = encryption && createSealedCalls({ link, send, topology, now: time.now, ...runner }, encryption)
  const read =
    sealed?.calls.read ??
    (async (ref: SessionRef): Promise<Found> => readHash(await link.hash(keysOf(ref).session, ref.by)))
  const checkPlain = createPlainCheck(link)
  const health = createHealth(topology, () => room.isThere)

  const store: Store = {
    now: () => time.now(),

    read,

    async readMany(refs) {
      const found: Found[] = []
      // Each command has a second. Many long sessions asked for at once would take longer, and look like an outage.
      for (let at = 0; at < refs.length; at += READ_AT_ONCE) {
        const some = refs.slice(at, at + READ_AT_ONCE)
        found.push(...(await Promise.all(some.map(read))))
      }
      return found
    },

    async write(ref, write) {
      const { partition, member, session, expiries } = keysOf(ref)
      const keys: (Buffer | string)[] = [session, expiries]
      if (write.repeat !== undefined) keys.push(outcomeKey(partition, ref.namespace, write.repeat.key))
      const argsFor = (isFull: boolean) => writeArgs(write, member, isFull)
      return readWriteOutcome(
        await runInRoom('write', keys, argsFor, { by: ref.by, of: ref.namespace, more: writeTexts(write) }),
      )
    },

    async touch(ref, credential) {
      const { member, session, expiries } = keysOf(ref)
      const { life, gen } = credentialArgs(credential)
      return readTouched(await run('touch', [session, expiries], { life, gen, member }, { by: ref.by }))
    },

    async end(ref, { credential, reason, tombstoneSeconds, subject }) {
      const { member, session, expiries } = keysOf(ref)
      const { life, gen } = credentialArgs(credential)
      const args = {
        life,
        gen,
        member,
        reason: reasonByte(reason),
        tombstoneMs: tombstoneSeconds * 1000,
        subject: subject ?? '',
        subjectMac: '',
      }
      return readEnded(await run('end', [session, expiries], args, { by: ref.by, of: ref.namespace, ends: reason }))
    },

    async rotate(ref, rotation) {
      const { partition, member, session, expiries } = keysOf(ref)
      const { newId, handoff, repeat } = rotation
      const target = newId === null ? null : keysOf({ namespace: ref.namespace, id: newId })
      if (target && target.partition !== partition) throw new Error('A session moves within its partition only.')
      const keys = [
        session,
        expiries,
        target?.session ?? session,
        handoff === undefined ? session : handoffKey(partition, ref.namespace, handoff),
        repeat === undefined ? session : outcomeKey(partition, ref.namespace, repeat.key),
      ]
      const newMember = target?.member ?? member
      const argsFor = (isFull: boolean) => rotateArgs(rotation, { member, newMember, isFull })
      return readRotateOutcome(
        await runInRoom('rotate', keys, argsFor, { by: ref.by, of: ref.namespace, ends: 'rotated' }),
      )
    },

    async addHandoff({ namespace, partition, hash, by }, handoff, seconds) {
      const key = handoffKey(partition, namespace, hash)
      await send(namespace, 'set', [key, packHandoff(handoff), 'PX', seconds * 1000], by)
    },

    async readHandoff({ namespace, partition, hash, by }) {
      const packed = (await link.send('get', [handoffKey(partition, namespace, hash)], by)) as Buffer | null
      return packed === null ? null : unpackHandoff(packed)
    },

    ...createSubjectLists({ link, run }),

    async isKept(ref, repeat) {
      const key = outcomeKey(keysOf(ref).partition, ref.namespace, repeat.key)
      return (await link.send('get', [key], ref.by)) !== null
    },

    sessionIds: createSessionIds(link),

    async confirm(ref) {
      if (copies?.isFor(ref.namespace)) await send(ref.namespace, 'exists', [keysOf(ref).session], ref.by)
    },

    async revoke(ref) {
      const gen = draw(12)
      const { member, session, expiries } = keysOf(ref)
      const done = readDone(
        await run('revoke', [session, expiries], { member, newGen: gen }, { by: ref.by, of: ref.namespace }),
        'revoked',
      )
      if (done.state === 'refused') throw new Error('A revocation was refused, which only a credential can be.')
      return done.state === 'revoked' ? { ...done, gen: gen.toString('base64url') } : done
    },

    ...createSecrets(link),

    count: async () =>
      sum(await Promise.all(PARTITIONS.map(async (p) => Number(await link.send('zcard', [expiriesKey(p)]))))),

    sweep: createSweep({ link, run, time }),

    backup: async () => ({ state: 'elsewhere' }),

    reencrypt: async (after) => (await sealed?.reencryptPart(after)) ?? { state: 'plain' },

    async check() {
      const found = await health()
      await (sealed ? sealed.open() : checkPlain())
      return found
    },

    subscribe: (partition, listener) => subscriber.subscribe(partition, listener),

    async close() {
      stopWatching()
      subscriber.close()
      topology.close()
    },

    ...sealed?.calls,
  }
  return { store, topology, link, isCluster: access.target.kind === 'cluster' }
}

export const openRedisStore = (options: RedisStoreOptions): Store => open(options).store

/** The same as one end of a copy. */
export const openRedisTransfer = (options: RedisStoreOptions): Transfer => createTransfer(open(options))
