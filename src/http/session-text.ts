/** Sessions as JSON text. Settings are put in as they are stored: nothing on this way parses them. */
import { maySeeSubject, visibleTo } from '../domain/credentials/access.ts'
import type { Caller } from '../domain/credentials/caller.ts'
import { versionOf, versionText } from '../domain/etag.ts'
import { objectText } from '../domain/json/json-text.ts'
import type { Session } from '../domain/sessions/session.ts'
import type { SessionRecord } from '../store/port.ts'

/** The members of a session without its settings. */
export const clocksOf = (id: string, record: SessionRecord, caller: Caller) => ({
  id,
  etag: versionText(versionOf(record), caller),
  revision: record.revision,
  ...(maySeeSubject(caller) ? { subject: record.subject } : {}),
  createdAt: new Date(record.createdAt).toISOString(),
  lastSeenAt: new Date(record.lastSeenAt).toISOString(),
  idleTimeoutSeconds: record.idleTimeoutSeconds,
  lifetimeSeconds: record.lifetimeSeconds,
  expiresAt: new Date(record.expiresAt).toISOString(),
})

/** The member `copies` of an answer, after others; nothing where replicas do not matter. */
export const copiesMember = (copies: number | null | undefined): string =>
  typeof copies === 'number' ? `,"copies":${copies}` : ''

export const sessionText = ({ id, record, settings }: Session, caller: Caller, more = ''): string =>
  `${JSON.stringify(clocksOf(id, record, caller)).slice(0, -1)},"settings":${objectText(visibleTo(caller, settings))}${more}}`
