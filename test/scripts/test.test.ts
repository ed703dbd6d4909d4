import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { project, root, runProgram, write } from './project.ts'

const PASSES = `import t from 'tap'

t.equal(1 + 1, 2)
t.ok(process.env.REDIS_SERVER, 'a Redis was found for the tests')
`
const FAILS = `import t from 'tap'

t.test('two and two are four', async (t) => {
  t.equal(2 + 2, 5)
})
`
const SKIPS = `import t from 'tap'

t.test('not today', { skip: 'no Redis here' }, async (t) => {
  t.ok(true)
})
`
const BREAKS = `import t from 'tap'

t.ok(true)
throw new Error('the file breaks down')
`

/** A small project whose checks are its own, in place of the real one's. */
const checked = (t: Test, files: Readonly<Record<string, string>>): string => {
  const path = project(t, { 'src/cli.ts': 'console.log(1)\n', ...files })
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  const own = Object.entries(manifest.scripts).filter(([name]) => !name.endsWith(':check'))
  manifest.scripts = { ...Object.fromEntries(own), 'greeting:check': 'echo hello' }
  writeFileSync(join(path, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return path
}

const npmTest = (cwd: string, files: readonly string[] = []) =>
  runProgram(process.execPath, ['scripts/test.mjs', ...files], { cwd })

t.test('npm test runs every step, shows what failed and closes with the sum', async (t) => {
  const path = checked(t, {
    'test/passes.test.ts': PASSES,
    'test/more/fails.test.ts': FAILS,
    'test/more/skips.test.ts': SKIPS,
    'test/more/breaks.test.ts': BREAKS,
  })

  const some = await npmTest(path, ['test/passes.test.ts'])
  t.equal(some.code, 0, some.output)
  t.equal(some.lines.at(-1), '2 passed, 0 failed')
  t.match(
    some.output,
    /What ran: packages \(.*programs \(.*build \(.*1 test files beside lint, types, greeting:check \(/,
  )
  for (const piece of ['lint', 'types', 'greeting:check', 'test/passes.test.ts'])
    t.match(some.output, new RegExp(`^ +ok +${piece} \\d`, 'm'), piece)
  t.match(some.output, /Left out.*breaks.*fails.*skips/)

  const all = await npmTest(path)
  t.equal(all.code, 1)
  t.equal(
    all.lines.at(-1),
    '3 passed, 3 failed',
    'a test that is skipped has failed, and so has a file that breaks down',
  )
  t.match(all.output, 'two and two are four')
  t.match(all.output, 'no Redis here')
  t.match(all.output, 'the file breaks down')
  t.match(all.output, /ok +test\/passes\.test\.ts/)
})

t.test(
  'a check that fails is named, with what it said, beside the tests; a preparation that fails ends the run',
  async (t) => {
    const path = checked(t, { 'test/passes.test.ts': `${PASSES}export const wrong: number = 'text'\n` })
    const wrong = await npmTest(path)
    t.equal(wrong.code, 1)
    t.match(wrong.output, /FAILED types .*test\/passes\.test\.ts.*TS2322/s)
    t.equal(wrong.lines.at(-1), '2 passed, 1 failed')

    write(path, { 'src/cli.ts': 'const = 1\n' })
    const broken = await npmTest(path)
    t.equal(broken.code, 1)
    t.match(broken.output, /src\/cli\.ts:1:\d+:.*Failed: build after packages .*What comes next was not run\.$/ms)
    t.notMatch(broken.output, 'running the tests')
  },
)

t.test('a Redis that cannot be had fails the run; nothing is left out for it', async (t) => {
  const path = project(t, { 'src/cli.ts': 'console.log(1)\n', 'test/passes.test.ts': PASSES })
  const env = { ...process.env, REDIS_SERVER: join(path, 'nowhere') }
  const { code, output } = await runProgram(process.execPath, ['scripts/test.mjs'], { cwd: path, env })
  t.equal(code, 1)
  t.match(output, /Install redis-server or valkey-server.*Failed: programs/s)
})

t.test('a file that is not there is said so before anything runs', async (t) => {
  const path = project(t, { 'test/passes.test.ts': PASSES })
  const { code, output } = await npmTest(path, ['test/absent.test.ts'])
  t.equal(code, 1)
  t.match(output, 'There is no test/absent.test.ts')
})

t.test('a program that has ended is not waited for because of what it left running', async (t) => {
  const leaves = "import { run } from './scripts/task.mjs'; console.log(await run('sh', ['-c', 'sleep 60 & echo $!']))"
  const started = performance.now()
  const { output } = await runProgram(process.execPath, ['--input-type=module', '-e', leaves], { cwd: root })
  t.ok(performance.now() - started < 45_000)
  process.kill(Number(output))
})
