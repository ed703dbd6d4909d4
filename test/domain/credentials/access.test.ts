/** What a credential may see, use, compare and change: the same rules for API keys, tokens and cookies. */
import t from 'tap'
import {
  lackingRights,
  may,
  maySee,
  maySeeSubject,
  mayUse,
  type Right,
  requireAllKeys,
  requireComparable,
  requireReadable,
  requireWritable,
  visibleTo,
} from '../../../src/domain/credentials/access.ts'
import {
  apiKeyCaller,
  type Caller,
  calledUntil,
  credentialOf,
  refOf,
  type SessionCaller,
} from '../../../src/domain/credentials/caller.ts'
import { ALL_KEYS, type KeyRules } from '../../../src/domain/credentials/key-rule.ts'
import { DEFAULT_PERMISSIONS, PERMISSIONS, type Permission } from '../../../src/domain/credentials/permission.ts'
import { DEFAULT_SCOPE, parseScope, SCOPES, type Scope } from '../../../src/domain/credentials/scope.ts'
import type { CoatcheckError } from '../../../src/errors.ts'

const HASH = Buffer.from('0badcafe', 'hex')

const service = (...permissions: Permission[]): Caller =>
  apiKeyCaller({ namespace: 'shop', hash: HASH, name: 'basket', permissions })

const holder = (scopes: readonly Scope[], keys: KeyRules = ALL_KEYS): SessionCaller => ({
  kind: 'session',
  via: 'token',
  namespace: 'shop',
  credentialId: 'of-the-token',
  sessionId: 'a-session',
  life: 'a-life',
  gen: 'a-gen',
  may: scopes,
  keys,
  expiresAt: 1_000,
  renewUntil: 2_000,
})

/** The code of what is thrown, or undefined. */
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
  } catch (error) {
    return (error as CoatcheckError).code
  }
  return undefined
}

const SOME: KeyRules = { read: ['theme', 'cart*'], write: ['cart*'] }
const STORED = new Map(['theme', 'cart', 'cart:1', 'role'].map((key) => [key, '1']))

t.test('a credential has the rights that it was given, and lacks all others', async (t) => {
  for (const caller of [service('read', 'end'), holder(['read', 'end'])]) {
    t.ok(may(caller, 'read'))
    t.notOk(may(caller, 'write'))
    t.same(lackingRights(caller, ['read', 'write', 'end', 'take']), ['write', 'take'])
    t.same(lackingRights(caller, ['read', 'end']), [])
  }
})

t.test('an answer shows the keys of the read rule, to who has the right', async (t) => {
  const seen = (caller: Caller, by?: 'read' | 'events') => [...visibleTo(caller, STORED, by).keys()]
  t.same(seen(holder(['read'], SOME)), ['theme', 'cart', 'cart:1'])
  t.same(seen(holder(['events'], SOME), 'events'), ['theme', 'cart', 'cart:1'])
  t.same(seen(holder(['read'], SOME), 'events'), [], 'to read is not to be told')
  t.same(seen(holder(['events'], SOME)), [], 'to be told is not to read')
  t.same(seen(holder(['write', 'take'])), [], 'without the right there is nothing')
  t.equal(visibleTo(holder(['read']), STORED), STORED, 'who sees all gets what is there, not a copy')
  t.same(seen(service('read')), [...STORED.keys()])

  t.ok(maySee(holder(['read'], SOME), 'cart:1'))
  t.notOk(maySee(holder(['read'], SOME), 'role'))
  t.notOk(maySee(holder(['write'], SOME), 'cart:1'))
  t.ok(maySee(holder(['events'], SOME), 'theme', 'events'))
  t.notOk(maySee(holder(['events'], SOME), 'theme'))
  t.notOk(maySee(holder(['read'], SOME), 'theme', 'events'))
})

t.test('only a service that may read sees the subject', async (t) => {
  t.ok(maySeeSubject(service('read')))
  t.notOk(maySeeSubject(service('write', 'subjects')))
  t.notOk(maySeeSubject(holder(SCOPES)))
})

t.test('a service uses the session by each call, a token or cookie only if it may touch it', async (t) => {
  t.ok(mayUse(service('read')))
  t.ok(mayUse(holder(['read', 'touch'])))
  t.notOk(mayUse(holder(SCOPES.filter((scope) => scope !== 'touch'))))
})

