/** What a stream tells its reader, one type for each event of docs/changes.md. */
import type { Settings, WhyEnded } from '../../store/port.ts'

/** What speaks of the settings. `etag` is the ETag as the reader's credential sees it. */
export type VersionEvent =
  | { readonly event: 'snapshot'; readonly etag: string; readonly revision: number; readonly settings: Settings }
  | {
      readonly event: 'change'
      readonly etag: string
      readonly revision: number
      readonly set: Settings
      readonly removed: readonly string[]
      readonly origin: string | null
    }
  /** A change of which the reader is shown nothing. */
  | { readonly event: 'moved'; readonly etag: string }

/** The session has ended, or the store has lost it. Nothing comes after it. */
export type EndedEvent = { readonly event: 'ended'; readonly reason: WhyEnded | 'lost' }

/** The credential has ended. Nothing comes after it. */
export type UnauthorizedEvent = { readonly event: 'unauthorized'; readonly reason: 'expired' | 'revoked' }

/** What speaks of an end that comes nearer. */
export type WarningEvent =
  | { readonly event: 'expiring'; readonly expiresAt: number }
  | { readonly event: 'renew'; readonly expiresAt: number }

export type StreamEvent =
  | VersionEvent
  | EndedEvent
  | UnauthorizedEvent
  | WarningEvent
  /** Nothing happened. */
  | { readonly event: 'quiet' }
