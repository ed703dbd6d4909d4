import { chmodSync, cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { folder, root, runProgram, write } from './project.ts'

const SERVER = (says: string): string => `#!/bin/sh\necho '${says}'\n`
const REDIS_7 = SERVER('Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64')
const ELIXIR = (version: string): string =>
  SERVER(`Erlang/OTP 25 [erts-13.1.5] [source] [64-bit]\n\nMix ${version} (compiled with OTP 25)`)
/** What the tests need apart from a Redis, all of it there. */
const OTHERS = {
  curl: SERVER('curl 8.5.0'),
  chromium: SERVER('Chromium 156.0.8078.79'),
  mix: ELIXIR('1.14.0'),
  python3: SERVER('v2.6.0'),
  openssl: SERVER('OpenSSL 3.0.15'),
  nginx: SERVER('nginx version: nginx/1.22.1'),
  haproxy: SERVER('HAProxy version 2.6.12'),
  apache2: SERVER('Server version: Apache/2.4.71 (Debian)'),
  caddy: SERVER('2.6.2'),
  prometheus: SERVER('prometheus, version 2.42.0'),
  kubectl: SERVER('Client Version: v1.32.4'),
  ruby: SERVER('v6.1.7.10'),
  php: SERVER('v8.83.26'),
  'docker-compose': SERVER('docker-compose version 1.29.2, build unknown'),
}
/** Every manager that we know, each installing what is said by writing it beside itself. */
const manager = (installs: string): string =>
  `#!/bin/sh\necho "$(basename "$0") $*" >> "$(dirname "$0")/asked"\nprintf '%s' "${installs}" > "$(dirname "$0")/redis-server"\nchmod 755 "$(dirname "$0")/redis-server"\n`
const SUDO = '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n'

/** A machine whose PATH has these programs, and nothing else but what a shell script needs. */
const machine = (t: Test, programs: Readonly<Record<string, string>>) => {
  const path = folder(t)
  cpSync(join(root, 'scripts'), join(path, 'scripts'), { recursive: true })
  write(path, Object.fromEntries(Object.entries(programs).map(([name, text]) => [`bin/${name}`, text])))
  // For any user, whatever the umask.
  for (const name of ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })])
    chmodSync(join(path, name), 0o755)
  const obtain = (env: NodeJS.ProcessEnv = {}, user: { uid?: number; gid?: number } = {}) =>
    runProgram(process.execPath, ['scripts/tools.mjs'], {
      cwd: path,
      env: { PATH: join(path, 'bin'), ...env },
      ...user,
    })
  return { obtain, at: (name: string) => join(path, 'bin', name) }
}

t.test('a Redis that is there is taken', async (t) => {
  const { at, obtain } = machine(t, { 'redis-server': REDIS_7, ...OTHERS })
  const { code, output } = await obtain()
  t.equal(code, 0, output)
  t.match(output, `redis-server: ${at('redis-server')}`)
})

t.test('Valkey will do, also beside a Redis that is too old', async (t) => {
  const valkey = SERVER('Valkey server v=8.1.1 sha=00000000:0')
  const old = SERVER('Redis server v=6.0.16 sha=00000000:0')
  const { at, obtain } = machine(t, { 'redis-server': old, 'valkey-server': valkey, ...OTHERS })
  const { code, output } = await obtain()
  t.equal(code, 0, output)
  t.match(output, at('valkey-server'))
})

t.test('REDIS_SERVER names another', async (t) => {
  const { at, obtain } = machine(t, { 'my-redis': REDIS_7, 'redis-server': REDIS_7, ...OTHERS })
  t.match((await obtain({ REDIS_SERVER: at('my-redis') })).output, at('my-redis'))
  const wrong = await obtain({ REDIS_SERVER: at('no-redis') })
  t.equal(wrong.code, 1)
  t.match(wrong.output, 'no-redis is no program')
})

