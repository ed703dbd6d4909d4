/**
 * `rediss…` means TLS, to servers that allow nothing else: to a Redis, and to Sentinels and the Redis that they name. Whom the
 * service believes and what it shows may be said by files.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newSession } from '../helpers/app.ts'
import { createAuthority } from '../helpers/authority.ts'
import { startFromFile } from '../helpers/redis-from-file.ts'
import { freePort } from '../helpers/redis-server.ts'
import { startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'
import { environment, folder, root, runProgram } from '../scripts/project.ts'

const LOCAL = 'DNS:localhost,IP:127.0.0.1'

const begin = async (t: Test, clients: 'yes' | 'no') => {
  const authority = await createAuthority(t)
  const { cert, key } = await authority.issue('redis', LOCAL)
  const files = [`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${authority.ca}`]
  const tls = ['port 0', ...files, `tls-auth-clients ${clients}`]
  const port = await freePort()
  startFromFile(t, [...tls, `tls-port ${port}`, 'hash-max-listpack-value 1024'])
  return { authority, tls, port }
}

/** That a service on this store gets ready, and keeps what it is given. */
const isGood = async (t: Test, store: string, env: Readonly<Record<string, string>>): Promise<void> => {
  const service = await startService(t, { COATCHECK_STORE: store, ...env })
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
  const { authority, port } = await begin(t, 'no')
  const env = { NODE_EXTRA_CA_CERTS: authority.ca }
  await isGood(t, `rediss://localhost:${port}`, env)
  await isGood(t, `rediss://127.0.0.1:${port}`, env)
})

t.test('with an authority of one’s own, and a certificate where one is demanded', async (t) => {
  const { authority, tls, port } = await begin(t, 'yes')
  const { cert, key } = await authority.issue('service', LOCAL)
  const env = {
    COATCHECK_STORE_CA_FILE: authority.ca,
    COATCHECK_STORE_CERT_FILE: cert,
    COATCHECK_STORE_KEY_FILE: key,
  }
  await isGood(t, `rediss://localhost:${port}`, env)

  const sentinel = await freePort()
  const lines = ['tls-replication yes', `sentinel monitor main 127.0.0.1 ${port} 1`]
  startFromFile(t, [...tls, `tls-port ${sentinel}`, ...lines], '--sentinel')
  await isGood(t, `rediss+sentinel://localhost:${sentinel}/main`, env)
})

t.test('what is wrong with the files stops the start, and each fault is told', async (t) => {
  const authority = await createAuthority(t)
  const [one, other] = [await authority.issue('one', LOCAL), await authority.issue('other', LOCAL)]
  const serve = (env: Readonly<Record<string, string>>) =>
    runProgram(process.execPath, [join(root, 'dist/cli.js'), 'serve'], {
      cwd: folder(t),
      env: environment({ PORT: '0', COATCHECK_API_KEYS: `shop:${'a'.repeat(64)}`, ...env }),
    })
  const wrong = await serve({
    COATCHECK_STORE: 'rediss://:canary@localhost:1',
    COATCHECK_STORE_CA_FILE: join(authority.folder, 'none.pem'),
    COATCHECK_STORE_CERT_FILE: one.cert,
    COATCHECK_STORE_KEY_FILE: other.key,
  })
  t.equal(wrong.code, 1)
  t.match(wrong.output, /COATCHECK_STORE_CA_FILE cannot be read \(ENOENT\).*COATCHECK_STORE_KEY_FILE holds the key/s)
  t.notMatch(wrong.output, /canary| at /)
  const plain = await serve({ COATCHECK_STORE: 'redis://localhost:1', COATCHECK_STORE_CA_FILE: authority.ca })
  t.equal(plain.code, 1)
  t.match(
    plain.output,
    /COATCHECK_STORE_CA_FILE is set, but the store is not reached by TLS: unset it, or write rediss/,
  )
  const url = await serve({ COATCHECK_STORE: 'redis://:can%ary@localhost:1' })
  t.equal(url.code, 1)
  t.match(url.output, /COATCHECK_STORE: A % in it does not begin a percent-encoded character/)
  t.notMatch(url.output, /ary@| at /)
})
