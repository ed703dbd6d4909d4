/**
 * How connections are made to a Redis by TLS: whom the service believes, what it shows, which name it says, and what becomes of
 * certificates that are renewed.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { type Access, type Address, createAccess } from '../../../src/store/redis/access.ts'
import { examineTlsFiles, type TlsFiles } from '../../../src/store/tls-files.ts'
import { connectOnce, connects } from '../../helpers/access-probe.ts'
import { type Authority, type Certificate, createAuthority } from '../../helpers/authority.ts'
import { freePort, startRedis } from '../../helpers/redis-server.ts'

const LOCAL = 'DNS:localhost,IP:127.0.0.1'

/** A Redis that speaks TLS, beside a plain port, with a certificate of this authority. */
const beginRedis = async (t: Test, { ca, issue }: Authority, clients: 'yes' | 'no', names = LOCAL): Promise<number> => {
  const { cert, key } = await issue('redis', names)
  const port = await freePort()
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca]
  const server = await startRedis({ args: ['--tls-port', String(port), ...files, '--tls-auth-clients', clients] })
  t.teardown(() => server.stop())
  return port
}

const accessTo = (url: string, tlsFiles: TlsFiles = {}, faults: string[] = []): Access =>
  createAccess({ readUrl: () => url, tlsFiles, onFault: (text) => faults.push(text) })

t.test('an authority of one’s own is believed, and then no other', async (t) => {
  const [ours, others] = [await createAuthority(t), await createAuthority(t)]
  const port = await beginRedis(t, ours, 'no')
  const url = `rediss://localhost:${port}`
  t.equal(await connects(t, accessTo(url, { ca: ours.ca })), true)
  t.equal(await connects(t, accessTo(`rediss://127.0.0.1:${port}`, { ca: ours.ca })), true, 'by its address')
  for (const files of [{}, { ca: others.ca }]) {
    t.match((await connectOnce(t, accessTo(url, files))).fault, /UNABLE_TO_VERIFY|SELF_SIGNED/)
  }
  const both = join(ours.folder, 'both.pem')
  writeFileSync(both, readFileSync(others.ca, 'utf8') + readFileSync(ours.ca, 'utf8'))
  t.equal(await connects(t, accessTo(url, { ca: both })), true, 'a file may hold several')
})

t.test('the certificate has to be for the name', async (t) => {
  const authority = await createAuthority(t)
  const port = await beginRedis(t, authority, 'no', 'DNS:redis.example')
  for (const host of ['localhost', '127.0.0.1']) {
    const { fault } = await connectOnce(t, accessTo(`rediss://${host}:${port}`, { ca: authority.ca }))
    t.equal(fault, 'ERR_TLS_CERT_ALTNAME_INVALID', host)
  }
})

t.test('a Redis that demands a certificate gets one', async (t) => {
  const [ours, others] = [await createAuthority(t), await createAuthority(t)]
  const port = await beginRedis(t, ours, 'yes')
  const url = `rediss://localhost:${port}`
  t.equal(await connects(t, accessTo(url, { ca: ours.ca, ...(await ours.issue('service', LOCAL)) })), true)
  t.not((await connectOnce(t, accessTo(url, { ca: ours.ca }))).fault, '', 'without one')
  const foreign = await others.issue('service', LOCAL)
  t.not((await connectOnce(t, accessTo(url, { ca: ours.ca, ...foreign }))).fault, '', 'with a stranger’s')
})

type Greeting = { readonly name: string | false; readonly serial: string | undefined }

