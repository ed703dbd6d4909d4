/**
 * The few words in which the suite's tests speak of sessions. Each test draws ids of its own, so none meets another's.
 */
import { randomUUID } from 'node:crypto'
import type {
  Clocks,
  Credential,
  Live,
  SessionRecord,
  SessionRef,
  Settings,
  Store,
  Write,
  Written,
} from '../../src/store/port.ts'

/** Clocks that do not run out while the suite runs. */
export const LONG: Clocks = { idleTimeoutSeconds: 864_000, lifetimeSeconds: 8_640_000 }

export const UNWRITTEN = { revision: 0, tag: '' } as const

/** A log-out by an API key. */
export const DELETED = { credential: null, reason: 'deleted', tombstoneSeconds: 86_400 } as const

export const newRef = (namespace = 'conformance'): SessionRef => ({ namespace, id: randomUUID() })

/** A write by an API key that begins what is missing; `over` says what is peculiar to it. */
export const aWrite = (over: Partial<Write> = {}): Write => ({
  credential: null,
  create: 'if-missing',
  clocks: LONG,
  writes: true,
  limits: { bytes: 65_536, keys: 256 },
  use: true,
  ...over,
})

/** Texts by key, for keys that an object literal can hold in order and by name. */
export const texts = (object: Readonly<Record<string, string>>): Map<string, string> => new Map(Object.entries(object))

/** Settings in an order that can be compared: that of the top-level keys is not promised. */
export const sorted = (settings: Settings): [string, string][] => [...settings].sort(([a], [b]) => (a < b ? -1 : 1))

/** The outcome, as the kind of outcome that the test expects; anything else fails the test. */
export const is = <O extends { readonly state: string }, S extends O['state']>(
  outcome: O,
  state: S,
): Extract<O, { readonly state: S }> => {
  if (outcome.state !== state) throw new Error(`expected ${state}, got ${JSON.stringify(outcome)}`)
  return outcome as Extract<O, { readonly state: S }>
}

/** Puts these texts. */
export const put = async (
  store: Store,
  ref: SessionRef,
  object: Readonly<Record<string, string>>,
  over: Partial<Write> = {},
): Promise<Written> => is(await store.write(ref, aWrite({ set: texts(object), ...over })), 'written')

/** Begins a session, with no settings written unless these are given. */
export const begin = async (
  store: Store,
  ref: SessionRef,
  object: Readonly<Record<string, string>> | null = null,
  over: Partial<Write> = {},
): Promise<Live> => {
  const set = texts(object ?? {})
  const outcome = await store.write(
    ref,
    aWrite({ create: 'must-be-missing', set, writes: object !== null, readBack: true, ...over }),
  )
  const { live } = is(outcome, 'written')
  if (live === null) throw new Error('readBack answered no session')
  return live
}

export const readLive = async (store: Store, ref: SessionRef): Promise<Live> => is(await store.read(ref), 'live')

/** The credential that a token minted now would be. */
export const tokenOf = ({ life, gen }: SessionRecord): NonNullable<Credential> => ({ life, gen })

/** 96 random-looking bits that no session has drawn. */
export const OTHER = 'AAECAwQFBgcICQoL'