t.test('a call that names a key outside of the rule is refused, whichever of its keys that is', async (t) => {
  const caller = holder(['read', 'write'], SOME)
  t.equal(
    codeOf(() => requireReadable(caller, ['theme', 'cart:1'])),
    undefined,
  )
  t.equal(
    codeOf(() => requireReadable(caller, ['theme', 'role'])),
    'key_not_allowed',
  )
  t.equal(
    codeOf(() => requireWritable(caller, ['cart', 'cart:2'])),
    undefined,
  )
  t.equal(
    codeOf(() => requireWritable(caller, ['cart', 'theme'])),
    'key_not_allowed',
    'to read is not to write',
  )
  t.equal(
    codeOf(() => requireWritable(holder(['write']), ['anything'])),
    undefined,
  )
  t.throws(() => requireWritable(caller, ['role']), { message: /may not write/ })
  t.throws(() => requireReadable(caller, ['role']), { message: /may not read/ })
})

t.test('a write that compares needs to read what it compares', async (t) => {
  t.equal(
    codeOf(() => requireComparable(holder(['write']), new Set())),
    undefined,
    'nothing is compared',
  )
  t.equal(
    codeOf(() => requireComparable(holder(['write']), new Set(['theme']))),
    'insufficient_scope',
  )
  t.equal(
    codeOf(() => requireComparable(holder(['read', 'write'], SOME), new Set(['theme']))),
    undefined,
  )
  t.equal(
    codeOf(() => requireComparable(holder(['read', 'write'], SOME), new Set(['role']))),
    'key_not_allowed',
  )
})

t.test('all settings are replaced only by who may read and write every key', async (t) => {
  const all = ['*']
  t.equal(
    codeOf(() => requireAllKeys(holder(['write']))),
    undefined,
  )
  for (const keys of [{ read: all, write: ['a'] }, { read: ['a'], write: all }, SOME])
    t.equal(
      codeOf(() => requireAllKeys(holder(['write'], keys))),
      'key_not_allowed',
    )
})

t.test('an API key as a caller is named by its hash, and reads and writes every key', async (t) => {
  t.same(service('read'), {
    kind: 'api-key',
    namespace: 'shop',
    credentialId: '0badcafe',
    name: 'basket',
    may: ['read'],
    keys: { read: ['*'], write: ['*'] },
  })
})

t.test('a deadline is added to a caller, and nothing is lost', async (t) => {
  for (const caller of [service('read', 'end'), holder(['read'], SOME)]) {
    t.same(calledUntil(caller, 5), { ...caller, by: 5 })
    t.same(refOf(calledUntil(caller, 5), 'its-id'), { namespace: 'shop', id: 'its-id', by: 5 })
  }
})

t.test('the store judges a token or cookie by its life, and an API key by nothing', async (t) => {
  t.equal(credentialOf(service('read')), null)
  t.same(credentialOf(holder(['read'])), { life: 'a-life', gen: 'a-gen' })
})

t.test('scopes are read from a list with spaces; a word that is none makes it no list', async (t) => {
  t.same(parseScope('read write'), ['read', 'write'])
  t.same(parseScope('  read  write read '), ['read', 'write'], 'each counts once')
  t.same(parseScope(''), [])
  for (const text of ['read writ', 'READ', 'read\twrite', 'read,write', 'create']) t.equal(parseScope(text), undefined)
  t.same(parseScope(SCOPES.join(' ')), SCOPES)
})

t.test(
  'what is not said is little for a token, and for an API key all but what goes beyond its namespace',
  async (t) => {
    t.same(DEFAULT_SCOPE, ['read', 'write', 'touch'])
    const others: Right[] = PERMISSIONS.filter((permission) => !DEFAULT_PERMISSIONS.includes(permission))
    t.same(others, ['signing-keys', 'operate'])
  },
)

t.test('the words of rights are those of the documents', async (t) => {
  t.same(SCOPES, ['read', 'write', 'take', 'events', 'touch', 'end', 'renew', 'cookie'])
  const ofServices = ['create', 'read', 'write', 'take', 'events', 'touch', 'end', 'rotate', 'tokens', 'handoffs']
  t.same(PERMISSIONS, [...ofServices, 'subjects', 'list', 'signing-keys', 'operate'])
})