/** A server that tells with which name, and which certificate, each connection comes. It says nothing. */
const beginListening = async (t: Test, { cert, key }: Certificate, ca: string) => {
  const greetings: Greeting[] = []
  const sockets = new Set<TLSSocket>()
  const server = createServer(
    {
      cert: readFileSync(cert),
      key: readFileSync(key),
      ca: readFileSync(ca),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      const { servername } = socket as TLSSocket & { servername: string | false }
      greetings.push({ name: servername, serial: socket.getPeerCertificate().serialNumber })
      socket.end()
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    /** What the next connection comes with. */
    async greets(access: Access, to: Address, role: 'redis' | 'sentinel' = 'redis'): Promise<Greeting | undefined> {
      greetings.length = 0
      await connectOnce(t, access, { to, role })
      return greetings[0]
    },
  }
}

t.test('the host’s name is said, also of nodes and Sentinels, and an address is not', async (t) => {
  const authority = await createAuthority(t)
  const { port, greets } = await beginListening(t, await authority.issue('any', LOCAL), authority.ca)
  const files = { ca: authority.ca }
  for (const [url, role] of [
    [`rediss://localhost:${port}`, 'redis'],
    [`rediss+cluster://127.0.0.1:${port}`, 'redis'],
    [`rediss+sentinel://127.0.0.1:${port}/main`, 'redis'],
    [`rediss+sentinel://127.0.0.1:${port}/main`, 'sentinel'],
  ] as const) {
    const access = accessTo(url, files)
    t.equal((await greets(access, { host: 'localhost', port }, role))?.name, 'localhost', url)
    t.equal((await greets(access, { host: '127.0.0.1', port }, role))?.name, false, url)
  }
  const dotted = accessTo(`rediss://localhost.:${port}`, files).connectionTo({ host: 'localhost.', port }, 'redis')
  t.match(dotted, { host: 'localhost.', tls: { servername: 'localhost' } })
})

t.test('certificates that were renewed are used by the next connection', async (t) => {
  const authority = await createAuthority(t)
  const { port, greets } = await beginListening(t, await authority.issue('any', LOCAL), authority.ca)
  const at = { host: 'localhost', port }
  const ca = join(authority.folder, 'believed.pem')
  copyFileSync(authority.ca, ca)
  const faults: string[] = []
  const { cert, key } = await authority.issue('service', LOCAL)
  const access = accessTo(`rediss://localhost:${port}`, { ca, cert, key }, faults)
  const first = await greets(access, at)
  t.match(first?.serial, /^[0-9A-F]+$/)

  await authority.issue('service', LOCAL)
  const second = await greets(access, at)
  t.match(second?.serial, /^[0-9A-F]+$/)
  t.not(second?.serial, first?.serial)
  t.strictSame(faults, [])

  const isKept = async (fault: string): Promise<void> => {
    for (const _ of [1, 2]) t.strictSame(await greets(access, at), second, fault)
    t.strictSame(faults, [`${fault} What was read before stays in use.`])
    faults.length = 0
  }
  const [goodCert, goodKey] = [readFileSync(cert), readFileSync(key)]
  copyFileSync((await authority.issue('other', LOCAL)).key, key)
  await isKept('The key file for the store holds the key of another certificate.')
  writeFileSync(key, 'canary')
  await isKept('The key file for the store holds no private key in PEM that can be read without a passphrase.')
  writeFileSync(key, goodKey)
  rmSync(cert)
  await isKept('The certificate file for the store cannot be read (ENOENT): check the path and who may read it.')
  writeFileSync(cert, goodCert)
  writeFileSync(ca, '')
  await isKept('The CA file for the store holds no certificate in PEM.')

  copyFileSync((await createAuthority(t)).ca, ca)
  t.match((await connectOnce(t, access)).fault, /UNABLE_TO_VERIFY|SELF_SIGNED/, 'the new authority counts')
  t.strictSame(faults, [])
})

t.test('each fault of the files is found', async (t) => {
  const authority = await createAuthority(t)
  const { ca, folder } = authority
  const [one, other] = [await authority.issue('one', LOCAL), await authority.issue('other', LOCAL)]
  const [none, rubbish, locked] = ['none', 'rubbish', 'locked'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(rubbish, '-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----\n')
  const { OPENSSL = 'openssl' } = process.env
  execFileSync(OPENSSL, ['ec', '-in', one.key, '-aes256', '-passout', 'pass:canary', '-out', locked], {
    stdio: 'ignore',
  })
  const faultsOf = (files: TlsFiles): string[] =>
    examineTlsFiles(files).faults.map(({ part, problem }) => `${part} ${problem}`)

  t.strictSame(faultsOf({}), [])
  t.strictSame(faultsOf({ ca, ...one }), [])
  t.strictSame(examineTlsFiles({ ca }).texts, { ca: readFileSync(ca, 'utf8') })
  const missing = 'cannot be read (ENOENT): check the path and who may read it.'
  t.strictSame(
    faultsOf({ ca: none, cert: none, key: none }),
    ['ca', 'cert', 'key'].map((part) => `${part} ${missing}`),
  )
  t.strictSame(faultsOf({ ca: folder }), ['ca cannot be read (EISDIR): check the path and who may read it.'])
  t.strictSame(faultsOf({ cert: one.cert }), ['cert needs a key file, too.'])
  t.strictSame(faultsOf({ key: one.key }), ['key needs a certificate file, too.'])
  t.strictSame(faultsOf({ cert: one.cert, key: other.key }), ['key holds the key of another certificate.'])
  const noKey = 'key holds no private key in PEM that can be read without a passphrase.'
  for (const key of [rubbish, one.cert, locked]) t.strictSame(faultsOf({ cert: one.cert, key }), [noKey], key)
  const noCertificate = 'holds no certificate in PEM.'
  for (const file of [rubbish, one.key]) {
    t.strictSame(faultsOf({ ca: file }), [`ca ${noCertificate}`], file)
    t.strictSame(faultsOf({ cert: file, key: one.key }), [`cert ${noCertificate}`], file)
  }
})
