/** What holds for the sessions of one namespace: the clocks they begin with, and the limits of what they may hold. */
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

export type Policy = {
  readonly idleTimeoutSeconds: number
  readonly lifetimeSeconds: number
  readonly tombstoneSeconds: number
  readonly limits: Limits
}
