/**
 * docker-compose.yml as docker-compose reads it, which needs no Docker for that: what each profile starts, that all of it has
 * few rights and short logs, and that real servers take what they are given.
 */
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { hashOf } from '../../src/config/api-keys.ts'
import { examineConfiguration } from '../../src/config/read-configuration.ts'
import { freePort, type StartOptions, startRedis } from '../helpers/redis-server.ts'
import { imageEnvironment } from './dockerfile.ts'
import { folder, root } from './project.ts'

type Service = {
  readonly image: string
  readonly command?: string | readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly profiles?: readonly string[]
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly logging: { readonly driver: string; readonly options: Readonly<Record<string, string>> }
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
  readonly stop_grace_period?: string
}

const PROFILES = ['embedded', 'sentinel', 'cluster']

/** In a folder without `.env`, as `docker compose down` has to work there, too. */
const read = (env: Readonly<Record<string, string>> = {}): Readonly<Record<string, Service>> => {
  const cwd = folder(t)
  cpSync(join(root, 'docker-compose.yml'), join(cwd, 'docker-compose.yml'))
  const args = [...PROFILES.flatMap((name) => ['--profile', name]), 'config']
  const options: ExecFileSyncOptions = { cwd, env: { PATH: process.env.PATH, HOME: cwd, ...env }, stdio: 'pipe' }
  return parse(String(execFileSync(process.env.DOCKER_COMPOSE ?? 'docker-compose', args, options))).services
}

const services = read({ COATCHECK_API_KEYS: `shop:${hashOf('x')}` })
const entries = Object.entries(services)
const ours = entries.filter(([, { image }]) => image === 'coatcheck')
const named = (name: string): Service => {
  const found = services[name]
  if (!found) throw new Error(`There is no service ${name}.`)
  return found
}

t.test('it is read without any variable, and then the service itself says that a key is missing', async (t) => {
  for (const [name, { environment = {} }] of Object.entries(read()).filter(([, one]) => one.image === 'coatcheck')) {
    t.equal(environment.COATCHECK_API_KEYS, '')
    const { faults } = examineConfiguration({ ...imageEnvironment(), ...environment })
    t.equal(faults.length, 1, name)
    t.match(faults[0], /COATCHECK_API_KEYS is missing.*coatcheck key new/)
  }
})

t.test('with a key each of ours starts, on the store of its profile', async (t) => {
  t.strictSame(
    ours.map(([name, { environment = {}, profiles = [] }]) => {
      const { faults, config } = examineConfiguration({ ...imageEnvironment(), ...environment })
      t.strictSame(faults, [], name)
      return `${name} ${profiles} ${config.STORE}`
    }),
    [
      'coatcheck  redis://redis:6379',
      'embedded embedded lmdb:/data',
      'on-cluster cluster redis+cluster://node-1,node-2,node-3',
      'on-sentinels sentinel redis+sentinel://sentinel-1,sentinel-2,sentinel-3/main',
    ],
  )
})

t.test('every service has few rights, and logs that do not fill a disk', async (t) => {
  for (const [name, one] of entries) {
    t.match(one, { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] }, name)
    t.match(one.logging, { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } }, name)
  }
  for (const [name, one] of ours) t.equal(one.stop_grace_period, '20s', `${name} has time to drain`)
})

t.test('ports are published on loopback alone, each its own', async (t) => {
  const published = entries.flatMap(([, { ports = [] }]) => ports.map((port) => port.replace('/tcp', '').split(':')))
  t.equal(published.length, 2 * ours.length)
  for (const [address] of published) t.equal(address, '127.0.0.1')
  t.equal(new Set(published.map(([, outside]) => outside)).size, published.length)
  t.strictSame(new Set(published.map(([, , inside]) => inside)), new Set([imageEnvironment().PORT, '3001']))
})

t.test('what one waits for is in its profile; what keeps sessions has a volume', async (t) => {
  for (const [name, { depends_on = {}, profiles = [] }] of entries) {
    for (const other of Object.keys(depends_on))
      t.strictSame(named(other).profiles ?? [], profiles, `${name}, ${other}`)
  }
  const keeping = entries.filter(([name]) => /^(embedded|redis|node)/.test(name))
  t.equal(keeping.length, 11)
  for (const [name, { volumes = [] }] of keeping) t.match(volumes.join(), new RegExp(`^${name}:/data`), name)
})

/** The words of a command, with what a shell would put in. */
const wordsOf = ({ command = '' }: Service): string[] => {
  const text = typeof command === 'string' ? command : (command.at(-1) ?? '')
  return text.replace('exec valkey-server ', '').replaceAll('"$$HOSTNAME"', 'localhost').split(/\s+/)
}

t.test('real servers take what they are told, and keep sessions well', async (t) => {
  const begin = async (options: StartOptions) => {
    const server = await startRedis(options)
    t.teardown(() => server.stop())
    return server
  }
  const bus = async () => ['--cluster-port', String(await freePort())]
  const [alone, replica, node] = await Promise.all([
    begin({ args: wordsOf(named('redis')) }),
    begin({ args: wordsOf(named('redis-2')) }),
    begin({ args: [...wordsOf(named('node-1')), ...(await bus())] }),
  ])
  for (const server of [alone, replica, node]) {
    for (const [name, value] of [
      ['appendonly', 'yes'],
      ['appendfsync', 'everysec'],
      ['maxmemory-policy', 'noeviction'],
      ['hash-max-listpack-value', '1024'],
    ] as const) {
      t.strictSame(await server.call('CONFIG', 'GET', name), [name, value])
    }
  }
  t.match(await replica.call('ROLE'), ['slave', 'redis-1', 6379])
  t.match(String(await replica.call('CONFIG', 'GET', 'replica-announce-ip')), 'redis-2')
  t.strictSame(await node.call('CONFIG', 'GET', 'cluster-require-full-coverage'), [
    'cluster-require-full-coverage',
    'no',
  ])
  t.match(String(await node.call('CONFIG', 'GET', 'cluster-announce-hostname')), 'localhost')

  const { environment = {}, command = [] } = named('sentinel-1')
  t.match(command.at(-1), /printf .*\$\$CONFIG.*\$\$NAME.* > \/etc\/sentinel\/sentinel\.conf/)
  const lines = `${environment.CONFIG}`.trim().split('\n')
  const there = lines.filter((line) => !line.startsWith('port ')).map((line) => line.replace('redis-1', 'localhost'))
  const sentinel = await begin({ isSentinel: true, lines: [...there, 'sentinel announce-ip sentinel-1'] })
  t.strictSame(await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main'), ['localhost', '6379'])
})
