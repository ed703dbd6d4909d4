/**
 * The programs that the tests need and npm cannot give: found on the PATH, otherwise installed by the platform's package
 * manager where it may be used without asking, otherwise named in one clear line, and then the run fails.
 *
 * A tool is a row of `TOOLS`. A package manager is a row of `MANAGERS`.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Failed, report, root, run, task, whenStarted } from './task.mjs'

/**
 * @typedef {object} Tool
 * @property {string} purpose
 * @property {readonly string[]} programs any one of these will do; the first that is found is taken
 * @property {string} variable the environment variable that names the program to the tests, and may name it to us
 * @property {readonly string[]} [asked] what it is asked for its version with; `--version` if left out
 * @property {string} [atLeast] the lowest version that will do, such as `7` or `1.14`
 * @property {RegExp} [version] where it stands in what `--version` prints; after a `v` if left out
 * @property {Record<ManagerName, readonly string[]>} packages what holds it; they are tried in turn
 */

/** @typedef {'apt-get' | 'apk' | 'dnf' | 'brew'} ManagerName */

const PYTHON_PACKAGES = [
  ...[
    'jwt',
    'cryptography',
    'httpx',
    'django',
    'django-channels',
    'starlette',
    'fastapi',
    'uvicorn',
    'websockets',
    'mypy',
  ],
  ...['pip', 'setuptools', 'wheel'],
]

