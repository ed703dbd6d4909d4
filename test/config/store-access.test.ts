/** What is configured beside the store's URL: certificates in files, and a URL that is read again. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ConfigError } from '../../src/config/environment.ts'
import { readConfiguration } from '../../src/config/read-configuration.ts'

const KEYS = { COATCHECK_API_KEYS: `shop:${'a'.repeat(64)}` }

const accessOf = (env: Readonly<Record<string, string>>) => readConfiguration({ ...KEYS, ...env }).storeAccess

const faultsOf = (env: Readonly<Record<string, string>>): readonly string[] => {
  try {
    accessOf(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

t.test('each file that is at fault is named by its variable', async (t) => {
  const file = join(t.testdir(), 'file')
  writeFileSync(file, 'canary')
  const env = { COATCHECK_STORE: 'rediss://h' }
  const absent = 'cannot be read (ENOENT): check the path and who may read it.'
  t.strictSame(faultsOf({ ...env, COATCHECK_STORE_CA_FILE: `${file}-not-there`, COATCHECK_STORE_CERT_FILE: file }), [
    `COATCHECK_STORE_CA_FILE ${absent}`,
    'COATCHECK_STORE_CERT_FILE needs a key file, too.',
    'COATCHECK_STORE_CERT_FILE holds no certificate in PEM.',
  ])
  t.strictSame(faultsOf({ ...env, COATCHECK_STORE_KEY_FILE: `${file}-not-there` }), [
    `COATCHECK_STORE_KEY_FILE ${absent}`,
    'COATCHECK_STORE_KEY_FILE needs a certificate file, too.',
  ])
  t.strictSame(faultsOf(env), [])
})

t.test('they are for TLS alone', async (t) => {
  for (const store of ['lmdb:./data', 'redis://h', 'redis+sentinel://h/main', 'redis+cluster://h', 'redis+unix:///s']) {
    for (const variable of ['CA', 'CERT', 'KEY'].map((part) => `COATCHECK_STORE_${part}_FILE`)) {
      const faults = faultsOf({ COATCHECK_STORE: store, [variable]: '/not-there' })
      const unset = 'is set, but the store is not reached by TLS: unset it, or write rediss in COATCHECK_STORE.'
      t.strictSame(faults, [`${variable} ${unset}`], store)
    }
  }
  for (const store of ['rediss+sentinel://h/main', 'rediss+cluster://h']) {
    t.match(faultsOf({ COATCHECK_STORE: store, COATCHECK_STORE_CA_FILE: '/not-there' }), [/ENOENT/], store)
  }
})

t.test('a store that is at fault itself is not called one without TLS', async (t) => {
  const faults = faultsOf({ COATCHECK_STORE: 'https://canary', COATCHECK_STORE_CA_FILE: '/not-there' })
  t.match(faults, [/^COATCHECK_STORE must match/, /^COATCHECK_STORE_CA_FILE cannot be read/])
})

t.test('the URL is read again from its file, and from nowhere else', async (t) => {
  const file = join(t.testdir(), 'store')
  writeFileSync(file, 'redis://:old@h\n')
  const { readUrl } = accessOf({ COATCHECK_STORE_FILE: file })
  t.equal(readUrl(), 'redis://:old@h')
  writeFileSync(file, 'redis://:new@h\n')
  t.equal(readUrl(), 'redis://:new@h')
  t.equal(accessOf({ COATCHECK_STORE: 'redis://:fixed@h', COATCHECK_STORE_FILE: '' }).readUrl(), 'redis://:fixed@h')
})
