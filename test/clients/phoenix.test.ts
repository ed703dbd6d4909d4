/**
 * The library for Phoenix, by Elixir's own means and against the running service: its form, its warnings, its tests. Plug,
 * Phoenix and LiveView are stand-ins here (clients/phoenix/test/support/stand_ins/README.md says which and why).
 *
 * The sources are compiled in a folder of the test's own, as mix writes beside them.
 */
import { cpSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { KEYS } from '../helpers/app.ts'
import { checkNamed, readDocument } from '../helpers/documents.ts'
import { startService } from '../helpers/service.ts'
import { environment, folder, root, runProgram } from '../scripts/project.ts'

const MIX = process.env.MIX || 'mix'
/** What the library's tests read of the project. */
const PARTS = ['clients/phoenix', 'clients/behaviours.json', 'examples/phoenix-chat', 'docs/frameworks']

/** Compiled for another Elixir, or fetched, which belongs to whoever works in the folder. */
const isOthers = (path: string): boolean => /\/(_build|deps)$/.test(path)

t.test('the library for Phoenix', async (t) => {
  const home = folder(t)
  for (const part of PARTS) {
    mkdirSync(dirname(join(home, part)), { recursive: true })
    cpSync(join(root, part), join(home, part), { recursive: true, filter: (path) => !isOthers(path) })
  }
  const service = await startService(t, { COATCHECK_STORE: `lmdb:${join(home, 'data')}` })

  const mix = async (t: Test, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
    const { code, output } = await runProgram(MIX, args, {
      cwd: join(home, 'clients/phoenix'),
      // Without the archives of whoever runs this, Hex among them: what is tested here is the same everywhere.
      env: environment({ MIX_HOME: join(home, 'mix'), MIX_ARCHIVES: join(home, 'archives'), LANG: 'C.UTF-8', ...env }),
    })
    t.equal(code, 0, `mix ${args.join(' ')}`, { output: output.split('\n') })
    return output
  }

  await t.test('is in the form that Elixir gives it', async (t) => {
    await mix(t, ['format', '--check-formatted'])
  })
  await t.test('compiles without a warning where there is nothing but Elixir', async (t) => {
    await mix(t, ['compile', '--warnings-as-errors'], { MIX_ENV: 'prod' })
  })
  await t.test('compiles without a warning where the app has it all', async (t) => {
    await mix(t, ['compile', '--warnings-as-errors'], { MIX_ENV: 'test' })
  })
  await t.test('passes its tests', async (t) => {
    const env = { MIX_ENV: 'test', COATCHECK_URL: `http://127.0.0.1:${service.port}`, COATCHECK_API_KEY: KEYS.shop }
    const output = await mix(t, ['test'], env)
    const [, tests = 0, failures] = /(\d+) tests?, (\d+) failures?/.exec(output) ?? []
    t.ok(Number(tests) >= 160, `${tests} tests`, { output: output.split('\n') })
    t.equal(failures, '0')
  })
})

t.test('its pages link to what is there', async (t) => {
  for (const path of ['docs/frameworks/phoenix.md', 'examples/phoenix-chat/README.md', 'clients/phoenix/README.md']) {
    checkNamed(t, readDocument(path))
  }
})
