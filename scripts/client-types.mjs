/**
 * Writes src/client/api.ts, the client's types of every call, from openapi/openapi.json; with --check only says whether it
 * is fresh. The document itself is written by scripts/openapi.mjs.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'

const source = new URL('../openapi/openapi.json', import.meta.url)
const target = new URL('../src/client/api.ts', import.meta.url)

const HEAD = `/**
 * The types of every call of the service, made from openapi/openapi.json by openapi-typescript (\`npm run client-types\`):
 * not to be edited by hand. What a call takes and answers stands in \`operations\`, under its operationId; what calls
 * share, in \`components\`.
 */

`

/** A member that has a default may be left out by whoever asks; what an answer always has is said by `required`. */
const OPTIONS = { defaultNonNullable: false, immutable: true, silent: true }

const text = HEAD + astToString(await openapiTS(source, OPTIONS))
if (!process.argv.includes('--check')) {
  writeFileSync(target, text)
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
  console.error('src/client/api.ts is stale. Run `npm run client-types` and commit it.')
  process.exit(1)
}
