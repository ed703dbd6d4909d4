/**
 * `npm run example:chat` and its siblings: installs and builds what is missing, starts the example with everything that it
 * needs, all on loopback, and says where it is. Ctrl-C ends it all. What was kept is there again at the next start.
 *
 * An example is a folder of examples/ with a server.js or a server.py, and a row of `EXAMPLES`. From the environment: `PORT`, 4000 if left
 * out; `EXAMPLE_DATA`, the folder to keep its data in rather than beside its server.js; and COATCHECK_URL with
 * COATCHECK_API_KEY_FILE, a service to use that runs already.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { build } from './build.mjs'
import { freePort } from './free-port.mjs'
import { importSource } from './import-source.mjs'
import { install } from './install.mjs'
import { Failed, root, whenStarted } from './task.mjs'
import { findTool, TOOLS } from './tools.mjs'

/**
 * @typedef {object} Example
 * @property {string} says what there is to see
 * @property {'lmdb' | 'redis'} store
 * @property {number} services how many Coatchecks
 * @property {number} servers how many app servers, behind one address if there are several
 * @property {boolean} [python] whether its server is a server.py
 */

/** @type {Record<string, Example>} */
const EXAMPLES = {
  chat: { says: 'a chat that knows your name in its first render', store: 'lmdb', services: 1, servers: 1 },
  ajax: { says: 'a page that writes some keys itself, and is refused others', store: 'lmdb', services: 1, servers: 1 },
  'local-storage': { says: 'what localStorage had, without the flicker', store: 'lmdb', services: 1, servers: 1 },
  login: { says: 'a login in the socket, carried to the HTTP side once', store: 'lmdb', services: 1, servers: 1 },
  'django-chat': { says: 'the chat once more, in Django', store: 'lmdb', services: 1, servers: 1, python: true },
  farm: { says: 'two app servers, two Coatchecks, one Redis', store: 'redis', services: 2, servers: 2 },
}

const READY_MS = 30_000
/** How long one of the processes may take to end. In ms. */
const END_MS = 10_000

/** @param {string} url @param {() => boolean} runs */
const answers = async (url, runs) => {
  const until = performance.now() + READY_MS
  const isThere = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isThere())) {
    if (!runs() || performance.now() > until) throw new Failed(`${url} does not answer; see above for why.`)
    await delay(50)
  }
}

/** All that an example consists of, and its end. */
const createCrew = () => {
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = []
  /** @type {(() => void)[]} */
  const undo = []
  let ending = false

  const end = async () => {
    if (ending) return
    ending = true
    // Those who were started last need the others until they have ended.
    for (const child of children.toReversed()) {
      const isOver = child.pid === undefined || child.exitCode !== null || child.signalCode !== null
      if (isOver) continue
      const exited = once(child, 'exit')
      const impatience = setTimeout(() => child.kill('SIGKILL'), END_MS)
      child.kill('SIGTERM')
      await exited
      clearTimeout(impatience)
    }
    for (const each of undo) each()
  }

  return {
    end,
    /** @param {() => void} work */
    atEnd: (work) => undo.push(work),
    /**
     * @param {string} program @param {readonly string[]} args @param {Record<string, string>} env @param {string} [cwd]
     * @returns {() => boolean} whether it still runs
     */
    start(program, args, env, cwd = root) {
      // Ctrl-C reaches this process alone, which ends the others in their order.
      const child = spawn(program, args, {
        cwd,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'inherit', 'inherit'],
        detached: true,
      })
      children.push(child)
      child.once('error', (error) => console.error(`${program} cannot be run: ${error.message}`))
      child.once('close', (code) => {
        if (ending) return
        console.error(`${program} ${args.join(' ')} has ended with ${code}; the example ends with it.`)
        process.exitCode = 1
        void end()
      })
      return () => child.exitCode === null && child.signalCode === null
    },
  }
}

/** @typedef {ReturnType<typeof createCrew>} Crew */
/** @typedef {{ url: string, keyFile: string }} Service */

/** The example's own configuration, for the address that it has this time. @param {string} name @param {string} folder @param {string} address */
const configuration = (name, folder, address) => {
  const file = join(root, 'examples', name, 'coatcheck.json')
  if (!existsSync(file)) return {}
  const path = join(folder, 'coatcheck.json')
  writeFileSync(path, readFileSync(file, 'utf8').replaceAll('http://127.0.0.1:4000', address))
  return { COATCHECK_CONFIG: path }
}

/** @param {Crew} crew @param {string} name @param {string} address @returns {Promise<Service[]>} */
const startEmbedded = async (crew, name, address) => {
  const data = process.env.EXAMPLE_DATA || join(root, 'examples', name, 'data')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const port = await freePort()
  const env = { COATCHECK_STORE: `lmdb:${data}`, ...configuration(name, data, address) }
  return [await startService(crew, port, env, join(data, 'authorization.header'))]
}

