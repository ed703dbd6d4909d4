/**
 * No container engine is needed here: what can be proven of the image without one is proven, by reading its files
 * against each other and by running what they would run. test/e2e/packed.test.ts runs the HEALTHCHECK against a service.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { freePort, startRedis } from '../helpers/redis-server.ts'
import { until } from '../helpers/until.ts'
import { imageEnvironment, imageInstructions, readDockerfile } from './dockerfile.ts'
import { environment, folder, root, runProgram } from './project.ts'

const text = (name: string): string => readFileSync(join(root, name), 'utf8')
const argument = (wanted: string): string | undefined =>
  imageInstructions().findLast(({ name }) => name === wanted)?.text

/** Serves until it has said that it does, and answers its exit code. */
const serveAs = async (t: Test, cli: string, options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<number> => {
  const env = { ...options.env, PORT: String(await freePort()) }
  // What tap adds to every Node would write into a folder of the project.
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, cli, 'serve'], {
    ...options,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until(() => said.includes('Coatcheck serves') || child.exitCode !== null, 'it serves')
  child.kill('SIGTERM')
  const [code] = await exited
  return code as number
}

/** The folders and files that a COPY takes from the project, not from another stage. */
const copied = readDockerfile()
  .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from='))
  .flatMap(({ text }) => text.split(' ').slice(0, -1))

t.test('everything that is copied into the image is there, and none of it is held back', async (t) => {
  const allowed = text('.dockerignore').split('\n')
  t.ok(allowed.includes('*'), 'what is not named stays outside')
  for (const name of copied) {
    t.ok(existsSync(join(root, name)), `${name} is there`)
    t.ok(allowed.includes(`!${name}`), `.dockerignore lets ${name} in`)
  }
  const extra = allowed.filter((line) => line.startsWith('!') && !copied.includes(line.slice(1)))
  t.strictSame(extra, [], 'and nothing else')
})

t.test('what is copied into the image is enough to build it', async (t) => {
  const path = folder(t)
  for (const name of new Set(copied)) cpSync(join(root, name), join(path, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  const { code, output } = await runProgram(process.execPath, ['scripts/build.mjs'], { cwd: path })
  t.equal(code, 0, output)
  t.ok(existsSync(join(path, 'dist/cli.js')))
})

t.test('what one stage takes from another was made there', async (t) => {
  const stages = readDockerfile()
    .filter(({ name }) => name === 'FROM')
    .map(({ text }) => text.split(' AS ')[1])
  const taken = readDockerfile().flatMap(({ text }) => /^--from=(\S+)/.exec(text)?.[1] ?? [])
  t.ok(taken.length > 0)
  for (const stage of taken) t.ok(stages.includes(stage), `there is a stage ${stage}`)
})

t.test('the base image is one major version of Node that we support', async (t) => {
  const bases = new Set(
    readDockerfile().flatMap(({ name, text }) =>
      name === 'FROM' && text.startsWith('node:') ? text.split(' ')[0] : [],
    ),
  )
  t.equal(bases.size, 1)
  const [base = ''] = bases
  t.match(base, /^node:\d+-slim$/)
  const { engines } = JSON.parse(text('package.json'))
  t.ok(Number(/\d+/.exec(base)?.[0]) >= Number(/\d+/.exec(engines.node)?.[0]))
})

t.test('the image runs as a user who is not root, and writes to /data alone', async (t) => {
  t.match(argument('USER'), /^[1-9]\d*:[1-9]\d*$/)
  t.equal(argument('VOLUME'), '/data')
  t.equal(imageEnvironment().COATCHECK_STORE, 'lmdb:/data')
  const owner = imageInstructions().find(({ name, text }) => name === 'RUN' && text.includes('/data'))
  t.match(owner?.text, `mkdir -m 0770 /data && chown ${argument('USER')?.split(':')[0]}:0 /data`)
})

t.test('as a user whom nobody knows, of the group 0, the command runs and keeps its data', async (t) => {
  const user = { uid: 1_000_680_000, gid: 0 }
  const [home, isRoot] = [folder(t), process.getuid?.() === 0]
  const env = environment({ HOME: '/nonexistent', COATCHECK_STORE: `lmdb:${home}/data` })
  const options = { cwd: '/', env, ...(isRoot ? user : {}) }
  const cli = join(root, 'dist/cli.js')
  const { code } = await runProgram(process.execPath, ['-e', `fs.accessSync('${cli}')`], options)
  if (code !== 0) return void t.skip('the project is in a folder that other users may not enter')
  chmodSync(home, 0o770)
  const doctor = await runProgram(process.execPath, [cli, 'doctor'], options)
  t.equal(doctor.code, 0, doctor.output)
  const served = await serveAs(t, cli, options)
  t.equal(served, 0, 'it has served and ended well')
  for (const name of ['data.mdb', 'authorization.header']) t.ok(existsSync(join(home, 'data', name)), name)
  if (isRoot) t.equal(statSync(join(home, 'data')).uid, user.uid)
})

t.test('the image listens where it says that it does', async (t) => {
  const { HOST, PORT } = imageEnvironment()
  t.equal(HOST, '0.0.0.0')
  t.equal(argument('EXPOSE'), PORT)
})

t.test('the image runs the command that the package has', async (t) => {
  const { bin } = JSON.parse(text('package.json'))
  t.strictSame(JSON.parse(argument('ENTRYPOINT') ?? '[]'), ['node', `/app/${bin.coatcheck}`])
  t.strictSame(JSON.parse(argument('CMD') ?? '[]'), ['serve'])
})

/** The lines of one service of the compose file, without their indentation. */
const service = (name: string): string[] => {
  const lines = text('docker-compose.yml').split('\n')
  const from = lines.indexOf(`  ${name}:`)
  const rest = lines.slice(from + 1)
  const length = rest.findIndex((line) => /^ {0,2}\S/.test(line))
  return rest.slice(0, length).map((line) => line.trim())
}

const member = (lines: readonly string[], name: string): string =>
  lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 2) ?? ''

t.test("compose's Redis never evicts, and keeps what it was given; a server takes these very arguments", async (t) => {
  const args = member(service('redis'), 'command').split(' ')
  const server = await startRedis({ args })
  t.teardown(() => server.stop())
  const redis = new Redis(server.url)
  t.teardown(() => redis.disconnect())
  for (const [name, value] of Object.entries({
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
    'hash-max-listpack-value': '1024',
  })) {
    t.ok(args.includes(`--${name}`), `${name} is said`)
    t.same(await redis.config('GET', name), [name, value])
  }
})

t.test('compose publishes on loopback alone', async (t) => {
  const published = [...text('docker-compose.yml').matchAll(/ports: \[(.*)\]/g)].flatMap(([, list = '']) =>
    list.split(', '),
  )
  t.ok(published.length >= 4)
  for (const port of published) t.match(port, /^"127\.0\.0\.1:\d+:\d+"$/)
  t.equal(new Set(published.map((port) => port.split(':')[1])).size, published.length, 'each its own')
  const inside = new Set(published.map((port) => port.split(':')[2]?.replace('"', '')))
  const adminPort = /COATCHECK_ADMIN_PORT: "(\d+)"/.exec(text('docker-compose.yml'))?.[1]
  t.strictSame(inside, new Set([imageEnvironment().PORT, adminPort]))
})

t.test('compose takes every right away that is not needed', async (t) => {
  const common =
    text('docker-compose.yml')
      .split('x-environment:')[0]
      ?.split('\n')
      .map((line) => line.trim()) ?? []
  for (const lines of [common, service('redis')]) {
    t.equal(member(lines, 'read_only'), 'true')
    t.equal(member(lines, 'cap_drop'), '[ALL]')
    t.equal(member(lines, 'security_opt'), '["no-new-privileges:true"]')
  }
  for (const name of ['coatcheck', 'embedded']) t.ok(service(name).includes('<<: *coatcheck'), name)
})

t.test('only the embedded store needs a profile, and keeps its data', async (t) => {
  t.equal(member(service('embedded'), 'profiles'), '[embedded]')
  t.equal(member(service('embedded'), 'volumes'), '["embedded:/data"]')
  t.equal(member(service('redis'), 'volumes'), '["redis:/data"]')
  for (const name of ['coatcheck', 'redis']) t.equal(member(service(name), 'profiles'), '')
})

t.test('without API keys compose says how to make one', async (t) => {
  t.match(
    text('docker-compose.yml'),
    /\$\{COATCHECK_API_KEYS:\?[^}]*docker run --rm coatcheck key new[^}]*\.env[^}]*\}/,
  )
})
