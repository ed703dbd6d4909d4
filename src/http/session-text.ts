/** Sessions as JSON text. Settings are put in as they are stored: nothing on this way parses them. */
import { objectText } from '../domain/json-text.ts'
import type { Session } from '../domain/sessions.ts'
import { versionOf, versionText } from '../domain/version.ts'
import type { SessionRecord } from '../store/port.ts'

/** The members of a session but its settings. */
export const clocksOf = (id: string, record: SessionRecord) => ({
  id,
  etag: versionText(versionOf(record)),
  revision: record.revision,
  subject: record.subject,
  createdAt: new Date(record.createdAt).toISOString(),
  lastSeenAt: new Date(record.lastSeenAt).toISOString(),
  idleTimeoutSeconds: record.idleTimeoutSeconds,
  lifetimeSeconds: record.lifetimeSeconds,
  expiresAt: new Date(record.expiresAt).toISOString(),
})

export const sessionText = ({ id, record, settings }: Session): string =>
  `${JSON.stringify(clocksOf(id, record)).slice(0, -1)},"settings":${objectText(settings)}}`
