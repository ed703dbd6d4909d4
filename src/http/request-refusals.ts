/** Why a call can be refused for what it sends: each parameter, header and member of a body brings its own errors. */
import type { ErrorCode } from '../errors.ts'
import type { RouteFacts } from './route-facts.ts'

type Rule = readonly [applies: (route: RouteFacts) => boolean, codes: readonly ErrorCode[]]

/** Whether the call is about one key, which its path or its body names. */
const namesKey = ({ params, members }: RouteFacts): boolean => params.has('key') || members.has('key')

const RULES: readonly Rule[] = [
  // Under any id there may be a tombstone, or nothing. To a token, no session but its own is there.
  [({ params }) => params.has('id'), ['session_gone', 'session_not_found']],
  [namesKey, ['key_length', 'name_refused']],
  [({ params, members }) => params.has('subject') || members.has('subject'), ['limit_exceeded']],
  [({ headers, changesSomething }) => headers.has('if-match') && changesSomething, ['precondition_failed']],
  [({ headers }) => headers.has('idempotency-key'), ['idempotency_key_reused']],
  [({ asksForToken }) => asksForToken, ['keys_required', 'limit_exceeded']],
  [
    ({ writesSettings }) => writesSettings,
    ['settings_too_large', 'too_many_keys', 'key_length', 'settings_invalid', 'store_full'],
  ],
  // Key rules are judged wherever a call names keys. An API key has none.
  [(route) => route.takesSessions && (namesKey(route) || route.writesSettings), ['key_not_allowed']],
]

export const requestRefusals = (route: RouteFacts): ErrorCode[] =>
  RULES.flatMap(([applies, codes]) => (applies(route) ? codes : []))
