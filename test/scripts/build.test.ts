import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { project, runProgram, write } from './project.ts'

const sources = (t: Test) => {
  const path = project(t, {
    'src/cli.ts': "import { answer } from './answer.ts'\nconsole.log(answer)\n",
    'src/answer.ts': 'export const answer: number = 42\n',
    'src/store/lua/write.lua': 'return 1\n',
  })
  const at = (name: string): string => join(path, name)
  return { path, at, build: () => runProgram(process.execPath, ['scripts/build.mjs'], { cwd: path }) }
}

t.test('what is compiled runs and finds its Lua where the source had it; then there is nothing to do', async (t) => {
  const { at, build, path } = sources(t)
  const built = await build()
  t.equal(built.code, 0, built.output)
  t.equal((await runProgram(process.execPath, ['dist/cli.js'], { cwd: path })).output, '42\n')
  t.equal(readFileSync(at('dist/store/lua/write.lua'), 'utf8'), 'return 1\n')

  const before = statSync(at('dist/cli.js')).mtimeMs
  t.equal((await build()).output, '')
  t.equal(statSync(at('dist/cli.js')).mtimeMs, before)
})

t.test('what has changed is compiled in, a Lua script too, and nothing is left of what is gone', async (t) => {
  const { at, build, path } = sources(t)
  await build()
  write(path, { 'src/store/lua/write.lua': 'return 2\n', 'src/cli.ts': 'console.log(43)\n' })
  rmSync(at('src/answer.ts'))
  t.equal((await build()).code, 0)
  t.equal(readFileSync(at('dist/store/lua/write.lua'), 'utf8'), 'return 2\n')
  t.notOk(existsSync(at('dist/answer.js')))

  rmSync(at('dist/cli.js'))
  await build()
  t.ok(existsSync(at('dist/cli.js')), 'what was lost is made again')
})

t.test('a source that does not compile ends the run, and what is left is not taken for fresh', async (t) => {
  const { at, build, path } = sources(t)
  write(path, { 'src/answer.ts': 'export const answer: = 42\n' })
  const { code, output } = await build()
  t.equal(code, 1)
  t.match(output, /src\/answer\.ts.*error TS1110/)
  t.notOk(existsSync(at('dist/.built')))
})
