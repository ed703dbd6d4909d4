/** `rediss…` means TLS, to servers that allow nothing else: to a Redis, and to Sentinels and the Redis that they name. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newSession } from '../helpers/app.ts'
import { certifiedFolder } from '../helpers/proxy.ts'
import { freePort } from '../helpers/redis-server.ts'
import { startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'

/** Starts a server of Redis with this file; it is ended with the test. */
const start = (t: Test, folder: string, name: string, lines: readonly string[], ...args: string[]): void => {
  mkdirSync(join(folder, name))
  const file = join(folder, name, 'conf')
  writeFileSync(file, `${[`dir ${join(folder, name)}`, 'bind 127.0.0.1', 'port 0', ...lines].join('\n')}\n`)
  const child = spawn(process.env.REDIS_SERVER ?? 'redis-server', [file, ...args], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await exited
  })
}

const begin = async (t: Test) => {
  const folder = await certifiedFolder(t)
  const tls = [
    `tls-cert-file ${join(folder, 'cert.pem')}`,
    `tls-key-file ${join(folder, 'key.pem')}`,
    `tls-ca-cert-file ${join(folder, 'cert.pem')}`,
    'tls-auth-clients no',
  ]
  const port = await freePort()
  start(t, folder, 'redis', [...tls, `tls-port ${port}`, 'save ""', 'hash-max-listpack-value 1024'])
  return { folder, tls, port }
}

/** That a service on this store gets ready, and keeps what it is given. */
const isGood = async (t: Test, store: string, folder: string): Promise<void> => {
  const service = await startService(t, {
    COATCHECK_STORE: store,
    NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'),
  })
  await until(async () => (await service.call('GET', '/readyz')).status === 200, 'it is ready').catch(
    (error: Error) => {
      throw new Error(`${error.message}\n${service.output()}`)
    },
  )
  const session = newSession()
  t.equal((await service.call('PATCH', `${session}/settings`, { body: { theme: 'dark' } })).status, 201)
  t.strictSame((await service.call('GET', `${session}/settings`)).json as unknown, { theme: 'dark' })
}

t.test('to a Redis, by its name and by its address', async (t) => {
  const { folder, port } = await begin(t)
  await isGood(t, `rediss://localhost:${port}`, folder)
  await isGood(t, `rediss://127.0.0.1:${port}`, folder)
})

t.test('to Sentinels, and to the Redis that they name', async (t) => {
  const { folder, tls, port } = await begin(t)
  const sentinel = await freePort()
  start(
    t,
    folder,
    'sentinel',
    [...tls, `tls-port ${sentinel}`, 'tls-replication yes', `sentinel monitor main 127.0.0.1 ${port} 1`],
    '--sentinel',
  )
  await isGood(t, `rediss+sentinel://127.0.0.1:${sentinel}/main`, folder)
})
