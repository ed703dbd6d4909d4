/** What the service starts with, and what an operator should think over: each with a setting beside it that is safe. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import type { Environment } from '../../src/config/environment.ts'
import { examineConfiguration } from '../../src/config/read-configuration.ts'
import { unsafeSettings } from '../../src/config/unsafe-settings.ts'
import { folder } from '../scripts/project.ts'

const KEYS = { COATCHECK_API_KEYS: `shop:${hashOf('x')}` }
const REDIS = { COATCHECK_STORE: 'redis://127.0.0.1' }
const BEYOND = { HOST: '0.0.0.0' }

const found = (env: Environment): string[] => {
  const { config, configuration, unknown, faults } = examineConfiguration({ ...KEYS, ...env })
  if (faults.length > 0) return faults.map(() => 'fault')
  const all = unsafeSettings({ env, config, namespaces: configuration?.namespaces, unknown })
  for (const { found, todo } of all) {
    if (!found.endsWith('.') || !/\.$/.test(todo)) throw new Error(`${found} ${todo}`)
    if (/canary/.test(found + todo)) throw new Error('A secret is told.')
  }
  return all.map(({ check, level }) => `${level} ${check}`)
}

const RANDOM = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

t.test('each unsafe setting is told, and the safe one beside it is not', async (t) => {
  const page = (origin: string): Environment => {
    const config = join(folder(t), 'coatcheck.json')
    writeFileSync(config, JSON.stringify({ namespaces: { shop: { browser: { keys: {}, origins: [origin] } } } }))
    return { ...BEYOND, COATCHECK_CONFIG: config }
  }
  const file = join(folder(t), 'secrets')
  const withMode = (mode: number): Environment => {
    writeFileSync(file, RANDOM)
    chmodSync(file, mode)
    return { COATCHECK_COOKIE_SECRETS_FILE: file }
  }
  const note = 'note secret-in-environment'
  for (const [unsafe, safe, expected] of [
    [{ COATCHECK_TRUST_PROXY: '0.0.0.0/0' }, { COATCHECK_TRUST_PROXY: '10.0.0.0/8,::1' }, ['harms trust-proxy-wide']],
    [{ COATCHECK_TRUST_PROXY: '::/0' }, { COATCHECK_TRUST_PROXY: 'fc00::/7' }, ['harms trust-proxy-wide']],
    [
      { COATCHECK_TRUST_PROXY: '0.0.0.0/128.0.0.0' },
      { COATCHECK_TRUST_PROXY: '10.0.0.0/255.0.0.0,loopback' },
      ['harms trust-proxy-wide'],
    ],
    [{ ...BEYOND, COATCHECK_RATE_LIMIT: 'off' }, { ...BEYOND, COATCHECK_RATE_LIMIT: '600' }, ['harms rate-limit-off']],
    [{ COATCHECK_RATE_LIMIT: 'off' }, {}, ['note rate-limit-off']],
    [
      { COATCHECK_PUBLIC_URL: 'http://shop.example' },
      { COATCHECK_PUBLIC_URL: 'http://localhost:3000' },
      ['harms public-url-plain'],
    ],
    [
      { ...BEYOND, COATCHECK_ADMIN_PORT: '3001' },
      { ...BEYOND, COATCHECK_ADMIN_PORT: '3001', COATCHECK_ADMIN_HOST: '127.0.0.1' },
      ['note admin-port-open'],
    ],
    [{ ...REDIS, COATCHECK_WORKERS: '99' }, { ...REDIS, COATCHECK_WORKERS: 'auto' }, ['note workers-many']],
    [{ COATCHECK_LOG_LEVEL: 'silent' }, { COATCHECK_LOG_LEVEL: 'error' }, ['note log-silent']],
    [{ COATCHECK_TOMBSTONE_SECONDS: '60' }, { COATCHECK_TOMBSTONE_SECONDS: '600' }, ['harms tombstone-short']],
    [page('http://localhost:8080'), page('https://shop.example'), ['note origin-local']],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, { NODE_TLS_REJECT_UNAUTHORIZED: '1' }, ['harms tls-unchecked']],
    [
      { ...BEYOND, NODE_OPTIONS: '--inspect=0.0.0.0' },
      { ...BEYOND, NODE_OPTIONS: '--enable-source-maps' },
      ['harms debugger-open'],
    ],
    [{ COATCHECK_OF_THE_APP: 'canary' }, { COATCHECK_URL: 'http://127.0.0.1' }, ['note unknown-variable']],
    [{ COATCHECK_STORE: 'redis://:canary@h' }, { COATCHECK_STORE: 'redis://h' }, [note]],
    [withMode(0o644), {}, ['note secret-file-open']],
  ] as const) {
    t.strictSame(found(unsafe), expected, JSON.stringify(unsafe))
    t.strictSame(found(safe), [], JSON.stringify(safe))
  }
  t.strictSame(found(withMode(0o600)), [])
})

t.test('cookie secrets that can be guessed are told by their number', async (t) => {
  const secrets = (...all: string[]) => found({ COATCHECK_COOKIE_SECRETS: all.join(',') })
  const note = 'note secret-in-environment'
  t.strictSame(secrets(RANDOM), [note])
  t.strictSame(secrets(RANDOM.slice(0, 32)), [note])
  t.strictSame(secrets('canary'.padEnd(40, 'x')), ['harms cookie-secret-weak', note])
  t.strictSame(secrets(`change-me-${RANDOM}`, RANDOM), ['harms cookie-secret-weak', note])
  t.strictSame(secrets(RANDOM, RANDOM), ['note cookie-secret-twice', note])
})

t.test('a proxy that is no address and no network is a fault', async (t) => {
  for (const wrong of [
    'true',
    '*',
    '10.0.0.0/33',
    '10.0.0.0/',
    '::1/129',
    '10.0.0.0/8/8',
    '10.0.0.1,',
    'proxy.example',
  ]) {
    t.strictSame(found({ COATCHECK_TRUST_PROXY: wrong }), ['fault'], wrong)
  }
})
