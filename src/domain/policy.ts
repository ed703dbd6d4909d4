/** What holds for the sessions of one namespace: the clocks they begin with, what they may hold, what browsers may do. */
import type { Fault } from '../errors.ts'
import type { Clocks, Write } from '../store/port.ts'
import type { KeyRules } from './credentials/key-rule.ts'

/** However the limits are set, no key is longer: what was written before a limit was lowered can be read and removed. */
export const LONGEST_KEY_BYTES = 1024
/** Likewise no subject: who was logged in before a limit was lowered can be found and logged out. */
export const LONGEST_SUBJECT_BYTES = 1024

export type Limits = {
  /** The text of all keys and values, in bytes. */
  readonly settingsBytes: number
  readonly keys: number
  /** Bytes of UTF-8 in one key. */
  readonly keyBytes: number
  /** How deep objects and arrays may stand, the settings object itself counted as one. */
  readonly depth: number
  readonly batch: number
  readonly subjectBytes: number
}

/** What browsers may do at most: tokens get these keys unless told otherwise, and no cookie gets more. */
export type BrowserRule = {
  readonly keys: KeyRules
  /** As browsers send them in `Origin`: scheme, host, and port if it is not the scheme's own. */
  readonly origins: readonly string[]
}

/** What is wrong with the value of a key; empty if nothing is. */
export type ValueCheck = (key: string, value: unknown) => readonly Fault[]

/** How many sessions of a subject may live, and what becomes of one more. */
export type SubjectLimit = { readonly most: number; readonly beyond: 'end-oldest' | 'refuse' }

export type Durability = 'acknowledged' | 'replicated'

export type Policy = {
  /** Of sessions that are bound to a subject, and of those that are not. */
  readonly clocks: { readonly anonymous: Clocks; readonly bound: Clocks }
  readonly tombstoneSeconds: number
  readonly limits: Limits
  readonly sessionsPerSubject: SubjectLimit | null
  /** Whether what is written has to be on replicas of the store before it is told. */
  readonly durability: Durability
  readonly browser: BrowserRule | null
  readonly checkValue: ValueCheck | null
}

/** The clocks of a new session. */
export const clocksFor = ({ clocks }: Policy, subject: string | null | undefined): Clocks =>
  subject === null || subject === undefined ? clocks.anonymous : clocks.bound

/** The limits that the store judges in the step that writes. */
export const limitsIn = ({ limits }: Policy): Write['limits'] => ({ bytes: limits.settingsBytes, keys: limits.keys })

export type PolicyOf = (namespace: string) => Policy