/** @type {Record<string, Tool>} */
export const TOOLS = {
  redis: {
    purpose: 'a Redis of 7 or later (or Valkey) for the tests of the Redis store',
    programs: ['redis-server', 'valkey-server'],
    variable: 'REDIS_SERVER',
    atLeast: '7',
    packages: {
      'apt-get': ['redis-server', 'valkey-server'],
      apk: ['valkey', 'redis'],
      dnf: ['valkey', 'redis'],
      brew: ['redis', 'valkey'],
    },
  },
  curl: {
    purpose: 'curl, for the commands that the documentation says work as pasted',
    programs: ['curl'],
    variable: 'CURL',
    packages: { 'apt-get': ['curl'], apk: ['curl'], dnf: ['curl'], brew: ['curl'] },
  },
  chromium: {
    purpose: 'Chromium, for the tests of what runs in a page',
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    variable: 'CHROMIUM',
    packages: { 'apt-get': ['chromium'], apk: ['chromium'], dnf: ['chromium'], brew: ['chromium'] },
  },
  openssl: {
    purpose: 'openssl, for the certificates of the proxies in the tests',
    programs: ['openssl'],
    variable: 'OPENSSL',
    packages: { 'apt-get': ['openssl'], apk: ['openssl'], dnf: ['openssl'], brew: ['openssl'] },
  },
  nginx: {
    purpose: 'nginx, for the tests of docs/proxies.md',
    programs: ['nginx'],
    variable: 'NGINX',
    packages: { 'apt-get': ['nginx'], apk: ['nginx'], dnf: ['nginx'], brew: ['nginx'] },
  },
  haproxy: {
    purpose: 'haproxy, for the tests of docs/proxies.md',
    programs: ['haproxy'],
    variable: 'HAPROXY',
    packages: { 'apt-get': ['haproxy'], apk: ['haproxy'], dnf: ['haproxy'], brew: ['haproxy'] },
  },
  apache: {
    purpose: 'Apache, for the tests of docs/proxies.md',
    programs: ['apache2', 'httpd'],
    variable: 'APACHE',
    packages: {
      'apt-get': ['apache2'],
      apk: ['apache2-ssl apache2-proxy apache2-http2'],
      dnf: ['httpd mod_ssl mod_http2'],
      brew: ['httpd'],
    },
  },
  caddy: {
    purpose: 'Caddy, for the tests of docs/proxies.md',
    programs: ['caddy'],
    variable: 'CADDY',
    packages: { 'apt-get': ['caddy'], apk: ['caddy'], dnf: ['caddy'], brew: ['caddy'] },
  },
  prometheus: {
    purpose: 'Prometheus, for the alerts and the dashboard of docs/metrics.md',
    programs: ['prometheus'],
    variable: 'PROMETHEUS',
    packages: { 'apt-get': ['prometheus'], apk: ['prometheus'], dnf: ['prometheus'], brew: ['prometheus'] },
  },
  kubectl: {
    purpose: 'kubectl, which builds what is in deploy/kubernetes',
    programs: ['kubectl'],
    variable: 'KUBECTL',
    packages: {
      'apt-get': ['kubernetes-client'],
      apk: ['kubectl'],
      dnf: ['kubernetes-client'],
      brew: ['kubernetes-cli'],
    },
  },
  compose: {
    purpose: 'docker-compose, which reads docker-compose.yml; it needs no Docker for that',
    programs: ['docker-compose'],
    variable: 'DOCKER_COMPOSE',
    packages: {
      'apt-get': ['docker-compose'],
      apk: ['docker-cli-compose'],
      dnf: ['docker-compose'],
      brew: ['docker-compose'],
    },
  },
  python: {
    purpose:
      'a Python with PyJWT, which verifies our tokens without a line of ours, and with what the library for Python is for',
    programs: ['python3'],
    variable: 'PYTHON',
    asked: [
      '-c',
      'import setuptools, wheel, pip, jwt, cryptography, httpx, django, channels, starlette, fastapi, uvicorn, websockets, mypy; print("v" + jwt.__version__)',
    ],
    atLeast: '2',
    packages: {
      'apt-get': PYTHON_PACKAGES.map((name) => `python3-${name}`),
      apk: PYTHON_PACKAGES.map((name) => (name === 'mypy' ? name : `py3-${name}`)),
      dnf: PYTHON_PACKAGES.map((name) => `python3-${name}`),
      brew: [],
    },
  },
  elixir: {
    purpose: 'Elixir of 1.14 or later for the tests of the library for Phoenix',
    programs: ['mix'],
    variable: 'MIX',
    atLeast: '1.14',
    version: /^Mix (\d[.\d]*)/m,
    packages: { 'apt-get': ['elixir'], apk: ['elixir'], dnf: ['elixir'], brew: ['elixir'] },
  },
  rails: {
    purpose: 'a Ruby with Rails, ActionCable and Puma for the tests of the gem for Rails',
    programs: ['ruby'],
    variable: 'RUBY',
    asked: ['-e', 'require "rails"; require "action_cable"; require "puma"; print "v#{Rails.version}"'],
    atLeast: '6.1',
    packages: { 'apt-get': ['ruby-railties', 'ruby-actioncable', 'puma'], apk: [], dnf: [], brew: [] },
  },
  laravel: {
    purpose: 'a PHP with curl and with the framework of Laravel on its path for the tests of the package for Laravel',
    programs: ['php'],
    variable: 'PHP',
    asked: [
      '-r',
      'require "Illuminate/autoload.php"; curl_init(); pcntl_alarm(0); echo "v", Illuminate\\Foundation\\Application::VERSION;',
    ],
    atLeast: '8.83',
    packages: { 'apt-get': ['php-cli', 'php-curl', 'php-laravel-framework'], apk: [], dnf: [], brew: [] },
  },
}

/** @type {Record<ManagerName, { shown: string, asRoot: boolean, install: (name: string) => readonly string[] }>} */
const MANAGERS = {
  'apt-get': {
    shown: 'apt-get install',
    asRoot: true,
    install: (name) => ['sh', join(root, 'scripts/apt-install.sh'), name],
  },
  apk: { shown: 'apk add', asRoot: true, install: (name) => ['apk', 'add', '--no-cache', name] },
  dnf: { shown: 'dnf install', asRoot: true, install: (name) => ['dnf', 'install', '-y', name] },
  brew: { shown: 'brew install', asRoot: false, install: (name) => ['brew', 'install', name] },
}

/** Where servers are that only root is meant to start; not all of it is on everybody's PATH. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** @param {string} program @returns {string[]} the full paths of all that have this name */
const allOnPath = (program) =>
  [...(process.env.PATH ?? '').split(delimiter), ...SERVER_FOLDERS]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .filter(isProgram)

