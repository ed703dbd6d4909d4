import { randomBytes } from 'node:crypto'
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

t.test('of the client the types are made, too, and one file for a page', async (t) => {
  const { at, build, path } = sources(t)
  t.equal((await build()).code, 0)
  t.equal(readFileSync(at('dist/client/index.d.ts'), 'utf8'), "export { greet } from './greet.js';\n")
  t.match(readFileSync(at('dist/client/greet.d.ts'), 'utf8'), 'export declare const greet: (name: string) => string;')
  t.notOk(existsSync(at('dist/answer.d.ts')), 'nobody imports the service')
  t.notOk(existsSync(at('dist/client/tsconfig.json')))
  const { greet } = await import(at('dist/coatcheck-client.min.js'))
  t.equal(greet('Ada'), 'ADA')
  t.notMatch(readFileSync(at('dist/coatcheck-client.min.js'), 'utf8'), /\bname\b|import/, 'small, and whole')

  for (const made of ['dist/client/greet.d.ts', 'dist/coatcheck-client.min.js']) {
    rmSync(at(made))
    await build()
    t.ok(existsSync(at(made)), `${made}, when lost, is made again`)
  }
  t.equal((await build()).output, '', 'and then there is nothing to do')

  write(path, { 'src/client/greet.ts': 'const name = () => 1\nexport const greet = name()\n' })
  t.equal((await build()).code, 0)
  t.match(readFileSync(at('dist/client/greet.d.ts'), 'utf8'), 'greet: number', 'a type need not be written down')

  write(path, { 'src/client/greet.ts': "import { join } from 'node:path'\nexport const greet: string = join('a')\n" })
  const ofNode = await build()
  t.equal(ofNode.code, 1)
  t.match(ofNode.output, 'node:path', 'what a page does not have is not bundled')
})

t.test('the file for a page is held to its budget', async (t) => {
  const { build, path } = sources(t)
  const check = () => runProgram(process.execPath, ['scripts/bundle.mjs'], { cwd: path })
  await build()
  const small = await check()
  t.equal(small.code, 0)
  t.match(small.output, /min\.js: \d+ bytes, \d+ gzipped of \d+ allowed/)
  const noise = randomBytes(60_000).toString('base64')
  write(path, { 'src/client/greet.ts': `export const greet: string = '${noise}'\n` })
  await build()
  const large = await check()
  t.equal(large.code, 1)
  t.match(large.output, 'Make it smaller, or raise the budget in scripts/bundle.mjs')
})

t.test('a source that does not compile ends the run, and what is left is not taken for fresh', async (t) => {
  const { at, build, path } = sources(t)
  write(path, { 'src/answer.ts': 'export const answer: = 42\n' })
  const { code, output } = await build()
  t.equal(code, 1)
  t.match(output, /ERROR.*src\/answer\.ts:1:\d+:.*src does not compile/s)
  t.notOk(existsSync(at('dist/.built')))
})
