/** Turns what Redis holds into items of a copy (`../transfer.ts`) and back; `store.ts` documents every key. */
import { idText } from '../layout/partition.ts'
import { RECORD_BYTES } from '../layout/record.ts'
import type { Item } from '../transfer.ts'
import { admissionsKey, handoffKey, keysOf, listKey, outcomeKey, secretsKey } from './keys.ts'
import type { Arg } from './scripts.ts'

/** What a key is of, by the letter in its name; `secrets` for what stands under `{keys}`. */
export type Place = {
  readonly kind: 's' | 'x' | 'h' | 'o' | 'u' | 'a' | 'secrets'
  readonly partition: string
  readonly namespace: string
  /** What stands behind the namespace; the collection of secrets. */
  readonly rest: Buffer
}

/** How many bytes stand behind the namespace; a subject has any number. */
const TAILS = { s: 16, h: 32, o: 16 } as const

const SECRETS = 'cc:{keys}:'

/** Throws an Error for the operator if the name is none that this version knows. */
export const placeOf = (key: Buffer): Place => {
  const name = key.toString('latin1')
  if (name.startsWith(SECRETS)) {
    return { kind: 'secrets', partition: 'keys', namespace: '', rest: key.subarray(SECRETS.length) }
  }
  const [, partition = '', kind = ''] = /^cc:\{([0-9a-f]{2})\}:([a-z])(?::|$)/.exec(name) ?? []
  const body = key.subarray(10)
  const none = Buffer.alloc(0)
  if (kind === 'x') return { kind, partition, namespace: '', rest: none }
  if (kind === 's' || kind === 'h' || kind === 'o') {
    const at = body.length - TAILS[kind]
    return { kind, partition, namespace: body.toString('latin1', 0, at - 1), rest: body.subarray(at) }
  }
  if (kind === 'u' || kind === 'a') {
    const at = body.indexOf(':')
    return { kind, partition, namespace: body.toString('latin1', 0, at), rest: body.subarray(at + 1) }
  }
  throw new Error(
    'Redis holds keys of Coatcheck that this version does not know. Copy with the version that wrote them.',
  )
}

const FIELD_PREFIX = 0x3a
const RECORD_FIELD = 0x72

/** @param flat fields and values in turn, as HGETALL gives them */
export const sessionItem = ({ namespace, rest: id }: Place, flat: readonly Buffer[], until: number): Item => {
  const settings: Buffer[] = []
  let record: Buffer | undefined
  let tombstone: Buffer | undefined
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const [field, value] = [flat[i] as Buffer, flat[i + 1] as Buffer]
    if (field[0] === FIELD_PREFIX) settings.push(field.subarray(1), value)
    else if (field[0] === RECORD_FIELD) record = value
    else tombstone = value
  }
  if (tombstone !== undefined) return { kind: 'tombstone', namespace, id, until, tombstone }
  if (record === undefined || record.length < RECORD_BYTES) throw new Error('A session in Redis has no record.')
  return { kind: 'session', namespace, id, until, record, settings }
}

/** A hand-off or a kept outcome. */
export const stringItem = ({ kind, partition, namespace, rest }: Place, packed: Buffer, until: number): Item =>
  kind === 'h'
    ? { kind: 'handoff', namespace, partition, hash: rest, packed, until }
    : { kind: 'outcome', namespace, partition, key: rest, packed, until }

/** @param flat ids and scores in turn, as ZSCAN gives them */
export const listItems = ({ kind, namespace, rest }: Place, flat: readonly Buffer[], until: number): Item[] =>
  flat.flatMap((id, i) =>
    i % 2 === 1
      ? []
      : [
          {
            kind: kind === 'a' ? 'admitted' : 'listed',
            namespace,
            subject: String(rest),
            id,
            keepUntil: Number(String(flat[i + 1])),
            entryUntil: until,
            until,
          },
        ],
  )

/** @param flat places and texts in turn, as HGETALL gives them */
export const secretItems = ({ rest }: Place, flat: readonly Buffer[]): Item[] =>
  flat.flatMap((place, i) =>
    i % 2 === 1 ? [] : [{ kind: 'secret', collection: String(rest), place: String(place), text: String(flat[i + 1]) }],
  )

export type Command = readonly [name: string, ...args: readonly Arg[]]

/** The absolute end in a record. */
const endsAtOf = (record: Buffer): number => record.readUIntBE(49, 6)

/** The commands that store an item as it is. The first argument of each is a key. */
export const commandsOf = (item: Item): Command[] => {
  switch (item.kind) {
    case 'session': {
      const { session, expiries, member } = keysOf({ namespace: item.namespace, id: idText(item.id) })
      const fields = item.settings.map((part, i) =>
        i % 2 === 0 ? Buffer.concat([Buffer.of(FIELD_PREFIX), part]) : part,
      )
      const score = 2 * item.until + (item.until === endsAtOf(item.record) ? 1 : 0)
      return [
        ['hset', session, 'r', item.record, ...fields],
        ['pexpireat', session, item.until],
        ['zadd', expiries, score, member],
      ]
    }
    case 'tombstone': {
      const { session } = keysOf({ namespace: item.namespace, id: idText(item.id) })
      return [
        ['hset', session, 't', item.tombstone],
        ['pexpireat', session, item.until],
      ]
    }
    case 'handoff': {
      const key = handoffKey(item.partition, item.namespace, item.hash.toString('hex'))
      return [['set', key, item.packed, 'PXAT', item.until]]
    }
    case 'outcome': {
      const key = outcomeKey(item.partition, item.namespace, item.key.toString('hex'))
      return [['set', key, item.packed, 'PXAT', item.until]]
    }
    case 'secret':
      return [['hset', secretsKey(item.collection), item.place, item.text]]
    default: {
      const key = item.kind === 'admitted' ? admissionsKey(item) : listKey(item)
      return [
        ['zadd', key, item.keepUntil, item.id],
        ['pexpireat', key, item.entryUntil, 'NX'],
        ['pexpireat', key, item.entryUntil, 'GT'],
      ]
    }
  }
}
