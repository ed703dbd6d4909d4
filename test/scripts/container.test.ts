/**
 * No container engine is needed here: what can be proven of the image without one is proven, by reading its files
 * against each other and by running what they would run. test/e2e/packed.test.ts runs the HEALTHCHECK against a service.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freePort } from '../helpers/redis-server.ts'
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
  const { code } = await runProgram(process.execPath, ['-e', `fs.accessSync('${join(root, 'package.json')}')`], options)
  if (code !== 0) {
    t.pass('the project is in a folder that other users may not enter')
    return
  }
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
