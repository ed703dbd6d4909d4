import t from 'tap'
import { readEncryption, readEncryptionKeySet } from '../../src/config/encryption-keys-file.ts'
import { ConfigError, readEnvironment } from '../../src/config/environment.ts'

const K = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64url')
const OTHER = Buffer.from(Array.from({ length: 32 }, (_, i) => 255 - i)).toString('base64url')
const KEY = { kty: 'oct', k: K, kid: '2026' }

const faultsOf = (set: unknown): readonly string[] => {
  try {
    readEncryptionKeySet(typeof set === 'string' ? set : JSON.stringify(set))
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

t.test('a set of keys is read in its order, with whatever else a JWK may say', async (t) => {
  const set = {
    keys: [
      { ...KEY, alg: 'A256GCM', use: 'enc', key_ops: ['encrypt'] },
      { ...KEY, k: OTHER, kid: 'a.b_c-1' },
    ],
  }
  const keys = readEncryptionKeySet(JSON.stringify(set))
  t.strictSame(
    keys.map(({ kid, key }) => [kid, key.toString('base64url')]),
    [
      ['2026', K],
      ['a.b_c-1', OTHER],
    ],
  )
})

t.test('every fault is told at once, by its place and without the value', async (t) => {
  const at = 'COATCHECK_ENCRYPTION_KEYS: keys.0 must'
  const cases: readonly (readonly [unknown, RegExp])[] = [
    ['no JSON', /must be JSON/],
    ['{"keys":[],"keys":[]}', /each member once/],
    [{}, /one key at least/],
    [{ keys: [] }, /one key at least/],
    [{ keys: ['x'] }, /be an object/],
    [{ keys: [{ ...KEY, kty: 'OKP' }] }, /be a symmetric key/],
    [{ keys: [{ ...KEY, k: undefined }] }, /have the key in `k`/],
    [{ keys: [{ ...KEY, k: K.slice(1) }] }, /have the key in `k`/],
    [{ keys: [{ ...KEY, k: `${K.slice(0, 42)}9` }] }, /have the key in `k`/],
    [{ keys: [{ ...KEY, k: 'A'.repeat(43) }] }, /have a random key/],
    [{ keys: [{ ...KEY, kid: 'with space' }] }, /have a `kid`/],
    [{ keys: [{ ...KEY, kid: 'x'.repeat(65) }] }, /have a `kid`/],
    [{ keys: [{ ...KEY, alg: 'dir' }] }, /have `"alg": "A256GCM"`/],
    [{ keys: [{ ...KEY, use: 'sig' }] }, /have `"use": "enc"`/],
  ]
  for (const [set, expected] of cases) {
    const faults = faultsOf(set)
    t.equal(faults.length, 1, JSON.stringify(set))
    t.match(faults[0], expected)
    t.notMatch(faults.join(), K.slice(0, 20))
  }
  t.strictSame(faultsOf({ keys: [{ kty: 'oct', use: 'sig' }] }).length, 3)
  t.ok(faultsOf({ keys: [{ kty: 'oct' }] }).every((fault) => fault.startsWith(at)))
  t.match(faultsOf({ keys: [KEY, { ...KEY, k: OTHER }] }), [/keys\.1 must have a `kid` of its own/])
  t.match(faultsOf({ keys: [KEY, { ...KEY, kid: '2027' }] }), [/keys\.1 must have another key/])
})

t.test('what is done with the keys is said apart, and what makes no sense is refused', async (t) => {
  const read = (more: Readonly<Record<string, string>>) => readEncryption(readEnvironment(more))
  const keys = { COATCHECK_ENCRYPTION_KEYS: JSON.stringify({ keys: [KEY] }) }
  const onRedis = { COATCHECK_STORE: 'redis://127.0.0.1' }
  t.equal(read({}), undefined)
  t.match(read(keys), { mode: 'on', keys: [{ kid: '2026' }] })
  t.match(read({ ...keys, ...onRedis, COATCHECK_ENCRYPTION: 'prepared' }), { mode: 'prepared' })
  t.match(read({ ...keys, COATCHECK_ENCRYPTION: 'required' }), { mode: 'required' })
  t.throws(() => read({ ...keys, COATCHECK_ENCRYPTION: 'prepared' }), /prepared is for replicas on Redis/)
  t.throws(() => read({ COATCHECK_ENCRYPTION: 'required' }), /COATCHECK_ENCRYPTION_KEYS is missing/)
  t.throws(() => read({ ...keys, COATCHECK_ENCRYPTION: 'off' }), /must be one of prepared, on, required/)
})
