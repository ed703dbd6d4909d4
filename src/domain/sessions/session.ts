/** A session as the domain hands it on, and a part of a list of them. */
import type { SessionRecord, Settings } from '../../store/port.ts'

export type Session = { readonly id: string; readonly record: SessionRecord; readonly settings: Settings }

/** A part of a list of sessions, and the cursor of the next part; null at the end. */
export type SessionPage = { readonly sessions: readonly Session[]; readonly next: string | null }
