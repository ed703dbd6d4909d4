/**
 * Writes a client for fetch into out/, by each of two generators, from the OpenAPI document.
 *
 *     node generate.mjs openapi.json http://127.0.0.1:8080
 *
 * orval writes the address of the service into its code; the other client is given it when it runs.
 */
import { fileURLToPath } from 'node:url'
import { createClient } from '@hey-api/openapi-ts'
import { generate } from 'orval'

const [, , input = '', baseUrl] = process.argv
const pathOf = (/** @type {string} */ place) => fileURLToPath(new URL(place, import.meta.url))

await createClient({
  input,
  output: pathOf('out/hey-api'),
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  logs: { level: 'warn', file: false },
})
await generate({ input, output: { target: pathOf('out/orval.ts'), client: 'fetch', mode: 'single', baseUrl } })
