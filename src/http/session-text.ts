/** Sessions as JSON text. Settings are put in as they are stored: nothing on this way parses them. */
import type { Caller } from '../domain/credentials/caller.ts'
import { objectText } from '../domain/json/json-text.ts'
import type { Session } from '../domain/sessions/sessions.ts'
import { versionOf, versionText } from '../domain/settings/etag.ts'
import { visibleTo } from '../domain/settings/settings.ts'
import type { SessionRecord } from '../store/port.ts'

/** The members of a session but its settings. Who it is bound to is for services alone: it is often an email address. */
export const clocksOf = (id: string, record: SessionRecord, caller: Caller) => ({
  id,
  etag: versionText(versionOf(record), caller),
  revision: record.revision,
  ...(caller.kind === 'api-key' ? { subject: record.subject } : {}),
  createdAt: new Date(record.createdAt).toISOString(),
  lastSeenAt: new Date(record.lastSeenAt).toISOString(),
  idleTimeoutSeconds: record.idleTimeoutSeconds,
  lifetimeSeconds: record.lifetimeSeconds,
  expiresAt: new Date(record.expiresAt).toISOString(),
})

export const sessionText = ({ id, record, settings }: Session, caller: Caller, more = ''): string =>
  `${JSON.stringify(clocksOf(id, record, caller)).slice(0, -1)},"settings":${objectText(visibleTo(caller, settings))}${more}}`
