/**
 * Goes through all of an encrypted Redis, part by part, and puts everything under the key that encrypts now. First come the
 * sessions, by the partitions' sorted sets; then the lists that name a subject in plain text; then the shared secrets. Hand-offs
 * and kept outcomes are not looked at: they end by themselves within ten minutes.
 */
import { runningTime } from '../../running-time.ts'
import { idText, PARTITIONS } from '../layout/partition.ts'
import { sealOf, unpackRecord } from '../layout/record.ts'
import type { Reencrypted } from '../port.ts'
import { StoreUnavailable } from '../port.ts'
import { INDEX_KEYS, isInClear } from '../sealing/index-key.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { expiriesKey, keysOf, sealedLists, secretsKey, sessionKey } from './keys.ts'
import type { Link } from './link.ts'
import { readListed } from './listed.ts'
import { readIndexKeys } from './open-sealing.ts'
import type { Reencrypt } from './reencrypt.ts'
import type { ScriptRunner } from './script-runner.ts'
import { createSubjectLists } from './subject-lists.ts'
import type { Topology } from './topology.ts'

const SESSIONS_A_PART = 100
const KEYS_A_PART = 1000
const AT_ONCE = 16
const SCAN_MS = 1000

/** Where a part begins: in which partition or on which server, and the cursor of its scan there. */
type Place = { readonly stage: 'sessions' | 'lists' | 'secrets'; readonly at: number; readonly scan: string }

const BEGINNING: Place = { stage: 'sessions', at: 0, scan: '0' }
const STAGES = ['sessions', 'lists', 'secrets'] as const

/** A text that is no cursor of ours stands for the beginning. */
const placeOf = (cursor: string | null): Place => {
  const [, stage, at, scan] = /^(sessions|lists|secrets)-(\d{1,4})-(\d{1,20})$/.exec(cursor ?? '') ?? []
  return stage === undefined ? BEGINNING : { stage: stage as Place['stage'], at: Number(at), scan: scan as string }
}

const cursorOf = ({ stage, at, scan }: Place): string => `${stage}-${at}-${scan}`

const eachOf = async <T>(all: readonly T[], act: (one: T) => Promise<boolean>): Promise<number> => {
  let done = 0
  for (let at = 0; at < all.length; at += AT_ONCE) {
    done += (await Promise.all(all.slice(at, at + AT_ONCE).map(act))).filter(Boolean).length
  }
  return done
}

type Parts = {
  readonly link: Link
  readonly topology: Topology
  readonly run: ScriptRunner['run']
  readonly now: () => number
  readonly reencrypt: Reencrypt
}

