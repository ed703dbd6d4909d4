/**
 * The service as it is shipped: packed, installed in an empty folder with what it needs to run and nothing else, at the
 * versions of our lock file, which is what the image does; then started and used. It shows that no file is missing from
 * the package (the compiler leaves the Lua scripts behind) and no package from its dependencies. And the client as others
 * import it from there, with its types.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import t, { type Test } from 'tap'
import { compilerPath } from '../../scripts/compiler.mjs'
import { TRACE_PACKAGES } from '../../src/process/traces.ts'
import { freePort, startRedis } from '../helpers/redis-server.ts'
import { until } from '../helpers/until.ts'
import { healthCheck } from '../scripts/dockerfile.ts'
import { environment, folder, root, runProgram, write } from '../scripts/project.ts'

const succeed = async (program: string, args: readonly string[], cwd: string): Promise<string> => {
  const { code, output } = await runProgram(program, args, { cwd })
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`)
  return output
}

const tarballIn = (path: string): string => readdirSync(path).find((name) => name.endsWith('.tgz')) ?? ''

/** Our package in a folder that has nothing else: as a tarball, and a lock file of what it needs to run. */
const installPacked = async (path: string): Promise<string> => {
  // As npm does for an app that installs from git: in a clone without dist, where `prepare` has to build it.
  const clone = folder(t)
  const isLeftOut = /^(node_modules|dist|\..*cache|\.git|\.tap|data|deps|_build)$/
  cpSync(root, clone, { recursive: true, filter: (from) => !isLeftOut.test(basename(from)) })
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  await succeed('npm', ['pack', '--ignore-scripts=false', '--pack-destination', path], clone)
  const tarball = tarballIn(path)
  const { version, dependencies: needs, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const needed = Object.entries(packages as Record<string, { dev?: true }>).filter(([name, { dev }]) => name && !dev)
  const dependencies = { coatcheck: `file:${tarball}` }
  write(path, {
    'package.json': JSON.stringify({ name: 'empty', version: '1.0.0', dependencies }),
    '.npmrc': readFileSync(join(root, '.npmrc'), 'utf8'),
    'package-lock.json': JSON.stringify({
      name: 'empty',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: {
        '': { name: 'empty', version: '1.0.0', dependencies },
        'node_modules/coatcheck': { version, bin, dependencies: needs, resolved: dependencies.coatcheck },
        ...Object.fromEntries(needed),
      },
    }),
  })
  await succeed('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], path)
  return join(path, 'node_modules/coatcheck')
}

const empty = folder(t)
const installed = await installPacked(empty)

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const tarball = (): Buffer => readFileSync(join(empty, tarballIn(empty)))

/** What others import: `coatcheck/client` and its neighbours. */
const entryPoints = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace('.', 'coatcheck'))

const key = `ck_packed_${randomBytes(24).toString('base64url')}`
const apiKeys = `packed:${createHash('sha256').update(key).digest('hex')}`

/** Starts the installed command on a free port, and ends it as an orchestrator would. */
const serve = async (t: Test, env: NodeJS.ProcessEnv) => {
  const port = await freePort()
  const child: ChildProcess = spawn(join(empty, 'node_modules/.bin/coatcheck'), ['serve'], {
    cwd: folder(t),
    env: environment({ PORT: String(port), COATCHECK_API_KEYS: apiKeys, COATCHECK_LOG_LEVEL: 'warn', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  t.teardown(() => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}:\n${output}`)
    return fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  await until(isReady, 'the service is ready')
  const stop = async (): Promise<unknown> => {
    child.kill('SIGTERM')
    const [code, signal] = await exited
    return code ?? signal
  }
  return { url, port, stop, output: () => output }
}

const checkSettings = async (t: Test, url: string): Promise<void> => {
  const settings = `${url}/v1/sessions/${randomUUID()}/settings`
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const written = await fetch(settings, { method: 'PATCH', headers, body: '{"theme":"dark"}' })
  t.equal(written.status, 201, await written.text())
  const read = await fetch(settings, { headers: { authorization: headers.authorization } })
  t.equal(read.status, 200)
  t.equal(await read.text(), '{"theme":"dark"}')
}

t.test('the package holds the Lua scripts, its licence, and nothing of its tests', async (t) => {
  const scripts = readdirSync(join(root, 'src/store/redis/lua'))
  t.ok(scripts.length > 0)
  for (const name of scripts) t.ok(existsSync(join(installed, 'dist/store/redis/lua', name)), name)
  for (const name of ['LICENSE', 'CHANGELOG.md', 'CONTRIBUTING.md', 'README.md', 'dist/third-party-notices.txt'])
    t.ok(existsSync(join(installed, name)), name)
  for (const name of ['test', 'src', 'scripts', 'dist/.built']) t.notOk(existsSync(join(installed, name)), name)
  t.notOk(existsSync(join(empty, 'node_modules/typescript')), 'nothing that only development needs is installed')
})

const filesIn = (path: string, ending = ''): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

t.test('every link of the installed documents leads to a file of the package', async (t) => {
  const documents = filesIn(installed, '.md')
  t.ok(documents.length > 25)
  for (const path of documents) {
    for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)\s#]+)/g)) {
      t.ok(existsSync(join(dirname(path), target)), `${path.slice(installed.length + 1)} links to ${target}`)
    }
  }
})

t.test(
  'the client as a package of its own has the same files, under the same names, and needs nothing else',
  async (t) => {
    const app = folder(t)
    await succeed(process.execPath, ['scripts/client-package.mjs', app], root)
    write(app, { 'package.json': '{ "type": "module" }', '.npmrc': 'ignore-scripts=true\noffline=true\n' })
    const command = `npm install coatcheck@file:${tarballIn(app)}`
    for (const path of ['docs/install.md', 'clients/typescript/README.md']) {
      t.match(readFileSync(join(root, path), 'utf8'), `\n    ${command}\n`, `${path} says this very command`)
    }
    await succeed('npm', command.split(' ').slice(1), app)
    const packages = readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.'))
    t.strictSame(packages, ['coatcheck'])
    const own = join(app, 'node_modules/coatcheck')
    const of = (base: string) =>
      filesIn(join(base, 'dist/client'))
        .concat(filesIn(join(base, 'dist'), '.min.js').filter((path) => !path.includes('/client/')))
        .map((path) => [path.slice(base.length), readFileSync(path, 'utf8')])
    t.strictSame(of(own), of(installed))
    write(app, { 'import.mjs': entryPoints.map((name) => `console.log(typeof (await import('${name}')))`).join('\n') })
    t.equal(await succeed(process.execPath, ['import.mjs'], app), 'object\n'.repeat(entryPoints.length))
    const messages = (await publint({ pkgDir: own, pack: false, strict: true })).messages
    t.strictSame(messages, [])
  },
)

t.test('the installed service keeps sessions in its embedded store', async (t) => {
  const env = { COATCHECK_STORE: `lmdb:${folder(t)}`, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }
  const { url, stop, output } = await serve(t, env)
  t.equal((await fetch(`${url}/livez`)).status, 200)
  t.match(
    output(),
    `No traces are sent: the packages for them are missing. Run npm install ${TRACE_PACKAGES.join(' ')}.`,
  )
  t.notOk(existsSync(join(empty, 'node_modules/@opentelemetry/sdk-trace-node')), 'who does not trace has none of them')
  await checkSettings(t, url)
  t.equal(await stop(), 0, 'SIGTERM ends it cleanly')
})

t.test('the installed service keeps sessions in Redis', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const { url, stop } = await serve(t, { COATCHECK_STORE: redis.url })
  await checkSettings(t, url)
  t.equal(await stop(), 0)
})

t.test("the image's HEALTHCHECK tells a service that lives from one that does not", async (t) => {
  const [program, ...args] = healthCheck()
  t.equal(program, 'node')
  const adminPort = await freePort()
  const { port, stop } = await serve(t, {
    COATCHECK_STORE: `lmdb:${folder(t)}`,
    COATCHECK_ADMIN_PORT: String(adminPort),
    HOST: '0.0.0.0',
  })
  const check = async (): Promise<number | null> => {
    const env = environment({ PORT: String(port), COATCHECK_ADMIN_PORT: String(adminPort) })
    return (await runProgram(process.execPath, args, { cwd: empty, env })).code
  }
  t.equal(await check(), 0)
  await stop()
  t.equal(await check(), 1)
})

t.test('npx coatcheck key new prints a key and the hash to configure', async (t) => {
  const printed = await succeed('npx', ['--no', 'coatcheck', 'key', 'new'], empty)
  const made = /\bck_[a-z0-9-]+_[\w-]{20,}/.exec(printed)?.[0] ?? ''
  t.not(made, '')
  t.match(printed, createHash('sha256').update(made).digest('hex'))
})

t.test('a service that npx has started ends with npx', async (t) => {
  const env = environment({ PORT: '0', COATCHECK_STORE: `lmdb:${folder(t)}` })
  const npx = spawn('npx', ['--no', 'coatcheck', 'serve'], { cwd: empty, env, detached: true })
  t.teardown(() => {
    try {
      process.kill(-(npx.pid ?? 0), 'SIGKILL')
    } catch {
      // All of the group has ended.
    }
  })
  let output = ''
  npx.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await until(() => /serves http/.test(output), 'it serves')
  const [, url = ''] = /serves (http:\S+)/.exec(output) ?? []
  npx.kill('SIGTERM')
  const answers = () =>
    fetch(`${url}/livez`).then(
      () => true,
      () => false,
    )
  await until(async () => !(await answers()), 'the service has ended, too')
  await until(() => output.includes('"msg":"closing"'), 'it ends in order').catch(() => t.fail(output))
})

t.test('publint finds nothing to improve in the package', async (t) => {
  const packed = new Uint8Array(tarball()).buffer
  const { messages, pkg } = await publint({ pack: { tarball: packed }, strict: true })
  t.strictSame(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
  )
})

t.test('the types are found, and are true, wherever modules are imported or required', async (t) => {
  const result = await checkPackage(createPackageFromTarballData(tarball()))
  if (!result.types) throw new Error('The package has no types.')
  t.strictSame(Object.keys(result.entrypoints).sort(), Object.keys(manifest.exports).sort())
  // There is nothing for the resolution of before Node had `exports`.
  const isOfOthers = (problem: object): boolean => 'resolutionKind' in problem && problem.resolutionKind === 'node10'
  t.strictSame(
    result.problems.filter((problem) => !isOfOthers(problem)),
    [],
  )
})

t.test('every entry point can be imported where nothing but the package is', async (t) => {
  t.ok(entryPoints.length >= 3)
  write(empty, {
    'import.mjs': entryPoints.map((name) => `console.log(typeof (await import('${name}')))`).join('\n'),
  })
  t.equal(await succeed(process.execPath, ['import.mjs'], empty), 'object\n'.repeat(entryPoints.length))
})

t.test('every entry point can be required, also where no ES module can be, as in Jest', async (t) => {
  write(empty, {
    'require.cjs': [
      ...entryPoints.map((name) => `console.log(typeof require('${name}'))`),
      `const { CoatcheckError } = require('coatcheck/client')`,
      `const error = new CoatcheckError({ code: 'closed', detail: 'x' })`,
      // One process may have both forms.
      `import('coatcheck/client').then(({ isCoatcheckError }) => console.log(isCoatcheckError(error, 'closed')))`,
    ].join('\n'),
  })
  const said = await succeed(process.execPath, ['--no-experimental-require-module', 'require.cjs'], empty)
  t.equal(said, `${'object\n'.repeat(entryPoints.length)}true\n`)
})

/** A folder of an app's own beside the package, type-checked down to the last declaration, as that app has it set. */
const checkApp = async (name: string, source: readonly string[], compilerOptions: object, type = 'module') => {
  write(join(empty, name), {
    'app.ts': source.join('\n'),
    'package.json': JSON.stringify({ type }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: { target: 'ES2023', strict: true, noEmit: true, skipDefaultLibCheck: true, ...compilerOptions },
      files: ['app.ts'],
    }),
  })
  return runProgram(await compilerPath(), ['-p', '.', '--pretty', 'false'], { cwd: join(empty, name) })
}

/** Imports everything, and one thing that is not there: were the types not found, that would be no error. */
const importing = (names: readonly string[]): string[] =>
  names.flatMap((name, index) => [
    `import * as module${index} from '${name}'`,
    `export const names${index}: string[] = Object.keys(module${index})`,
    `// @ts-expect-error it does not have that`,
    `module${index}.noSuchThing`,
  ])

for (const [moduleResolution, module, type] of [
  ['nodenext', 'nodenext', 'module'],
  ['node16', 'node16', 'commonjs'],
  ['bundler', 'esnext', 'module'],
] as const) {
  t.test(`an app that resolves modules as ${moduleResolution} has the types`, async (t) => {
    const inPages = entryPoints.filter((name) => name !== 'coatcheck/express-session')
    const forPages = { lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'], types: [] }
    const forNode = { lib: ['ES2023'], types: ['node'], typeRoots: [join(root, 'node_modules/@types')] }
    const onNode = entryPoints.filter((name) => name !== 'coatcheck/liveview')
    for (const [where, names, options] of [
      ['page', inPages, forPages],
      ['node', onNode, forNode],
    ] as const) {
      const settings = { ...options, module, moduleResolution }
      const { code, output } = await checkApp(`${where}-${moduleResolution}`, importing(names), settings, type)
      t.equal(code, 0, `${where}: ${output}`)
    }
  })
}
