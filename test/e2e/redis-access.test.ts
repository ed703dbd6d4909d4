/** The service at a Redis with users: by its unix socket, and while its password is changed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { newSession } from '../helpers/app.ts'
import { makeDocumentedUser } from '../helpers/documented-acl.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { type Service, startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'

const begin = async (t: Test) => {
  // The kernel takes no long path for a socket.
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-access-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const socket = join(folder, 'redis.sock')
  const server = await startRedis({ args: ['--unixsocket', socket] })
  t.teardown(() => server.stop())
  const admin = new Redis(server.port)
  t.teardown(() => admin.disconnect())
  const who = await makeDocumentedUser(admin, 'redis')
  await admin.call('ACL', 'SETUSER', 'default', 'resetpass', '>for-the-staff')
  return { folder, socket, server, admin, who }
}

const isReady = (service: Service): Promise<void> =>
  until(async () => (await service.call('GET', '/readyz')).status === 200, 'it is ready').catch((error: Error) => {
    throw new Error(`${error.message}\n${service.output()}`)
  })

t.test('by a unix socket, in a database of its own, as the documented user', async (t) => {
  const { socket, admin, who } = await begin(t)
  const service = await startService(t, {
    COATCHECK_STORE: `redis+unix://${who.user}:${who.password}@${socket}?db=2`,
  })
  await isReady(service)
  const session = newSession()
  t.equal((await service.call('PATCH', `${session}/settings`, { body: { a: 1 } })).status, 201)
  t.strictSame((await service.call('GET', `${session}/settings`)).json as unknown, { a: 1 })
  t.equal(await admin.dbsize(), 0)
  await admin.select(2)
  t.ok((await admin.dbsize()) >= 2, 'the session, and the list of its partition')
  t.match(await admin.client('LIST'), /name=coatcheck.* flags=\S*U.* db=2 .* user=coatcheck/)
})

t.test('a password that is changed needs no restart', async (t) => {
  const { folder, server, admin, who } = await begin(t)
  const file = join(folder, 'store')
  const write = (password: string): void =>
    writeFileSync(file, `redis://${who.user}:${password}@127.0.0.1:${server.port}`)
  write(who.password)
  const service = await startService(t, { COATCHECK_STORE_FILE: file })
  await isReady(service)
  const session = newSession()
  t.equal((await service.call('PATCH', `${session}/settings`, { body: { n: 1 } })).status, 201)
  const cut = (): Promise<unknown> => admin.call('CLIENT', 'KILL', 'USER', who.user)

  await admin.call('ACL', 'SETUSER', who.user, '>the-next-canary')
  write('the-next-canary')
  await admin.call('ACL', 'SETUSER', who.user, `<${who.password}`)
  t.equal((await service.call('GET', session)).status, 200, 'the connection that is there stays')
  await cut()
  await until(async () => (await service.call('GET', session)).status === 200, 'it has come back with the new password')
  t.notMatch(service.output(), /read again/)

  rmSync(file)
  await cut()
  await until(async () => (await service.call('GET', session)).status === 200, 'it has come back without the file')
  await cut()
  await until(async () => (await service.call('GET', session)).status === 200, 'it has come back once more')
  const told = service.output().match(/The URL of the store was read again: It cannot be read \(ENOENT\)/g) ?? []
  t.equal(told.length, 1, 'it is told once')
  t.notMatch(service.output(), /canary/)
  t.equal(await service.end(), 0)
})
