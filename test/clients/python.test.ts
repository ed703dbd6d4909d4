/**
 * The library for Python, by Python's own means and against the running service: its types, its install, its tests of the
 * client, of Django's sessions and of Starlette's.
 *
 * It is copied into a folder of the test's own, as an install writes beside the sources.
 */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { KEYS } from '../helpers/app.ts'
import { checkNamed, readDocument } from '../helpers/documents.ts'
import { startService } from '../helpers/service.ts'
import { environment, folder, root, runProgram } from '../scripts/project.ts'

const PYTHON = process.env.PYTHON || '/usr/bin/python3'

const home = folder(t)
const library = join(home, 'python')
const isOurs = (path: string): boolean => !/__pycache__|\.egg-info|\/build$|\.mypy_cache/.test(path)
cpSync(join(root, 'clients/python'), library, { recursive: true, filter: isOurs })
cpSync(join(root, 'clients/behaviours.json'), join(home, 'behaviours.json'))
const service = await startService(t, { COATCHECK_STORE: `lmdb:${join(home, 'data')}` })

const python = async (t: Test, args: readonly string[], env: NodeJS.ProcessEnv = {}, program = PYTHON) => {
  const { code, output } = await runProgram(program, args, {
    cwd: library,
    env: environment({ PYTHONDONTWRITEBYTECODE: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', HOME: home, ...env }),
  })
  t.equal(code, 0, `python ${args.join(' ')}`, { output: output.split('\n') })
  return output
}

/** A file of tests; it fails, too, if it has fewer than these. */
const passes = async (t: Test, name: string, atLeast: number): Promise<void> => {
  const output = await python(t, ['-m', 'unittest', name], {
    PYTHONPATH: `${join(library, 'src')}:${join(library, 'tests')}`,
    COATCHECK_URL: `http://127.0.0.1:${service.port}`,
    COATCHECK_API_KEY: KEYS.shop,
    COATCHECK_DOCS: join(root, 'docs'),
  })
  const [, tests = 0] = /^Ran (\d+) tests? in/m.exec(output) ?? []
  t.ok(Number(tests) >= atLeast, `${tests} tests of ${name}`, { output: output.split('\n') })
}

const TESTS = {
  test_calls: 29,
  test_changes: 16,
  test_behaviours: 3,
  test_django: 22,
  test_django_backend: 15,
  test_starlette: 8,
  test_documents: 5,
}

// They wait more than they compute.
t.test('the library for Python', { jobs: 3 }, async (t) => {
  const one = (name: string, work: (t: Test) => Promise<void>) => t.test(name, { buffered: true }, work)
  await Promise.all([
    ...Object.entries(TESTS).map(([name, atLeast]) => one(`passes ${name}`, (t) => passes(t, name, atLeast))),

    one('has types that mypy takes at its strictest, for this Python and for the oldest', async (t) => {
      // What mypy has found in Debian's packages stays, as what the compiler has found does (`scripts/typecheck.mjs`).
      const strict = ['-m', 'mypy', '--strict', '--cache-dir', join(root, '.cache/mypy')]
      await python(t, strict)
      await python(t, [...strict, '--python-version', '3.9'])
    }),

    one('is the same for asyncio and without', async (t) => {
      await python(t, ['make_sync.py', '--check'])
    }),

    one('is installed by pip, with its types, and then works', async (t) => {
      const place = join(home, 'environment')
      await python(t, ['-m', 'venv', '--system-site-packages', '--without-pip', place])
      const inside = join(place, 'bin/python')
      const install = ['-m', 'pip', 'install', '--quiet', '--no-index', '--no-build-isolation', '.']
      await python(t, install, {}, inside)
      const asks = 'import coatcheck, os; print(coatcheck.Client(os.environ["URL"], os.environ["KEY"]).is_ready())'
      const env = { URL: `http://127.0.0.1:${service.port}`, KEY: KEYS.shop }
      t.equal(await python(t, ['-W', 'ignore', '-c', asks], env, inside), 'True\n')
      const typed =
        'from importlib import resources; print(resources.files("coatcheck").joinpath("py.typed").is_file())'
      t.equal(await python(t, ['-c', typed], {}, inside), 'True\n')
    }),
  ])
})

t.test('its page links to what is there', async (t) => {
  checkNamed(t, readDocument('clients/python/README.md'))
})
