/** What is written down of a run under faults: what was called and told, what was there in the end, and what was allowed. */

export const WHATS = [
  ...(['count', 'countOnce', 'append', 'put', 'take'] as const),
  ...(['create', 'rotate', 'end', 'mint', 'useToken', 'revoke', 'read'] as const),
] as const

export type What = (typeof WHATS)[number]

/**
 * `done` was acknowledged. `refused` has certainly done nothing. `unknown` may have been done: it was answered 503, or not
 * at all.
 */
export type Outcome = 'done' | 'refused' | 'unknown'

/** One call. Times are of `performance.now()`. */
export type Operation = {
  readonly n: number
  readonly replica: number
  readonly what: What
  readonly session: string
  /** The key of the settings, or the name of a token. */
  readonly key: string
  /** What was sent: a value that is sent once, or a number that grows. */
  readonly value: string | number | null
  /** The `Idempotency-Key`, which the attempts of one call share. */
  readonly once: string | null
  readonly sentAt: number
  readonly endedAt: number
  /** For how long this process itself stood still meanwhile. */
  readonly stalledMs: number
  /** 0 for no answer. */
  readonly status: number
  readonly code: string
  readonly outcome: Outcome
  /** The refusals that are right, by their status. */
  readonly expects: readonly number[]
  /** What was answered: a state of the settings, a value that was taken, the id after a rotation. */
  readonly etag: string | null
  readonly settings: string | null
  readonly seen: unknown
}

/** A state that a reader of events came to. */
export type Reading = {
  readonly reader: string
  readonly session: string
  readonly etag: string
  readonly settings: string
  readonly at: number
}

/** What a reader of events holds in the end. */
export type Held = {
  readonly reader: string
  readonly session: string
  /** Null as long as it was told nothing. */
  readonly etag: string | null
  readonly settings: string | null
  readonly ended: boolean
}

/** What a replica answers in the end. */
export type Found = {
  readonly replica: number
  readonly session: string
  readonly status: number
  readonly etag: string | null
  readonly settings: Readonly<Record<string, unknown>> | null
}

export type FoundToken = { readonly replica: number; readonly token: string; readonly status: number }

export type Span = { readonly from: number; readonly to: number }

/** A replica's process before the fault and after the run. */
export type Sample = {
  readonly replica: number
  readonly rssBefore: number
  readonly rssAfter: number
  readonly fdsBefore: number
  readonly fdsAfter: number
}

/** What was acknowledged within the span may be lost; at `settledAt` the state is the one that is left. */
export type Loss = Span & { readonly settledAt: number }

/** What was done to the servers, and what may therefore happen. */
export type Run = {
  readonly fault: string
  /** From then on, and until the fault, nothing may have failed. */
  readonly calmFrom: number
  readonly faultAt: number
  readonly healedAt: number
  /** How long after healing calls may still fail. */
  readonly recoverMs: number
  /** A call may take as long, plus what this machine may be late. */
  readonly deadlineMs: number
  readonly losses: readonly Loss[]
  /** When a replica of the service was not there, so that calls to it have no answer. */
  readonly downs: readonly (Span & { readonly replica: number })[]
  /** When a replica of the service was stopped, so that calls to it took longer. */
  readonly stops: readonly (Span & { readonly replica: number })[]
  /** Whether Redis had no room meanwhile, so that writes may be refused with 507. */
  readonly mayBeFull: boolean
  /** Sessions that the fault must not touch from some time on, and until it is healed. */
  readonly spared: (Span & { readonly sessions: readonly string[] }) | null
}

export type History = {
  readonly run: Run
  readonly operations: readonly Operation[]
  readonly readings: readonly Reading[]
  readonly held: readonly Held[]
  readonly found: readonly Found[]
  readonly tokens: readonly FoundToken[]
  readonly samples: readonly Sample[]
  /** What must never happen, and was seen when it did: an answer that is not as described, a change out of order. */
  readonly faults: readonly string[]
}

/** The same text for the same settings, whatever the order of their keys. */
export const settingsText = (settings: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))))

export const revisionOf = (etag: string): number => Number.parseInt(etag, 10)

export const outcomeOf = (status: number, code: string): Outcome => {
  if (status >= 200 && status < 400) return 'done'
  if (status === 0 || status === 500 || code === 'store_unavailable') return 'unknown'
  return 'refused'
}
