import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { INSIDE } from '../../scripts/service-files.mjs'
import { project, root, runProgram, write } from './project.ts'

/** As the store does: it reads a script that lies beside it. */
const READING = `import { readFileSync } from 'node:fs'
export const answer = (): string => readFileSync(new URL('./lua/write.lua', import.meta.url), 'utf8').trim()
`

const sources = (t: Test) => {
  const path = project(t, {
    'src/cli.ts': "const { answer } = await import('./store/answer.ts')\nconsole.log(answer())\n",
    'src/store/answer.ts': READING,
    'src/store/lua/write.lua': 'return 1\n',
    'src/store/lua/old.lua': 'return 0\n',
  })
  const at = (name: string): string => join(path, name)
  return { path, at, build: () => runProgram(process.execPath, ['scripts/build.mjs'], { cwd: path }) }
}

t.test('what is compiled runs and finds its Lua where the source had it; then there is nothing to do', async (t) => {
  const { at, build, path } = sources(t)
  const built = await build()
  t.equal(built.code, 0, built.output)
  t.equal((await runProgram(process.execPath, ['dist/cli.js'], { cwd: path })).output, 'return 1\n')
  t.equal(readFileSync(at('dist/store/lua/write.lua'), 'utf8'), 'return 1\n')

  const before = statSync(at('dist/cli.js')).mtimeMs
  t.equal((await build()).output, '')
  t.equal(statSync(at('dist/cli.js')).mtimeMs, before)
})

t.test('what has changed is compiled in, a Lua script too, and nothing is left of what is gone', async (t) => {
  const { at, build, path } = sources(t)
  await build()
  write(path, { 'src/store/lua/write.lua': 'return 2\n', 'src/cli.ts': 'console.log(43)\n' })
  rmSync(at('src/store/lua/old.lua'))
  t.equal((await build()).code, 0)
  t.equal(readFileSync(at('dist/store/lua/write.lua'), 'utf8'), 'return 2\n')
  t.notOk(existsSync(at('dist/store/lua/old.lua')))

  rmSync(at('dist/cli.js'))
  await build()
  t.ok(existsSync(at('dist/cli.js')), 'what was lost is made again')
})

t.test(
  'a package of many files is put inside, with its licence; the others stay outside, where npm has them',
  async (t) => {
    const { at, build, path } = sources(t)
    const source = (name: string) => `import * as it from '${name}'\nconsole.log(typeof it)\n`
    write(path, { 'src/cli.ts': source('typebox') + source('lru-cache').replaceAll('it', 'that') })
    t.match(await build(), { code: 0 })
    const code = readFileSync(at('dist/cli.js'), 'utf8')
    t.strictSame(code.match(/from "[^"]+"/g), ['from "lru-cache"'])
    const notices = readFileSync(at('dist/third-party-notices.txt'), 'utf8')
    t.match(notices, /^typebox \d+\.\d+\.\d+ \(MIT\)$/m)
    t.match(notices, 'Permission is hereby granted, free of charge')
    t.notMatch(notices, 'lru-cache')

    write(path, { 'src/cli.ts': source('semver') })
    t.match(await build(), { code: 1, output: 'The service imports semver, which package.json does not list.' })
  },
)

t.test(
  'what is put inside is pinned, so that npm audit tells of the code that runs, and needs no other package',
  (t) => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    for (const name of INSIDE) {
      const installed = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
      t.equal(dependencies[name], installed.version, name)
      t.notOk(installed.dependencies, name)
    }
    t.end()
  },
)

t.test('of the client the types are made, too, and one file for a page', async (t) => {
  const { at, build, path } = sources(t)
  t.equal((await build()).code, 0)
  t.equal(readFileSync(at('dist/client/index.d.ts'), 'utf8'), "export { greet } from './greet.js';\n")
  t.match(readFileSync(at('dist/client/greet.d.ts'), 'utf8'), 'export declare const greet: (name: string) => string;')
  t.notOk(existsSync(at('dist/store/answer.d.ts')), 'nobody imports the service')
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
  write(path, { 'src/store/answer.ts': 'export const answer: = 42\n' })
  const { code, output } = await build()
  t.equal(code, 1)
  t.match(output, /ERROR.*src\/store\/answer\.ts:1:\d+:.*src does not compile/s)
  t.notOk(existsSync(at('dist/.built')))
})
