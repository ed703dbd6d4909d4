import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hashOf, newApiKey, parseApiKeys } from '../../src/config/api-keys.ts'
import { ConfigError, isLoopback, readEnvironment } from '../../src/config/environment.ts'
import { readConfiguration } from '../../src/config/read-configuration.ts'
import { unknownVariables } from '../../src/config/unknown-variables.ts'

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readEnvironment(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

t.test('without any variable everything has its default', async (t) => {
  t.hasStrict(readEnvironment({}), {
    PORT: 3000,
    HOST: '127.0.0.1',
    STORE: 'lmdb:./data',
    IDLE_TIMEOUT_SECONDS: 8_640_000,
    LIFETIME_SECONDS: 34_560_000,
    TOMBSTONE_SECONDS: 86_400,
    MAX_SETTINGS_BYTES: 65_536,
  })
})

t.test('every fault is named at once, by its variable, and no value is quoted', async (t) => {
  const env = {
    PORT: 'eighty',
    COATCHECK_STORE: 'mysql://root:canary@db',
    COATCHECK_IDLE_TIMEOUT_SECONDS: '1.5',
    COATCHECK_LIFETIME_SECONDS: '0',
    COATCHECK_LOG_LEVEL: 'loud',
    COATCHECK_RATE_LIMIT: '-1',
  }
  const faults = faultsOf(env)
  t.equal(faults.length, 6)
  for (const name of Object.keys(env))
    t.ok(
      faults.some((fault) => fault.startsWith(`${name} `)),
      name,
    )
  t.notMatch(faults.join('\n'), /canary|eighty|loud/)
})

t.test('however many faults there are, each is named', async (t) => {
  const numbers = ['IDLE_TIMEOUT_SECONDS', 'LIFETIME_SECONDS', 'TOMBSTONE_SECONDS', 'SWEEP_INTERVAL_SECONDS']
  const limits = ['SETTINGS_BYTES', 'KEYS', 'KEY_BYTES', 'DEPTH', 'BATCH', 'SUBJECT_BYTES'].map((one) => `MAX_${one}`)
  const names = [...numbers, ...limits].map((name) => `COATCHECK_${name}`)
  const faults = faultsOf(Object.fromEntries(names.map((name) => [name, '0'])))
  t.strictSame(faults.map((fault) => fault.split(' ')[0]).sort(), [...names].sort())
})

t.test('cookie secrets are long, and several are separated by commas', async (t) => {
  const secretsFault = (COATCHECK_COOKIE_SECRETS: string) => faultsOf({ COATCHECK_COOKIE_SECRETS })
  const long = 'c'.repeat(32)
  for (const good of [long, `${long},${long}d`, `${long}, ${long}`]) t.strictSame(secretsFault(good), [])
  for (const bad of ['c'.repeat(31), `${long},short`, `${long},`, `${long},,${long}`, `${long} ${long}`]) {
    t.match(secretsFault(bad), [/^COATCHECK_COOKIE_SECRETS .* at least 32 characters/], bad)
    t.notMatch(secretsFault(bad).join(), /ccc|short/)
  }
})

t.test('an empty variable counts as none', async (t) => {
  t.equal(readEnvironment({ PORT: '', COATCHECK_STORE: '' }).PORT, 3000)
})

t.test('a secret can be read from a file', async (t) => {
  const file = join(t.testdir(), 'keys')
  writeFileSync(file, `app:${'a'.repeat(64)}\n`)
  t.equal(readEnvironment({ COATCHECK_API_KEYS_FILE: file }).API_KEYS, `app:${'a'.repeat(64)}`)
  t.match(faultsOf({ COATCHECK_API_KEYS_FILE: file, COATCHECK_API_KEYS: 'x' }), [/both set/])
  t.match(faultsOf({ COATCHECK_API_KEYS_FILE: `${file}-not-there` }), [/cannot be read \(ENOENT\)/])
})

t.test('a setting whose name ends in _FILE is a path, not a value to be read from a file', async (t) => {
  const file = join(t.testdir(), 'value')
  writeFileSync(file, 'what is in it')
  const config = readEnvironment({
    COATCHECK_STORE_CA_FILE: '/ca.pem',
    COATCHECK_STORE_KEY_FILE: '',
    COATCHECK_STORE_CERT_FILE_FILE: file,
  })
  t.hasStrict(config, { STORE_CA_FILE: '/ca.pem', STORE_KEY_FILE: undefined, STORE_CERT_FILE: undefined })
})

t.test('loopback is told from everything else', async (t) => {
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1']) t.ok(isLoopback(host), host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example', '127.0.0.1.example'])
    t.notOk(isLoopback(host), host)
})

t.test('API keys are configured by their hashes, several at once', async (t) => {
  const key = newApiKey('web')
  t.match(key, /^ck_web_[A-Za-z0-9_-]{32}$/)
  const [first, second] = parseApiKeys(`shop:${hashOf(key)}, app:${'0'.repeat(64)},`)
  t.strictSame([first?.namespace, first?.hash.toString('hex'), second?.namespace], ['shop', hashOf(key), 'app'])
  t.throws(() => parseApiKeys(`shop:${key}`), /entry 1 .*seems to be a key itself/)
  t.throws(() => parseApiKeys('Shop:abc'), /entry 1/)
  try {
    parseApiKeys(`shop:${key}`)
  } catch (error) {
    t.notMatch((error as Error).message, key)
  }
})

t.test('a misspelt variable is a fault that names the right one', async (t) => {
  for (const [misspelt, meant] of [
    ['COATCHECK_TRUSTPROXY', 'COATCHECK_TRUST_PROXY'],
    ['COATCHECK_API_KEYS_FILES', 'COATCHECK_API_KEYS'],
    ['COATCHECK_API_KYES_FILE', 'COATCHECK_API_KEYS'],
    ['COATCHECK_STORES', 'COATCHECK_STORE'],
    ['COATCHECK_PORT', 'PORT'],
    ['COATCHECK_HOST', 'HOST'],
  ] as const) {
    const fault = `${misspelt} is no setting. Did you mean ${meant}? Otherwise unset it.`
    t.throws(() => readConfiguration({ [misspelt]: 'canary' }), new ConfigError([fault]))
  }
})

t.test('variables of others are no fault, and those that nobody knows are named', async (t) => {
  const kubernetes = {
    COATCHECK_SERVICE_HOST: '10.0.0.1',
    COATCHECK_SERVICE_PORT: '80',
    COATCHECK_SERVICE_PORT_HTTP: '80',
    COATCHECK_PORT: 'tcp://10.0.0.1:80',
    COATCHECK_PORT_80_TCP: 'tcp://10.0.0.1:80',
    COATCHECK_PORT_80_TCP_ADDR: '10.0.0.1',
  }
  const commands = { COATCHECK_URL: 'http://127.0.0.1:3000', COATCHECK_API_KEY: 'ck_x', COATCHECK_API_KEY_FILE: 'x' }
  const settings = { COATCHECK_API_KEYS_FILE: 'x', COATCHECK_STORE_CA_FILE: 'x', COATCHECK_TRUSTPROXY: '' }
  const env = { ...kubernetes, ...commands, ...settings, COATCHECK_KEY: 'x' }
  t.strictSame(unknownVariables(env), { faults: [], others: ['COATCHECK_KEY'] })
})