export const createReencryptParts = ({ link, topology, run, now, reencrypt }: Parts) => {
  const headOf = async (session: Buffer): Promise<Buffer | null> => {
    const [packed] = (await link.send('hmget', [session, 'r'])) as [Buffer | null]
    return packed
  }

  const reencryptMember = async (partition: string, member: Buffer, sealing: Sealing): Promise<boolean> => {
    const packed = await headOf(sessionKey(partition, member))
    if (packed === null || sealOf(packed)?.kid === sealing.current) return false
    const ref = { namespace: member.toString('latin1', 0, member.length - 17), id: idText(member.subarray(-16)) }
    return reencrypt(ref, sealing)
  }

  const sessions = async ({ at, scan }: Place, sealing: Sealing) => {
    const partition = PARTITIONS[at] as string
    const answer = await link.send('zscan', [expiriesKey(partition), scan, 'COUNT', SESSIONS_A_PART])
    const [next, flat] = answer as [Buffer, Buffer[]]
    const members = flat.filter((_, i) => i % 2 === 0)
    const changed = await eachOf(members, (member) => reencryptMember(partition, member, sealing))
    return { looked: members.length, changed, scan: String(next), isLast: at === PARTITIONS.length - 1 }
  }

  /** Keys of one server by a pattern. */
  const scanServer = async ({ at, scan }: Place, pattern: string) => {
    const parts = topology.parts()
    const server = parts[at]?.server
    if (server === undefined) throw new StoreUnavailable('A part of the store is away.')
    const args = [scan, 'MATCH', pattern, 'COUNT', KEYS_A_PART]
    // What Redis says of a fault is not handed on: it may quote what was sent.
    const answer = await server.connection.send(runningTime() + SCAN_MS, 'SCAN', args).catch((error: Error) => {
      const mayNot = /NOPERM/.test(error.message)
      throw new StoreUnavailable(mayNot ? 'The user of Redis may not run SCAN: see docs/redis.md.' : undefined)
    })
    const [next, keys] = answer as [Buffer, Buffer[]]
    return { keys, scan: String(next), isLast: at >= parts.length - 1 }
  }

  /** Moves the entries of a list that names its subject into the one that does not. */
  const moveList = async (key: Buffer, sealing: Sealing): Promise<void> => {
    const [, namespace = '', subject = ''] = /^cc:\{..\}:u:([^:]*):(.*)$/s.exec(key.toString('utf8')) ?? []
    const lists = createSubjectLists({ link, run, names: sealedLists(sealing.macOf) })
    const entries = readListed((await link.send('zrange', [key, 0, -1, 'WITHSCORES'])) as Buffer[])
    for (const { id, keepUntil } of entries) {
      const packed = await headOf(keysOf({ namespace, id }).session)
      const record = packed && unpackRecord(packed, () => null)
      const keepSeconds = Math.max(0, Math.ceil((keepUntil - now()) / 1000))
      const lifetimeSeconds = Math.max(keepSeconds, record ? Math.ceil((record.endsAt - now()) / 1000) : 0)
      if (lifetimeSeconds > 0) await lists.list({ namespace, subject }, { id, keepSeconds, lifetimeSeconds })
      await link.send('zrem', [key, Buffer.from(id.replaceAll('-', ''), 'hex')])
    }
  }

  const lists = async (place: Place, sealing: Sealing) => {
    const { keys, scan, isLast } = await scanServer(place, 'cc:{*}:[ua]:*')
    for (const key of keys) {
      // Admissions are counted anew from the lists.
      if (key.toString('latin1', 8, 9) === 'a') await link.send('del', [key])
      else await moveList(key, sealing)
    }
    return { looked: keys.length, changed: keys.length, scan, isLast }
  }

  const resealAll = async (key: Buffer, sealing: Sealing): Promise<number> => {
    const collection = key.toString('utf8', 'cc:{keys}:'.length)
    if (isInClear(collection)) return 0
    const flat = await link.hash(key)
    let changed = 0
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const [place, old] = [String(flat[i]), flat[i + 1] as Buffer]
      const fresh = sealing.resealed(`${collection}\0${place}`, old)
      if (fresh === null) continue
      await run('reseal', [secretsKey(collection)], { place, old, fresh })
      changed += 1
    }
    return changed
  }

  const secrets = async (place: Place, sealing: Sealing) => {
    const { keys, scan, isLast } = await scanServer(place, 'cc:{keys}:*')
    let changed = 0
    for (const key of keys) changed += await resealAll(key, sealing)
    if (isLast && scan === '0') {
      // What was wrapped under a master key that is configured no more.
      for (const kid of (await readIndexKeys(link)).keys()) {
        if (!sealing.kids.includes(kid)) await link.send('hdel', [secretsKey(INDEX_KEYS), kid])
      }
    }
    return { looked: keys.length, changed, scan, isLast }
  }

  const stages = { sessions, lists, secrets }

  const after = ({ stage, at }: Place, { scan, isLast }: { scan: string; isLast: boolean }): Place | null => {
    if (scan !== '0') return { stage, at, scan }
    if (!isLast) return { stage, at: at + 1, scan: '0' }
    const next = STAGES[STAGES.indexOf(stage) + 1]
    return next === undefined ? null : { stage: next, at: 0, scan: '0' }
  }

  return async (cursor: string | null, sealing: Sealing): Promise<Reencrypted> => {
    if (!sealing.encrypts) return { state: 'plain' }
    const place = placeOf(cursor)
    const done = await stages[place.stage](place, sealing)
    const next = after(place, done)
    return { state: 'part', looked: done.looked, changed: done.changed, next: next && cursorOf(next) }
  }
}
