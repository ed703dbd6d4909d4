/**
 * What a credential may do. There is one mechanism for API keys, tokens and cookies: rights (the permissions of an API key,
 * the scopes of a token or cookie) say which calls it may make, key rules say which keys of the settings these calls may
 * touch. No rule here asks which kind of credential it is, but the two that say so.
 *
 * The right `read` decides what an answer shows, and what a call may compare with what is stored. Two rights show values by
 * themselves, because that is what their calls are for: `take` and `events`. They show keys of the read rule, too.
 */
import { CoatcheckError } from '../../errors.ts'
import type { Settings } from '../../store/port.ts'
import type { Caller } from './caller.ts'
import { allows, allowsAll } from './key-rule.ts'
import type { Permission } from './permission.ts'
import type { Scope } from './scope.ts'

export type Right = Permission | Scope

/** Whether the credential has this right. */
export const may = (caller: Caller, right: Right): boolean => (caller.may as readonly Right[]).includes(right)

/** Those of these rights that the credential lacks. */
export const lackingRights = (caller: Caller, rights: readonly Right[]): readonly Right[] =>
  rights.filter((right) => !may(caller, right))

/** Whether a call that the credential makes by this right may show the key. */
export const maySee = (caller: Caller, key: string, by: 'read' | 'events' = 'read'): boolean =>
  may(caller, by) && allows(caller.keys.read, key)

/** Of all settings, those that an answer may show to this credential. */
export const visibleTo = (caller: Caller, settings: Settings, by: 'read' | 'events' = 'read'): Settings => {
  if (!may(caller, by)) return new Map()
  if (allowsAll(caller.keys.read)) return settings
  return new Map([...settings].filter(([key]) => allows(caller.keys.read, key)))
}

/**
 * Whether an answer names the user that a session is bound to. Only services see it, for it is often an email address, and
 * a page hands its token's answers to scripts.
 */
export const maySeeSubject = (caller: Caller): boolean => caller.kind === 'api-key' && may(caller, 'read')

/** Whether a read or write by this credential counts as use of the session. A token or cookie needs `touch` for that. */
export const mayUse = (caller: Caller): boolean => caller.kind === 'api-key' || may(caller, 'touch')

const requireKeys = (caller: Caller, access: 'read' | 'write', keys: Iterable<string>): void => {
  for (const key of keys) {
    if (!allows(caller.keys[access], key)) {
      throw new CoatcheckError('key_not_allowed', `The credential may not ${access} a key that this call names.`)
    }
  }
}

/** Throws key_not_allowed unless the read rule covers each of these keys. The route has judged the right. */
export const requireReadable = (caller: Caller, keys: Iterable<string>): void => requireKeys(caller, 'read', keys)

/** Throws key_not_allowed unless the write rule covers each of these keys. The route has judged the right. */
export const requireWritable = (caller: Caller, keys: Iterable<string>): void => requireKeys(caller, 'write', keys)

/**
 * For a write whose outcome tells what a key holds, such as a JSON Patch `test` or a precondition on one key. Who may not
 * read must not find out in this way either. Throws insufficient_scope and key_not_allowed.
 */
export const requireComparable = (caller: Caller, keys: ReadonlySet<string>): void => {
  if (keys.size === 0) return
  if (!may(caller, 'read')) {
    throw new CoatcheckError(
      'insufficient_scope',
      'The write depends on what is stored, so it needs `read` beside `write`.',
    )
  }
  requireReadable(caller, keys)
}

/** For a write of the whole settings: it touches every key, also those that it leaves out. Throws key_not_allowed. */
export const requireAllKeys = (caller: Caller): void => {
  if (allowsAll(caller.keys.read) && allowsAll(caller.keys.write)) return
  throw new CoatcheckError(
    'key_not_allowed',
    'The credential is for some keys only: change these by PATCH or one by one.',
  )
}
