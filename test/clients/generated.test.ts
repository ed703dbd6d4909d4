/** Clients that widely used generators make of the OpenAPI document: they compile strictly, and do what they say. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { compilerPath } from '../../scripts/compiler.mjs'
import { idOf, KEYS, newSession } from '../helpers/app.ts'
import { startService } from '../helpers/service.ts'
import { folder, root, runProgram } from '../scripts/project.ts'

/** As in `generated/calls.ts`, which has types only once the clients are made. */
type Called = readonly [name: string, status: number, answer: unknown]
type Caller = { readonly baseUrl: string; readonly apiKey: string; readonly id: string; readonly unknown: string }
type Calls = Readonly<Record<'callByHeyApi' | 'callByOrval', (caller: Caller) => Promise<Called[]>>>

/** The packages of the generators stay here from one run to the next, out of the way of whatever reads the tests. */
const here = join(root, '.cache/generated-clients')
cpSync(join(root, 'test/clients/generated'), here, { recursive: true })

const data = folder(t)
const service = await startService(t, { COATCHECK_STORE: `lmdb:${join(data, 'store')}` })
const baseUrl = `http://127.0.0.1:${service.port}`

const run = async (what: string, args: readonly string[], program = process.execPath): Promise<void> => {
  const { code, output } = await runProgram(program, args, { cwd: here })
  if (code !== 0) throw new Error(`${what} ended with ${code}:\n${output}`)
}

t.test('clients of two generators compile strictly', async () => {
  await run('The install', [join(root, 'scripts/install.mjs'), here])
  await run('The generators', ['generate.mjs', join(root, 'openapi/openapi.json'), baseUrl])
  await run('The compiler', ['-p', '.'], await compilerPath())
})

t.test('and make real calls', async (t) => {
  const outfile = join(data, 'calls.mjs')
  await build({ entryPoints: [join(here, 'calls.ts')], outfile, bundle: true, format: 'esm', platform: 'node' })
  const calls = (await import(pathToFileURL(outfile).href)) as Calls
  for (const name of ['callByHeyApi', 'callByOrval'] as const) {
    const caller = { baseUrl, apiKey: KEYS.shop, id: idOf(newSession()), unknown: idOf(newSession()) }
    // Each client has a form of its own for what has no content.
    const isEmpty = ([called, status]: Called): boolean => status === 204 || called === 'put'
    const called = (await calls[name](caller)).map((one) => (isEmpty(one) ? one.slice(0, 2) : one))
    t.match(
      called,
      [
        ['create', 201, { id: caller.id, settings: { theme: 'dark' } }],
        ['create without a body', 201, { revision: 0, settings: {} }],
        ['patch', 204],
        ['put', 201],
        ['increment', 200, { value: 2 }],
        ['take', 200, { value: { x: [0] } }],
        ['settings', 200, { name: 'henrik', n: 2 }],
        ['mint', 201, { token_type: 'Bearer', scope: 'read' }],
        ['session by token', 200, { name: 'henrik' }],
        ['stale', 412, { code: 'precondition_failed' }],
        ['unknown', 404, 'session_not_found'],
        ['end', 204],
      ],
      name,
    )
  }
})
