/** What the store answers, as the errors a caller sees. */
import { CoatcheckError } from '../errors.ts'
import type { Found, Gone, Live, Missing, Refused, WriteOutcome, Written } from '../store/port.ts'
import type { Caller } from './credentials/caller.ts'
import { versionText } from './etag.ts'
import type { Limits } from './policy.ts'

export const gone = ({ reason, endedAt }: Gone): CoatcheckError =>
  new CoatcheckError('session_gone', `The session was ended (${reason}). Begin another one under a new id.`, {
    reason,
    endedAt: new Date(endedAt).toISOString(),
  })

/** To a service there is no such session; to a token, the life that it names is over. */
export const missing = (caller: Caller): CoatcheckError =>
  new CoatcheckError(caller.kind === 'api-key' ? 'session_not_found' : 'session_over')

export const refused = ({ why }: Refused): CoatcheckError =>
  why === 'life' ? new CoatcheckError('session_over') : new CoatcheckError('invalid_credential')

/** Throws what stands between the caller and a session: gone, missing, or a credential that is over. */
export const throwIfAbsent: <T extends { state: string }>(
  found: T,
  caller: Caller,
) => asserts found is Exclude<T, Gone | Missing | Refused> = (found, caller) => {
  if (found.state === 'gone') throw gone(found as unknown as Gone)
  if (found.state === 'missing') throw missing(caller)
  if (found.state === 'refused') throw refused(found as unknown as Refused)
}

/**
 * What a reader with this credential finds: what there is, or `refused` if the credential is of another life or of a
 * generation that was revoked. The store judges writes in the same way, in the step that writes.
 */
export const judged = (found: Found, caller: Caller): Live | Gone | Missing | Refused => {
  if (caller.kind === 'api-key' || found.state === 'missing') return found
  const life = found.state === 'live' ? found.record.life : found.life
  if (life !== caller.life) return { state: 'refused', why: 'life' }
  return found.state === 'live' && found.record.gen !== caller.gen ? { state: 'refused', why: 'gen' } : found
}

/** `etag` is the present one, without quotes; undefined where nothing is there. */
export const preconditionFailed = (etag: string | undefined): CoatcheckError =>
  new CoatcheckError('precondition_failed', undefined, etag === undefined ? {} : { etag })

const LIMIT_CODES = { bytes: 'settings_too_large', keys: 'too_many_keys' } as const

/** The outcome if the write was done; throws everything else but a mismatch, which is the caller's to deal with. */
export const orThrow = (
  outcome: WriteOutcome,
  limits: Limits,
  caller: Caller,
): Written | Extract<WriteOutcome, { state: 'mismatch' }> => {
  throwIfAbsent(outcome, caller)
  switch (outcome.state) {
    case 'written':
    case 'mismatch':
      return outcome
    case 'exists':
      throw new CoatcheckError('session_exists')
    case 'reused':
      throw new CoatcheckError('idempotency_key_reused')
    case 'conflict':
      throw preconditionFailed(versionText(outcome.version, caller))
    case 'limit':
      throw new CoatcheckError(LIMIT_CODES[outcome.limit], undefined, {
        limit: outcome.limit === 'bytes' ? limits.settingsBytes : limits.keys,
      })
  }
}
