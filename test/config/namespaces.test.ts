/** The file that COATCHECK_CONFIG names: what it may say, what is refused, and what it leaves to the environment. */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { ConfigError, readEnvironment } from '../../src/config/environment.ts'
import { type Namespaces, readNamespaces } from '../../src/config/namespaces.ts'
import { fileMembers } from '../../src/config/namespaces-file.ts'
import { readConfiguration } from '../../src/config/read-configuration.ts'
import { readSigningKeySet } from '../../src/config/signing-keys-file.ts'
import { DEFAULT_PERMISSIONS } from '../../src/domain/credentials/permission.ts'
import { fixedSigningKeys } from '../../src/domain/credentials/signing-keys.ts'

type Env = Record<string, string>

const written = (t: Test, file: unknown): string => {
  const path = join(t.testdir(), 'coatcheck.json')
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file))
  return path
}

const namespacesOf = (t: Test, file: unknown, env: Env = {}): Namespaces =>
  readNamespaces(readEnvironment({ ...env, COATCHECK_CONFIG: written(t, file) }))

const faultsIn = (read: () => unknown): readonly string[] => {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

const faultsOf = (t: Test, file: unknown, env: Env = {}): readonly string[] =>
  faultsIn(() => namespacesOf(t, file, env))

/** The faults of a file that says this of one namespace, without what stands before each. */
const shopFaults = (t: Test, shop: unknown, env?: Env): string[] =>
  faultsOf(t, { namespaces: { shop } }, env).map((line) => line.replace('COATCHECK_CONFIG: namespaces.shop.', ''))

const browser = (more: object) => ({ browser: { keys: { read: ['*'] }, ...more } })

t.test('what is left out is as the environment says', async (t) => {
  const env = {
    COATCHECK_IDLE_TIMEOUT_SECONDS: '100',
    COATCHECK_LIFETIME_SECONDS: '1000',
    COATCHECK_TOMBSTONE_SECONDS: '10',
    COATCHECK_MAX_KEYS: '7',
    COATCHECK_MAX_SETTINGS_BYTES: '500',
  }
  const file = {
    namespaces: {
      shop: { idleTimeoutSeconds: 50, bound: { lifetimeSeconds: 5000 }, limits: { settingsBytes: 600, depth: 3 } },
      blog: {},
    },
  }
  const { policyOf, settingsBytes, origins, apiKeys } = namespacesOf(t, file, env)
  t.strictSame(policyOf('shop').clocks, {
    anonymous: { idleTimeoutSeconds: 50, lifetimeSeconds: 1000 },
    bound: { idleTimeoutSeconds: 50, lifetimeSeconds: 5000 },
  })
  t.hasStrict(policyOf('shop'), {
    tombstoneSeconds: 10,
    limits: { settingsBytes: 600, keys: 7, depth: 3, keyBytes: 128 },
    browser: null,
    checkValue: null,
  })
  const clocks = { idleTimeoutSeconds: 100, lifetimeSeconds: 1000 }
  for (const name of ['blog', 'unknown', 'constructor', '__proto__', 'toString']) {
    t.strictSame(policyOf(name).clocks, { anonymous: clocks, bound: clocks }, name)
    t.hasStrict(policyOf(name).limits, { settingsBytes: 500, keys: 7 }, name)
  }
  t.equal(settingsBytes, 600, 'the largest, for bodies')
  t.strictSame([origins, apiKeys], [[], []])
  t.equal(readNamespaces(readEnvironment(env)).settingsBytes, 500, 'without a file')
})

t.test('the example of the documentation loads, and says what it is said to', async (t) => {
  const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  const [, example = ''] = /```json\n(.*?)```/s.exec(text) ?? []
  const { policyOf, apiKeys, origins } = namespacesOf(t, example)
  t.equal(policyOf('shop').clocks.bound.idleTimeoutSeconds, 90 * 86_400)
  t.strictSame(origins, ['https://shop.example', 'http://localhost:4000'])
  t.strictSame(
    apiKeys.map(({ namespace, permissions }) => [namespace, permissions]),
    [
      ['shop', DEFAULT_PERMISSIONS],
      ['shop', ['read']],
    ],
  )
  const check = policyOf('shop').checkValue
  t.strictSame(check?.('theme', 'dark'), [])
  t.strictSame(check?.('cart-1', { count: 1 }), [])
  t.strictSame(check?.('cart-1', { count: 0 }), [{ pointer: '#/cart-1/count', detail: 'must be >= 1' }])
  for (const { place } of fileMembers()) t.ok(text.includes(`| \`${place}\` |`), place)
})

t.test('a file that cannot be read, or is no JSON, is a fault', async (t) => {
  t.match(
    faultsIn(() => readNamespaces(readEnvironment({ COATCHECK_CONFIG: '/not/there' }))),
    [/cannot be read \(ENOENT\)/],
  )
  t.match(
    faultsIn(() => readNamespaces(readEnvironment({ COATCHECK_CONFIG: '{}' }))),
    [/not its text/],
  )
  t.match(faultsOf(t, '{"namespaces":'), [/^COATCHECK_CONFIG: The file is not JSON: where the file ends/])
  t.match(faultsOf(t, '[]'), [/^COATCHECK_CONFIG: the file must be an object$/])
  t.match(faultsOf(t, '{"namespaces":{"shop":{},"shop":{}}}'), [/namespaces\.shop stands twice/])
  t.match(faultsOf(t, '{"namespaces":{"shop":{"limits":{"keys":1,"keys":2}}}}'), [/shop\.limits\.keys stands twice/])
  t.match(faultsOf(t, '{"namespaces":{"__proto__":{}}}'), [/namespaces\.__proto__ is a name that is refused/])
})

t.test('every fault is named at once, with its place, and nothing is quoted', async (t) => {
  const file = {
    canary: 1,
    namespaces: {
      UPPER: {},
      other: { browser: { keys: {}, origins: ['https://canary.example/path'] } },
      shop: {
        idleTimeoutSeconds: 0,
        lifetimeSeconds: 1.5,
        tombstoneSeconds: '60',
        limits: { keys: 10_001, depth: 101, unheard: 1 },
        bound: { idleTimeoutSeconds: 4_000_000_001, tombstoneSeconds: 1 },
        browser: { keys: { read: [''], write: 'theme' }, origins: 'https://canary.example' },
        settings: [],
        apiKeys: [
          { name: 'Web', sha256: 'ck_web_canarycanarycanarycanarycanarycan' },
          { name: 'web', sha256: 'a'.repeat(64), may: ['reed'] },
          { name: 'web', sha256: 'c'.repeat(64), may: [], ck_web_canarycanarycanarycanarycanarycan: 1 },
        ],
      },
    },
  }
  const faults = faultsOf(t, file)
  for (const fault of [
    'canary is not known here, where namespaces may stand',
    'namespaces.UPPER is no name of a namespace, which has 1 to 32 of a-z, 0-9 and -',
    'namespaces.other.browser.origins.0 must be as browsers send it, without a path: https://canary.example',
    'namespaces.shop.idleTimeoutSeconds must be a whole number from 1 to 4000000000',
    'namespaces.shop.lifetimeSeconds must be a whole number from 1 to 4000000000',
    'namespaces.shop.tombstoneSeconds must be a whole number from 1 to 4000000000',
    'namespaces.shop.limits.keys must be a whole number from 1 to 10000',
    'namespaces.shop.limits.depth must be a whole number from 1 to 100',
    'namespaces.shop.limits.unheard is not known here, where settingsBytes, keys, keyBytes, depth, batch, subjectBytes may stand',
    'namespaces.shop.bound.idleTimeoutSeconds must be a whole number from 1 to 4000000000',
    'namespaces.shop.bound.tombstoneSeconds is not known here, where idleTimeoutSeconds, lifetimeSeconds may stand',
    'namespaces.shop.browser.keys.read.0 must be a text of 1 to 256 characters',
    'namespaces.shop.browser.keys.write must be a list of 64 at most',
    'namespaces.shop.browser.origins must be a list',
    'namespaces.shop.settings must be an object',
    'namespaces.shop.apiKeys.0.name must be 1 to 32 of a-z, 0-9 and -',
    'namespaces.shop.apiKeys.0.sha256 must be 64 hex digits in lower case, as `coatcheck key new` prints them (never the key itself)',
    'namespaces.shop.apiKeys.1.may.0 must be one of create, read, write, take, events, touch, end, rotate, tokens, handoffs, subjects, list, signing-keys, operate',
    'namespaces.shop.apiKeys.2.may must be a list of 1 at least',
    'namespaces.shop.apiKeys.2.… is not known here, where name, sha256, may may stand',
  ]) {
    t.ok(faults.includes(`COATCHECK_CONFIG: ${fault}`), fault)
  }
  t.equal(faults.length, 20)
  t.notMatch(faults.join('\n'), /canarycanary|reed/)
  t.match(shopFaults(t, { apiKeys: [{}] }), [/^apiKeys\.0\.name is missing/, /^apiKeys\.0\.sha256 is missing/])
  t.match(shopFaults(t, { browser: {} }), [/^browser\.keys is missing/])
})

t.test('what would be unsafe in browsers is refused', async (t) => {
  const detailOf = (origin: string) => shopFaults(t, browser({ origins: [origin] }))
  for (const origin of [
    'https://a.example',
    'https://a.example:8443',
    'http://localhost',
    'http://127.0.0.1:4000',
    'http://[::1]:4000',
  ])
    t.strictSame(detailOf(origin), [], origin)
  for (const [origin, detail] of [
    ['*', /name each that may call/],
    ['null', /sandboxed/],
    ['https://*.example', /name each that may call/],
    ['http://shop.example', /must be https/],
    ['http://localhost.example', /must be https/],
    ['https://shop.example/', /without a path: https:\/\/shop\.example$/],
    ['https://shop.example/shop', /without a path/],
    ['https://SHOP.example', /without a path/],
    ['https://shop.example:443', /without a path/],
    ['https://user:canary@shop.example', /without a path: https:\/\/shop\.example$/],
    ['shop.example', /such as https/],
    ['file:///etc', /such as https/],
  ] as const) {
    t.match(detailOf(origin), [detail], origin)
  }
  const rule = browser({ origins: ['https://shop.example'] })
  const publicly = (COATCHECK_PUBLIC_URL: string) => shopFaults(t, rule, { COATCHECK_PUBLIC_URL })
  t.match(publicly('http://coat.example'), [/COATCHECK_PUBLIC_URL to be https/])
  for (const url of ['https://coat.example', 'http://localhost:3000']) t.strictSame(publicly(url), [], url)
})

t.test('a schema that cannot hold for single keys, or is at fault, is refused', async (t) => {
  const faults = (settings: unknown) => shopFaults(t, { settings })
  for (const member of ['required', 'minProperties', 'allOf', '$ref', 'type', '$id'])
    t.match(
      faults({ [member]: [] }),
      [new RegExp(`^settings\\.${member.replace('$', '\\$')} cannot be said of all`)],
      member,
    )
  t.match(faults({ properties: { a: { type: 'strin' } } }).join('\n'), /^settings\.properties\.a\.type must be/m)
  t.match(faults({ properties: { a: { type: 'string', minLenght: 1 } } }), [
    /^settings cannot be used: strict mode: unknown keyword/,
  ])
  t.match(faults({ properties: { a: { minLength: 1 } } }), [/^settings cannot be used: strict mode: missing type/])
  t.match(faults({ properties: { a: { $ref: 'https://elsewhere.example/schema.json' } } }), [/can't resolve reference/])
  t.match(faults({ patternProperties: { '(': {} } }).join('\n'), /^settings/)
  t.strictSame(faults({ properties: { toString: { type: ['string', 'null'], format: 'date-time' } } }), [])
  t.strictSame(faults({}), [])
})

t.test('a value is held to the schema of its key alone, and no fault quotes it', async (t) => {
  const settings = {
    properties: {
      toString: { type: 'string' },
      theme: { enum: ['dark', 'light'] },
      one: { const: 1 },
      list: { type: 'array', uniqueItems: true, items: { $ref: '#/$defs/item' } },
      either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
      when: { type: 'string', format: 'date-time' },
      word: { type: 'string', pattern: '^a+$', maxLength: 3 },
    },
    patternProperties: { '^a/': { type: 'integer' } },
    additionalProperties: false,
    $defs: { item: { type: 'object', properties: { 'a~b': { type: 'number' } }, additionalProperties: false } },
  }
  const { checkValue } = namespacesOf(t, { namespaces: { shop: { settings } } }).policyOf('shop')
  const faults = (key: string, value: unknown) => {
    const found = checkValue?.(key, value) ?? []
    t.notMatch(JSON.stringify(found), 'canary')
    return found.map(({ pointer, detail }) => `${pointer} ${detail}`)
  }
  t.strictSame(faults('theme', 'dark'), [])
  t.strictSame(faults('theme', 'canary'), ['#/theme must be one of "dark", "light"'])
  t.strictSame(faults('one', 'canary'), ['#/one must be 1'])
  t.strictSame(faults('unheard', 'canary'), ['#/unheard is not known here'])
  t.strictSame(faults('a/é', 'canary'), ['#/a~1%C3%A9 must be integer'])
  t.strictSame(faults('list', [{}, { 'a~b': 'canary' }]), ['#/list/1/a~0b must be number'])
  t.strictSame(faults('list', [{ more: 'canary' }]), ['#/list/0/more is not known here'])
  t.strictSame(faults('list', [{}, {}]), ['#/list must not hold the same item twice'])
  t.strictSame(faults('word', 'canary'), ['#/word must NOT have more than 3 characters'])
  t.match(faults('when', 'canary'), [/^#\/when must match format/])
  t.equal(faults('either', null).length, 3)
  t.strictSame(faults('toString', 1), ['#/toString must be string'])
})

t.test('API keys of the file and of the environment count together, and each once', async (t) => {
  const a = hashOf('a')
  const b = hashOf('b')
  const named = (...hashes: string[]) => ({ apiKeys: hashes.map((sha256, i) => ({ name: `key-${i}`, sha256 })) })
  const keysOf = (file: unknown, env: Env = {}) =>
    readConfiguration({ COATCHECK_CONFIG: written(t, file), ...env }).apiKeys.map(
      ({ namespace, hash }) => `${namespace}:${hash.toString('hex')}`,
    )
  const file = { namespaces: { shop: named(b) } }
  t.strictSame(keysOf(file, { COATCHECK_API_KEYS: `blog:${a}` }), [`blog:${a}`, `shop:${b}`])
  const beyond = { HOST: '0.0.0.0' }
  t.strictSame(keysOf(file, beyond), [`shop:${b}`], 'those of the environment may be missing')
  t.match(
    faultsIn(() => keysOf({ namespaces: { shop: {} } }, beyond)),
    [/COATCHECK_API_KEYS is missing/],
  )
  t.match(
    faultsIn(() => keysOf({}, { ...beyond, COATCHECK_API_KEYS: ',' })),
    [/COATCHECK_API_KEYS is missing/],
  )
  t.strictSame(keysOf({}), [], 'one may be made')
  const twice = [/^COATCHECK_CONFIG: namespaces\.shop\.apiKeys\.0\.sha256 stands twice/]
  t.match(
    faultsIn(() => keysOf(file, { COATCHECK_API_KEYS: `blog:${b}` })),
    twice,
  )
  t.match(faultsOf(t, { namespaces: { blog: named(a), shop: named(a) } }), twice)
  t.match(shopFaults(t, named(a, b, a)), [/^apiKeys\.2\.sha256 stands twice/])
})

t.test('signing keys are Ed25519 keys with names of their own, and a fault quotes none', async (t) => {
  const jwk = () => generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const [one, two] = [
    { ...jwk(), kid: '1' },
    { ...jwk(), kid: '2', alg: 'EdDSA', use: 'sig' },
  ] as const
  const set = (...keys: unknown[]) => JSON.stringify({ keys })
  const read = readSigningKeySet(set(one, two))
  t.strictSame(
    read.map(({ kid, x }) => [kid, x]),
    [
      ['1', one.x],
      ['2', two.x],
    ],
  )
  const keys = await fixedSigningKeys(read)
  t.equal((await keys.current()).kid, '1', 'the first signs')
  t.strictSame(
    keys.known().map(({ publicJwk }) => 'd' in publicJwk),
    [false, false],
  )
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
  const x25519 = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
  const { d: _d, ...publicOne } = one
  const { kid: _kid, ...nameless } = one
  for (const [text, fault] of [
    ['', /must be JSON/],
    [`{"keys":[],"keys":[${JSON.stringify(one)}]}`, /must be JSON, with each member once/],
    ['{}', /must be a JWK Set/],
    [set(), /must be a JWK Set/],
    [JSON.stringify(one), /must be a JWK Set/],
    [set('canary'), /keys\.0 must be an object/],
    [set(one, { ...rsa, kid: 'rsa' }), /keys\.1 must be an Ed25519 key/],
    [set({ ...x25519, kid: 'x' }), /keys\.0 must be an Ed25519 key/],
    [set(publicOne), /keys\.0 must have the private key/],
    [set({ ...one, d: `${one.d}A` }), /keys\.0 must have the private key/],
    [set({ ...one, x: two.x }), /keys\.0 must have in `x` the public key of `d`/],
    [set(nameless), /keys\.0 must have a `kid`/],
    [set(one, { ...two, kid: '1' }), /keys\.1 must have a `kid` of its own/],
    [set({ ...one, alg: 'ES256' }), /keys\.0 must have `"alg": "EdDSA"`/],
    [set({ ...one, use: 'enc' }), /keys\.0 must have `"use": "sig"`/],
  ] as const) {
    const faults = faultsIn(() => readSigningKeySet(text))
    t.match(faults, [fault], String(fault))
    t.notMatch(faults.join('\n'), new RegExp(`${one.d}|${one.x}|${two.d}|canary`))
  }
})

t.test('the faults of all parts are named at once', async (t) => {
  const faults = faultsIn(() =>
    readConfiguration({
      PORT: 'x',
      COATCHECK_API_KEYS: 'x',
      COATCHECK_CONFIG: written(t, { namespaces: { shop: { limits: { keys: 0 } } } }),
      COATCHECK_SIGNING_KEYS: 'x',
      COATCHECK_COOKIE_SECRETS: 'canary',
    }),
  )
  for (const part of [
    /^PORT/,
    /^COATCHECK_API_KEYS/,
    /^COATCHECK_CONFIG: /,
    /^COATCHECK_SIGNING_KEYS/,
    /^COATCHECK_COOKIE_SECRETS/,
  ])
    t.ok(
      faults.some((fault) => part.test(fault)),
      String(part),
    )
  t.equal(faults.length, 5)
  t.notMatch(faults.join('\n'), 'canary')
})

t.test('a limit for the sessions of a subject', async (t) => {
  const file = (sessionsPerSubject: unknown) => ({ namespaces: { shop: { sessionsPerSubject } } })
  const limit = { most: 3, beyond: 'refuse' }
  const { policyOf } = namespacesOf(t, file(limit))
  t.strictSame(policyOf('shop').sessionsPerSubject, limit)
  t.equal(policyOf('blog').sessionsPerSubject, null)
  for (const one of [{}, { most: 0, beyond: 'refuse' }, { most: 3 }, { most: 3, beyond: 'ask' }]) {
    t.match(faultsOf(t, file(one)), [/sessionsPerSubject/])
  }
})

t.test('limits that are good each by itself may be too much together', async (t) => {
  const bytes = { COATCHECK_MAX_SETTINGS_BYTES: '262144', COATCHECK_MAX_BATCH: '101' }
  const fault =
    'allow a batch of 101 sessions of 262144 bytes, more than 26214400 bytes: lower the batch to 100, or the bytes'
  t.throws(() => readNamespaces(readEnvironment(bytes)), {
    message: `COATCHECK_MAX_BATCH and COATCHECK_MAX_SETTINGS_BYTES ${fault}.`,
  } as Error)
  t.equal(readNamespaces(readEnvironment({ ...bytes, COATCHECK_MAX_BATCH: '100' })).settingsBytes, 262_144)
  const shop = { limits: { settingsBytes: 262_144, batch: 101 } }
  t.strictSame(shopFaults(t, shop), [`limits ${fault}`])
  t.equal(namespacesOf(t, { namespaces: { shop: { limits: { settingsBytes: 262_144 } } } }).settingsBytes, 262_144)
})

t.test('durability is a choice where there are replicas', async (t) => {
  const shop = { durability: 'replicated' }
  const redis = { COATCHECK_STORE: 'redis+sentinel://127.0.0.1/main' }
  const { policyOf, isAnyReplicated } = namespacesOf(t, { namespaces: { shop, blog: {} } }, redis)
  t.equal(policyOf('shop').durability, 'replicated')
  t.equal(policyOf('blog').durability, 'acknowledged', 'of those that do not say so')
  t.equal(policyOf('another').durability, 'acknowledged')
  t.equal(isAnyReplicated, true)
  t.equal(namespacesOf(t, { namespaces: { blog: { durability: 'acknowledged' } } }).isAnyReplicated, false)
  t.match(shopFaults(t, shop), [/^durability must be acknowledged with the embedded store.* one disk.*Redis/])
  t.match(shopFaults(t, { durability: 'safe' }, redis), ['durability must be one of acknowledged, replicated'])
})
