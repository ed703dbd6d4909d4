/**
 * The package for Laravel, on the Laravel that is installed and against the running service: the session driver through
 * requests of an app, the routes of docs/frameworks/laravel.md among them, and the client.
 */
import { join } from 'node:path'
import t from 'tap'
import { KEYS } from '../helpers/app.ts'
import { checkNamed, readDocument } from '../helpers/documents.ts'
import { startService } from '../helpers/service.ts'
import { environment, folder, root, runProgram } from '../scripts/project.ts'

const PHP = process.env.PHP || 'php'

t.test('the package for Laravel', async (t) => {
  const home = folder(t)
  const service = await startService(t, { COATCHECK_STORE: `lmdb:${join(home, 'data')}` })
  const { code, output } = await runProgram(PHP, [join(root, 'clients/laravel/tests/run.php')], {
    cwd: home,
    env: environment({
      COATCHECK_URL: `http://127.0.0.1:${service.port}`,
      COATCHECK_API_KEY: KEYS.shop,
      TMPDIR: home,
    }),
  })
  const [, passed = 0, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? []
  t.equal(code, 0, 'its tests', { output: output.split('\n') })
  t.ok(Number(passed) >= 15, `${passed} tests`)
  t.equal(failed, '0')
})

t.test('its pages link to what is there', async (t) => {
  for (const path of ['clients/laravel/README.md', 'docs/frameworks/laravel.md']) checkNamed(t, readDocument(path))
})