/** @param {Crew} crew @param {string} name @param {string} address @param {number} count @returns {Promise<Service[]>} */
const startOnRedis = async (crew, name, address, count) => {
  const program = await findTool(TOOLS.redis)
  if (!program)
    throw new Failed('This example needs Redis 7 or later, or Valkey: install redis-server, then try again.')
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-example-'))
  crew.atEnd(() => rmSync(folder, { recursive: true, force: true }))
  const redisPort = await freePort()
  crew.start(
    program,
    ['--port', String(redisPort), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--loglevel', 'warning'],
    {},
  )

  const { hashOf, newApiKey } = await importSource('src/config/api-keys.ts')
  const key = newApiKey(name)
  const keyFile = join(folder, 'authorization.header')
  writeFileSync(keyFile, `Authorization: Bearer ${key}\n`, { mode: 0o600 })
  const env = {
    COATCHECK_STORE: `redis://127.0.0.1:${redisPort}`,
    COATCHECK_API_KEYS: `app:${hashOf(key)}`,
    ...configuration(name, folder, address),
  }
  const ports = await Promise.all(Array.from({ length: count }, freePort))
  return Promise.all(ports.map((port) => startService(crew, port, env, keyFile)))
}

/** @param {Crew} crew @param {number} port @param {Record<string, string>} env @param {string} keyFile @returns {Promise<Service>} */
const startService = async (crew, port, env, keyFile) => {
  const url = `http://127.0.0.1:${port}`
  const settings = { PORT: String(port), COATCHECK_LOG_LEVEL: 'warn', ...env }
  await answers(`${url}/readyz`, crew.start(process.execPath, [join(root, 'dist/cli.js'), 'serve'], settings))
  return { url, keyFile }
}

/** A service that runs already, if one is named. @returns {Service[]} */
const givenService = () => {
  const { COATCHECK_URL: url, COATCHECK_API_KEY_FILE: keyFile } = process.env
  if (!url) return []
  if (!keyFile)
    throw new Failed('COATCHECK_URL is set: set COATCHECK_API_KEY_FILE to the file that holds an API key, too.')
  return [{ url, keyFile }]
}

/** What a server.py needs, the example's own library apart. */
const PYTHON = {
  ...TOOLS.python,
  asked: ['-c', 'import django, httpx, uvicorn, websockets; print("v" + django.get_version())'],
  atLeast: '3.2',
}

/** What runs the example's server, and the environment that it needs. @param {boolean} isPython */
const runner = async (isPython) => {
  if (!isPython) return { program: process.execPath, main: 'server.js', more: {} }
  const program = await findTool(PYTHON)
  if (program) return { program, main: 'server.py', more: { PYTHONPATH: join(root, 'clients/python/src') } }
  throw new Failed('This example needs Python 3.9 or later with django, httpx, uvicorn and websockets: install them.')
}

/** @param {string} name @param {Crew} crew */
const startExample = async (name, crew) => {
  const { store, services: count, servers: serverCount, python: isPython = false } = EXAMPLES[name]
  const { program, main, more } = await runner(isPython)
  const port = Number(process.env.PORT || 4000)
  const address = `http://127.0.0.1:${port}`
  const given = givenService()
  const started =
    store === 'lmdb' ? () => startEmbedded(crew, name, address) : () => startOnRedis(crew, name, address, count)
  const services = given.length > 0 ? given : await started()

  const ports = serverCount === 1 ? [port] : await Promise.all(Array.from({ length: serverCount }, freePort))
  const file = (/** @type {string} */ path) => join(root, 'examples', name, path)
  await Promise.all(
    ports.map((each, n) => {
      const { url, keyFile } = services[n % services.length]
      const env = {
        ...more,
        PORT: String(each),
        SERVER: `${n + 1}`,
        COATCHECK_URL: url,
        COATCHECK_API_KEY_FILE: keyFile,
      }
      return answers(`http://127.0.0.1:${each}/`, crew.start(program, [file(main)], env))
    }),
  )
  if (serverCount > 1) {
    const env = { PORT: String(port), SERVERS: ports.join(',') }
    await answers(`${address}/`, crew.start(process.execPath, [file('balancer.js')], env))
  }
  for (const { url } of services) console.log(`Coatcheck is on ${url}, its Swagger UI on ${url}/docs`)
  console.log(`Open ${address}`)
}

await whenStarted(import.meta.url, async () => {
  const [name = ''] = process.argv.slice(2)
  if (!Object.hasOwn(EXAMPLES, name)) {
    const known = Object.entries(EXAMPLES).map(([each, { says }]) => `  npm run example:${each.padEnd(14)} ${says}`)
    throw new Failed(`Which example?\n\n${known.join('\n')}`)
  }
  await install()
  await build()
  const crew = createCrew()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void crew.end())
  await startExample(name, crew).catch(async (error) => {
    await crew.end()
    throw error
  })
})
