/** How connections are made to a Redis without TLS: by which address, to which database, as whom, also after a change. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { readValueFile } from '../../../src/config/environment.ts'
import { createAccess } from '../../../src/store/redis/access.ts'
import { connectOnce, connects } from '../../helpers/access-probe.ts'
import { documentedAcl, makeDocumentedUser } from '../../helpers/documented-acl.ts'
import { startFromFile } from '../../helpers/redis-from-file.ts'
import { freePort, startRedis } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'

const begin = async (t: Test, args: readonly string[] = []) => {
  const server = await startRedis({ args })
  t.teardown(() => server.stop())
  const admin = new Redis(server.port)
  t.teardown(() => admin.disconnect())
  return { server, admin, at: `127.0.0.1:${server.port}` }
}

const accessTo = (url: string) => createAccess({ readUrl: () => url })

t.test('what a connection is told follows from the URL', async (t) => {
  const [host, port] = ['h', 1] as const
  const access = accessTo('redis://u:p@h:1/3')
  t.strictSame(access.addresses, [{ host, port }])
  t.strictSame(access.connectionTo({ host, port }, 'redis'), {
    host,
    port,
    username: 'u',
    password: 'p',
    db: 3,
    disableClientInfo: true,
  })
  const sentinels = accessTo('redis+sentinel://u:p@h:1/main?sentinelUsername=su&sentinelPassword=sp')
  t.strictSame(sentinels.connectionTo({ host, port }, 'sentinel'), {
    host,
    port,
    username: 'su',
    password: 'sp',
    disableClientInfo: true,
    enableReadyCheck: false,
  })
  t.strictSame(sentinels.connectionTo({ host: '10.0.0.1', port: 2 }, 'redis'), {
    host: '10.0.0.1',
    port: 2,
    username: 'u',
    password: 'p',
    disableClientInfo: true,
  })
  const open = accessTo('redis+sentinel://u:p@h:1/main').connectionTo({ host, port }, 'sentinel')
  t.strictSame(open, { host, port, disableClientInfo: true, enableReadyCheck: false }, 'they get no password of others')
})

t.test('what is at fault at the start is thrown', async (t) => {
  t.throws(() => accessTo('redis://h/canary'), new Error('Its database is not a number.'))
  const files = { ca: '/canary' }
  t.throws(
    () => createAccess({ readUrl: () => 'redis://h', tlsFiles: files }),
    new Error('There are files for TLS, but the URL does not say rediss.'),
  )
  t.throws(
    () => createAccess({ readUrl: () => 'rediss://h', tlsFiles: files }),
    new Error('The CA file for the store cannot be read (ENOENT): check the path and who may read it.'),
  )
})

t.test('by a unix socket, to a database, with a password', async (t) => {
  // The kernel takes no long path.
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-socket-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const socket = join(folder, 's@1.sock')
  const { server, admin } = await begin(t, ['--unixsocket', socket])
  await admin.config('SET', 'requirepass', 'a/b')
  const access = accessTo(`redis+unix://:a%2Fb@${socket}?db=3`)
  t.strictSame(access.addresses, [{ path: socket }])
  const { client, fault } = await connectOnce(t, access)
  t.equal(fault, '')
  await client.set('by', 'the socket')
  t.equal(await admin.get('by'), null)
  await admin.select(3)
  t.equal(await admin.get('by'), 'the socket')
  await server.stop()
  t.equal((await connectOnce(t, access)).fault, 'ECONNREFUSED')
})

t.test('a password that was changed in the file is used by the next connection', async (t) => {
  const { admin, at, server } = await begin(t)
  const file = join(t.testdir(), 'store')
  const faults: string[] = []
  const { user, password } = await makeDocumentedUser(admin, 'redis')
  const write = (secret: string, where = at): void => writeFileSync(file, `redis://${user}:${secret}@${where}`)
  write(password)
  const access = createAccess({ readUrl: () => readValueFile(file), onFault: (text) => faults.push(text) })
  const old = await connectOnce(t, access)
  t.equal(old.fault, '')

  await admin.call('ACL', 'SETUSER', user, '>another', `<${password}`)
  t.match((await connectOnce(t, access)).fault, /^WRONGPASS/, 'the old one is over')
  t.equal(await old.client.ping(), 'PONG', 'a connection that is there stays')
  write('another')
  t.equal(await connects(t, access), true)
  t.strictSame(faults, [])

  const isKept = async (fault: RegExp): Promise<void> => {
    for (const _ of [1, 2]) t.equal(await connects(t, access), true, `${fault}`)
    t.match(faults, [fault])
    t.notMatch(faults.join(), /canary/)
    write('another')
    t.equal(await connects(t, access), true)
    t.equal(faults.length, 1, 'that it is over is not a fault')
    faults.length = 0
  }
  rmSync(file)
  await isKept(
    /^The URL of the store was read again: It cannot be read \(ENOENT\)\. What was read before stays in use\.$/,
  )
  writeFileSync(file, 'redis://:can')
  await isKept(/It has no|A host in it/)
  for (const where of [`127.0.0.2:${server.port}`, '127.0.0.1:1', `${at}/1`, `${at},canary`]) {
    write('canary', where)
    await isKept(where.includes(',') ? /It names several hosts/ : /It names another place than at the start: .*restart/)
  }
  writeFileSync(file, `rediss://${user}:canary@${at}`)
  await isKept(/another place/)
})

t.test('the master’s name, and what kind of Redis it is, may not change', async (t) => {
  const faults: string[] = []
  let url = 'redis+sentinel://:a@h/main'
  const access = createAccess({ readUrl: () => url, onFault: (text) => faults.push(text) })
  const passwordNow = () => access.connectionTo({ host: 'h', port: 1 }, 'redis').password
  for (const other of ['redis+sentinel://:b@h/other', 'redis+cluster://:b@h', 'redis+sentinel://:b@h,i/main']) {
    url = other
    t.equal(passwordNow(), 'a')
  }
  t.equal(faults.length, 1, 'told once, as it is the same fault')
  url = 'redis+sentinel://:b@h/main?sentinelPassword=c'
  t.equal(passwordNow(), 'b')
  t.equal(access.connectionTo({ host: 'h', port: 1 }, 'sentinel').password, 'c')
})

t.test('Sentinels are asked as the documented user', async (t) => {
  const { server, admin } = await begin(t)
  const [port, acl] = [await freePort(), documentedAcl('sentinel')]
  startFromFile(
    t,
    [`port ${port}`, `sentinel monitor main 127.0.0.1 ${server.port} 1`, acl.line, 'requirepass for-others'],
    '--sentinel',
  )
  const who = `sentinelUsername=${acl.user}&sentinelPassword=${acl.password}`
  const access = accessTo(`redis+sentinel://127.0.0.1:${port}/main?${who}`)
  const staff = new Redis(port, { password: 'for-others', retryStrategy: () => 50 })
  staff.on('error', () => {})
  t.teardown(() => staff.disconnect())
  await until(async () => (await staff.ping().catch(() => '')) === 'PONG', 'the Sentinel answers')

  const { client, fault } = await connectOnce(t, access, { role: 'sentinel' })
  t.equal(fault, '')
  await client.client('SETNAME', 'coatcheck')
  const named = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main')) as unknown
  t.strictSame(named, ['127.0.0.1', String(server.port)])
  const master = (await client.call('SENTINEL', 'MASTER', 'main')) as unknown
  t.ok(JSON.stringify(master).includes(String(server.port)), 'it names the master')
  t.strictSame(await staff.call('ACL', 'LOG'), [], 'nothing was refused, not even at the start of the connection')
  await t.rejects(client.call('SENTINEL', 'RESET', 'main'), /NOPERM/)
  t.equal(await admin.ping(), 'PONG')
})
