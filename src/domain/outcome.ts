/** What the store answers, as the errors a caller sees. */
import { CoatcheckError } from '../errors.ts'
import type { Gone, Missing, Refused, WriteOutcome, Written } from '../store/port.ts'
import { settingsConflict } from './condition.ts'
import type { Limits } from './policy.ts'

export const gone = ({ reason, endedAt }: Gone): CoatcheckError =>
  new CoatcheckError('session_gone', `The session was ended (${reason}). Begin another one under a new id.`, {
    reason,
    endedAt: new Date(endedAt).toISOString(),
  })

export const missing = (): CoatcheckError => new CoatcheckError('session_not_found')

export const refused = ({ why }: Refused): CoatcheckError =>
  why === 'life' ? new CoatcheckError('session_over') : new CoatcheckError('invalid_credential')

/** Throws what stands between the caller and a session: gone, missing, or a credential that is over. */
export const throwIfAbsent: <T extends { state: string }>(
  found: T,
) => asserts found is Exclude<T, Gone | Missing | Refused> = (found) => {
  if (found.state === 'gone') throw gone(found as unknown as Gone)
  if (found.state === 'missing') throw missing()
  if (found.state === 'refused') throw refused(found as unknown as Refused)
}

const LIMIT_CODES = { bytes: 'settings_too_large', keys: 'too_many_keys' } as const

/** The outcome if the write was done; throws everything else but a mismatch, which is the caller's to deal with. */
export const orThrow = (
  outcome: WriteOutcome,
  limits: Limits,
): Written | Extract<WriteOutcome, { state: 'mismatch' }> => {
  throwIfAbsent(outcome)
  switch (outcome.state) {
    case 'written':
    case 'mismatch':
      return outcome
    case 'exists':
      throw new CoatcheckError('session_exists')
    case 'reused':
      throw new CoatcheckError('idempotency_key_reused')
    case 'conflict':
      throw settingsConflict(outcome.version)
    case 'limit':
      throw new CoatcheckError(LIMIT_CODES[outcome.limit], undefined, {
        limit: outcome.limit === 'bytes' ? limits.settingsBytes : limits.keys,
      })
  }
}