t.test(
  'without one, and nothing to install it with, the run fails with a line that says what to install',
  async (t) => {
    const { obtain } = machine(t, { ...OTHERS })
    const { code, output } = await obtain()
    t.equal(code, 1)
    t.match(output, 'Install redis-server or valkey-server or set REDIS_SERVER to its path.')
  },
)

t.test('a Redis that is too old is named as the reason', async (t) => {
  const { at, obtain } = machine(t, { 'redis-server': SERVER('Redis server v=6.0.16'), ...OTHERS })
  const { code, output } = await obtain()
  t.equal(code, 1)
  t.match(output, `${at('redis-server')} is version 6.0.16, 7 or later is needed`)
})

t.test(
  'any browser of the family will do; without one the run fails with a line that says what to install',
  async (t) => {
    const { chromium, ...rest } = OTHERS
    const { at, obtain } = machine(t, { 'redis-server': REDIS_7, ...rest, 'google-chrome': chromium })
    const { code, output } = await obtain()
    t.equal(code, 0, output)
    t.match(output, `chromium: ${at('google-chrome')}`)
    const lacking = await machine(t, { 'redis-server': REDIS_7, ...rest }).obtain()
    t.equal(lacking.code, 1)
    t.match(lacking.output, 'Install chromium or chromium-browser or google-chrome')
    t.match(lacking.output, 'or set CHROMIUM to its path.')
  },
)

const NEEDED_BY_FAKES = Object.fromEntries(
  ['basename', 'dirname', 'chmod', 'true'].map((name) => [
    name,
    `#!/bin/sh\nexec /usr/bin/env -i PATH=/usr/bin:/bin ${name} "$@"\n`,
  ]),
)

for (const [name, asked] of [
  ['brew', 'brew install redis'],
  ['apk', 'apk add --no-cache valkey'],
  ['dnf', 'dnf install -y valkey'],
] as const) {
  t.test(`${name} is asked for it, and what is run is shown`, async (t) => {
    const { at, obtain } = machine(t, { ...NEEDED_BY_FAKES, [name]: manager(REDIS_7), sudo: SUDO, ...OTHERS })
    const { code, output } = await obtain()
    t.equal(code, 0, output)
    t.match(output, new RegExp(`getting redis-server: (sudo -n )?${name} (install|add) (redis|valkey): done`))
    t.match(output, `redis-server: ${at('redis-server')}`)
    t.match((await runProgram('/bin/cat', [at('asked')], { cwd: '/' })).output, asked)
  })
}

t.test('an installed Redis that is too old still fails the run', async (t) => {
  const old = SERVER('Redis server v=6.2.7')
  const { obtain } = machine(t, { ...NEEDED_BY_FAKES, brew: manager(old), sudo: SUDO, ...OTHERS })
  const { code, output } = await obtain()
  t.equal(code, 1)
  t.match(output, 'version 6.2.7, 7 or later is needed')
})

t.test('Elixir is taken from 1.14 on', async (t) => {
  const { at, obtain } = machine(t, { ...OTHERS, 'redis-server': REDIS_7, 'other-mix': ELIXIR('1.9.4') })
  t.match((await obtain()).output, `mix: ${at('mix')}`)
  const { code, output } = await obtain({ MIX: at('other-mix') })
  t.equal(code, 1)
  t.match(output, `${at('other-mix')} is version 1.9.4, 1.14 or later is needed`)
})

t.test('who may not install is told the command, and nothing is installed', async (t) => {
  const sudo = '#!/bin/sh\necho "a password is required" >&2\nexit 1\n'
  const { obtain } = machine(t, { ...NEEDED_BY_FAKES, 'apt-get': manager(REDIS_7), sudo, ...OTHERS })
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const { code, output } = await obtain({}, nobody)
  t.equal(code, 1)
  t.match(output, 'for example by sudo apt-get install redis-server, or set REDIS_SERVER')
})