/** @param {string} program */
const onPath = (program) => allOnPath(program)[0]

/** @param {string} path */
const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Whether one version is another or later, number by number. @param {string} version @param {string} other */
const isAtLeast = (version, other) => version.localeCompare(other, 'en', { numeric: true }) >= 0

/** Why this program will not do, or null if it will. @param {Tool} tool @param {string} path */
const fault = async ({ atLeast, asked = ['--version'], version: place = /\bv=?(\d[.\d]*)/ }, path) => {
  if (!isProgram(path)) return `${path} is no program`
  if (atLeast === undefined) return null
  const said = await run(path, asked).catch((error) => String(error))
  const version = place.exec(said)?.[1]
  if (version === undefined) return `${path} does not tell its version`
  return isAtLeast(version, atLeast) ? null : `${path} is version ${version}, ${atLeast} or later is needed`
}

/** @param {Tool} tool @returns {Promise<{ path?: string, faults: string[] }>} `faults`: why others would not do */
const find = async (tool) => {
  const named = process.env[tool.variable]
  const candidates = named ? [named] : tool.programs.flatMap(allOnPath)
  const faults = []
  for (const path of candidates) {
    const wrong = await fault(tool, path)
    if (wrong === null) return { path, faults }
    faults.push(wrong)
  }
  return { faults }
}

/** The path of a program that will do and is there already. @param {Tool} tool */
export const findTool = async (tool) => (await find(tool)).path

/** What to put before a command to run it as root, or null where that would need a password. */
const rootPrefix = async () => {
  if (process.getuid?.() === 0) return []
  const sudo = ['sudo', '-n']
  return run('sudo', ['-n', 'true']).then(
    () => sudo,
    () => null,
  )
}

/** @param {Tool} tool @param {readonly string[]} faults @param {string} [byHand] the command that would install it */
const lacking = (tool, faults, byHand) => {
  const why = faults.length > 0 ? ` (${[...new Set(faults)].join('; ')})` : ''
  const how = byHand ? `, for example by ${byHand},` : ''
  return new Failed(
    `The tests need ${tool.purpose}; the PATH has none${why}.\n` +
      `Install ${tool.programs.join(' or ')}${how} or set ${tool.variable} to its path. Then run npm test again.`,
  )
}

/**
 * @param {Tool} tool
 * @returns {Promise<string>} the path of the program
 * @throws {Failed} that says what to install
 */
const obtain = async (tool) => {
  const { path, faults } = await find(tool)
  if (path) return path
  const managers = /** @type {ManagerName[]} */ (Object.keys(tool.packages))
  const manager = managers.find((name) => onPath(name) !== undefined)
  if (!manager || process.env[tool.variable]) throw lacking(tool, faults)

  const { shown, asRoot, install } = MANAGERS[manager]
  const prefix = asRoot ? await rootPrefix() : []
  const packages = tool.packages[manager]
  if (prefix === null) throw lacking(tool, faults, `sudo ${shown} ${packages[0]}`)
  for (const name of packages) {
    const [program = '', ...args] = [...prefix, ...install(name)]
    const title = `getting ${tool.programs[0]}: ${[...prefix, shown, name].join(' ')}`
    await task(title, () => run(program, args)).catch(report)
    const found = await find(tool)
    if (found.path) return found.path
    faults.push(...found.faults)
  }
  throw lacking(tool, faults, [...prefix, shown, packages[0]].join(' '))
}

/**
 * Gets tools, and names each to the tests through the environment, which they inherit from this process.
 *
 * @param {readonly string[]} names of rows of `TOOLS`
 * @throws {Failed} that says what to install
 */
export const obtainTools = async (names = Object.keys(TOOLS)) => {
  for (const [, tool] of Object.entries(TOOLS).filter(([name]) => names.includes(name))) {
    const path = await obtain(tool)
    process.env[tool.variable] = path
    console.log(`- ${tool.programs[0]}: ${path}`)
  }
}

await whenStarted(import.meta.url, () => obtainTools())
