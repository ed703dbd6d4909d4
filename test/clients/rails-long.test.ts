/**
 * The gem for Rails, on the Rails that is installed and against the running service: the session store through the app that
 * docs/frameworks/rails.md shows, ActionCable behind Puma, the client and the feed.
 */
import { join } from 'node:path'
import t from 'tap'
import { KEYS } from '../helpers/app.ts'
import { checkNamed, readDocument } from '../helpers/documents.ts'
import { startService } from '../helpers/service.ts'
import { environment, folder, root, runProgram } from '../scripts/project.ts'

const RUBY = process.env.RUBY || 'ruby'
const ALL = 'Dir["./test/*_test.rb"].each { |file| require file }'

t.test('the gem for Rails', async (t) => {
  const home = folder(t)
  const service = await startService(t, { COATCHECK_STORE: `lmdb:${join(home, 'data')}` })
  const { code, output } = await runProgram(RUBY, ['-W0', '-Ilib', '-e', ALL], {
    cwd: join(root, 'clients/rails'),
    env: environment({
      COATCHECK_URL: `http://127.0.0.1:${service.port}`,
      COATCHECK_API_KEY: KEYS.shop,
      RAILS_ENV: 'test',
      TMPDIR: home,
      LANG: 'C.UTF-8',
    }),
  })
  const [, tests = 0, failures, errors, skips] =
    /^(\d+) runs, \d+ assertions, (\d+) failures, (\d+) errors, (\d+) skips/m.exec(output) ?? []
  t.equal(code, 0, 'its tests', { output: output.split('\n') })
  t.ok(Number(tests) >= 21, `${tests} tests`)
  t.strictSame([failures, errors, skips], ['0', '0', '0'])
})

t.test('its pages link to what is there', async (t) => {
  for (const path of ['clients/rails/README.md', 'docs/frameworks/rails.md']) checkNamed(t, readDocument(path))
})
