/**
 * `npm run test:nodes`: the core of the suite on each release line of Node that Coatcheck supports besides the oldest, on
 * which everything is developed; then the packages that an app gets when it installs Coatcheck today. It asks the package
 * registry, so it is no part of `npm test`.
 *
 * `npm run test:nodes -- 24` does only that line. The binaries stay in `.cache/`; remove that folder to get newer ones.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { build } from './build.mjs'
import { install } from './install.mjs'
import { runTests } from './run-tests.mjs'
import { Failed, readJson, root, run, runNpm, task, whenStarted } from './task.mjs'
import { obtainTools } from './tools.mjs'

const LINES = ['22', '24']
/** A line that is too old: the command says so, whatever that Node lacks. */
const TOO_OLD = '18'
const CORE = ['test/config', 'test/domain', 'test/http', 'test/store']

const CACHE = join(root, '.cache/nodes')

/** How this script is told that it runs on one of those Nodes already. */
const HERE = '--here'

/** @returns {string[]} */
const coreFiles = () =>
  CORE.flatMap((folder) => {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    return names.filter((name) => name.endsWith('.test.ts')).map((name) => `${folder}/${name.split(sep).join('/')}`)
  }).sort()

/** The packages hold nothing but the binary. Their names are those of nodejs.org, where Windows is `win`. */
const binaryPackage = () => `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

/** @param {string} line such as `22` @returns {Promise<string>} the path of that line's binary, from the registry if need be */
const obtainNode = async (line) => {
  const folder = join(CACHE, line)
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const path = join(folder, 'node_modules', binaryPackage(), 'bin', name)
  if (existsSync(path)) return path
  await task(`getting Node ${line}`, async () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    await runNpm(['install', '--prefix', folder, '--ignore-scripts', '--no-save', `${binaryPackage()}@${line}`])
  })
  return path
}

/** @param {string} line @returns {Promise<string>} its version and the sum of its tests */
const testOn = async (line) => {
  const path = await obtainNode(line)
  const version = (await run(path, ['--version'])).trim()
  console.log(`- Node ${version}`)
  // Some tests start a `node` by its name.
  const env = { ...process.env, PATH: [dirname(path), process.env.PATH].join(process.platform === 'win32' ? ';' : ':') }
  let last = ''
  const onLine = (/** @type {string} */ text) => {
    console.log(text)
    last = text.trim() === '' ? last : text
  }
  await run(path, [import.meta.filename, HERE], { env, onLine, onErrorLine: onLine }).catch((error) => {
    if (!(error instanceof Failed)) throw error
    process.exitCode = 1 // The other lines are still run, and all was printed already.
  })
  return `Node ${version}: ${last}`
}

const isRefused = async () => {
  const path = await obtainNode(TOO_OLD)
  const said = await run(path, ['dist/cli.js', 'serve']).catch(({ output }) => output)
  if (!/^Coatcheck needs Node .*$/.test(said)) throw new Failed(`Node ${TOO_OLD} is not told to be too old.`, said)
  return `Node ${TOO_OLD}: ${said}`
}

/** What `whenStarted` does on one of those Nodes. */
const testHere = async () => {
  const { passed, failed } = await runTests(coreFiles())
  if (failed > 0) process.exitCode = 1
  console.log(`${passed} passed, ${failed} failed`)
}

/** The semver that npm itself uses. It has no types of its own. */
const semver = () =>
  /** @type {{ minVersion(range: string): { version: string }, satisfies(version: string, range: string): boolean }} */ (
    createRequire(import.meta.url)('semver')
  )

/**
 * An app has neither our lock file nor our overrides: it gets the newest version in the range of each dependency. This
 * resolves them as the registry stands today, and names each package that does not run on the oldest Node we support.
 */
const resolveAsAnApp = () =>
  task('resolving the packages of an app that installs Coatcheck today', async () => {
    const { engines, dependencies } = readJson('package.json')
    const { minVersion, satisfies } = semver()
    const oldest = minVersion(engines.node).version
    const folder = join(CACHE, 'app')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
    await runNpm(['install', '--prefix', folder, '--ignore-scripts', '--package-lock-only', '--prefer-online'])
    /** @type {Record<string, { version?: string, engines?: { node?: string } }>} */
    const packages = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages
    const tooNew = Object.entries(packages)
      .filter(([, entry]) => !satisfies(oldest, entry.engines?.node ?? '*'))
      .map(([path, entry]) => `${path} ${entry.version} needs Node ${entry.engines?.node}`)
    if (tooNew.length > 0) throw new Failed(`An app on Node ${oldest} would get:\n${tooNew.join('\n')}`)
    return `${Object.keys(packages).length - 1} packages run on Node ${oldest}`
  })

await whenStarted(import.meta.url, async () => {
  const asked = process.argv.slice(2)
  if (asked.includes(HERE)) return testHere()
  const unknown = asked.filter((line) => !LINES.includes(line))
  if (unknown.length > 0) throw new Failed(`There is no ${unknown.join(', ')}: test:nodes takes ${LINES.join(', ')}.`)
  await install()
  await obtainTools(['redis'])
  await build()
  const results = []
  for (const line of asked.length > 0 ? asked : LINES) results.push(await testOn(line))
  results.push(await isRefused())
  results.push(`An app: ${await resolveAsAnApp()}`)
  console.log(`\n${results.join('\n')}`)
})
