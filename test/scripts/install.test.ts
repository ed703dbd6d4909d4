import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { environment, folder, type Ran, root, runProgram, write } from './project.ts'

/** A package to run on and one to develop with, in two versions, as tarballs: no registry is asked. */
const packed = folder(t)

/** The two files of a project that has both packages in that version. */
const lock = async (version: string): Promise<Record<'package.json' | 'package-lock.json', string>> => {
  const path = join(packed, version)
  for (const name of ['cloak', 'brush']) write(path, { [`${name}/package.json`]: JSON.stringify({ name, version }) })
  await runProgram('npm', ['pack', './cloak', './brush'], { cwd: path })
  const manifest = {
    ...{ name: 'clone', version: '1.0.0', engines: { node: '>=20.19' } },
    dependencies: { cloak: `file:cloak-${version}.tgz` },
    devDependencies: { brush: `file:brush-${version}.tgz` },
  }
  write(path, { 'package.json': JSON.stringify(manifest) })
  await runProgram('npm', ['install', '--package-lock-only', '--offline'], { cwd: path })
  const read = (name: string): string => readFileSync(join(path, name), 'utf8')
  return { 'package.json': read('package.json'), 'package-lock.json': read('package-lock.json') }
}

const versions = { first: await lock('1.0.0'), next: await lock('2.0.0') }

const clone = (t: Test) => {
  const path = folder(t)
  const at = (...names: string[]): string => join(path, ...names)
  cpSync(join(root, 'scripts'), at('scripts'), { recursive: true })
  for (const version of ['1.0.0', '2.0.0'])
    for (const name of ['cloak', 'brush'])
      cpSync(join(packed, version, `${name}-${version}.tgz`), at(`${name}-${version}.tgz`))
  write(path, versions.first)
  const install = (env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
    runProgram(process.execPath, ['scripts/install.mjs'], { cwd: path, env: environment(env) })
  const version = (name: string): string =>
    JSON.parse(readFileSync(at('node_modules', name, 'package.json'), 'utf8')).version
  return { path, install, version, at }
}

t.test('what is missing or stale is installed, and nothing else is done', async (t) => {
  const { at, install, path, version } = clone(t)
  const first = await install({ NODE_ENV: 'production' })
  t.equal(first.code, 0, first.output)
  t.match(first.output, /nothing is installed yet.*: done, \d/s)
  t.equal(version('cloak'), '1.0.0')
  t.equal(version('brush'), '1.0.0', 'what development needs comes along, whatever NODE_ENV says')
  t.equal((await install()).output, '', 'the next call has nothing to do')

  write(path, versions.next)
  t.match((await install()).output, 'is stale', 'the lock file has moved on')
  t.equal(version('cloak'), '2.0.0')

  rmSync(at('node_modules/brush'), { recursive: true })
  t.match((await install()).output, 'brush is missing', 'something has gone from node_modules')
  t.equal(version('brush'), '2.0.0')

  rmSync(at('node_modules/.package-lock.json'))
  t.match((await install()).output, 'nothing is installed yet', 'an install was broken off')

  await runProgram('npm', ['ci', '--offline'], { cwd: path })
  t.equal((await install()).output, '', 'an install by hand is good enough')
})

t.test('what npm says of a failure is shown, and ends the run', async (t) => {
  const { at, install } = clone(t)
  const other = versions.first['package-lock.json'].replaceAll(/sha512-[^"]+/g, `sha512-${'A'.repeat(86)}==`)
  writeFileSync(at('package-lock.json'), other)
  const { code, output } = await install()
  t.equal(code, 1)
  t.match(output, 'EINTEGRITY')
})

t.test('a Node that is too old is told so', async (t) => {
  const { at, install } = clone(t)
  writeFileSync(at('package.json'), readFileSync(at('package.json'), 'utf8').replace('>=20.19', '>=99.9'))
  const { code, output } = await install()
  t.equal(code, 1)
  t.match(output, `Coatcheck needs Node 99.9 or later; this is ${process.versions.node}.`)
})
