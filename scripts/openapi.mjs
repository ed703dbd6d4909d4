/**
 * Writes openapi/openapi.json from the routes of the service; with --check only says whether it is fresh, and
 * holds it to Redocly's recommended rules.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importSource } from './import-source.mjs'

const target = new URL('../openapi/openapi.json', import.meta.url)
const { buildApp } = /** @type {typeof import('../src/app.ts')} */ (await importSource('src/app.ts'))

// The document needs no store: none of the routes is called.
const app = await buildApp({
  store: /** @type {any} */ ({}),
  policyOf: () => /** @type {any} */ ({}),
  apiKeys: [],
  signingKeys: /** @type {any} */ ({ onChange: () => {} }),
  cookieSecrets: /** @type {any} */ ({ onChange: () => {} }),
  origins: [],
  failuresPerMinute: null,
  expiringSeconds: 60,
  docs: { kind: 'open' },
  bodyLimit: 1,
})
const text = `${JSON.stringify(app.swagger(), null, 2)}\n`
await app.close()

if (!process.argv.includes('--check')) {
  writeFileSync(target, text)
  process.exit()
}

let present = ''
try {
  present = readFileSync(target, 'utf8')
} catch {
  // Not written yet: not fresh either.
}
if (present !== text) {
  console.error('openapi/openapi.json is stale. Run `npm run openapi` and commit it.')
  process.exit(1)
}
const redocly = fileURLToPath(new URL('../node_modules/@redocly/cli/bin/cli.js', import.meta.url))
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [redocly, 'lint', fileURLToPath(target), '--max-problems=50', '--format=stylish'],
  { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } },
)
if (status !== 0 || /\bwarning/i.test(`${stdout}`)) {
  console.error(`${stdout}\n${stderr}`)
  process.exit(1)
}
