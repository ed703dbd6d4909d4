/** The call that streams a backup: whom it is for, and what becomes of a reader that stops. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { hashOf } from '../../src/config/api-keys.ts'
import { DEFAULT_PERMISSIONS } from '../../src/domain/credentials/permission.ts'
import { KEYS, onLmdb, onRedis, serve } from '../helpers/app.ts'
import { until } from '../helpers/until.ts'
import { put } from '../store/lmdb/session.ts'

const keyOf = (key: string, permissions: typeof DEFAULT_PERMISSIONS) => ({
  namespace: 'shop',
  hash: Buffer.from(hashOf(key), 'hex'),
  permissions,
})
const API_KEYS = [keyOf(KEYS.shop, ['operate']), keyOf(KEYS.shopToo, DEFAULT_PERMISSIONS), keyOf(KEYS.blog, ['read'])]

/** An answer whose body nobody has read yet. */
const opened = async (port: number): Promise<IncomingMessage> => {
  const outgoing = request({ port, method: 'POST', path: '/v1/backup', agent: false })
  outgoing.setHeader('authorization', `Bearer ${KEYS.shop}`).end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  return incoming
}

/** More than the buffers of a connection take. */
const LARGE = 250

t.test('on LMDB', async (t) => {
  const api = await onLmdb(t, { apiKeys: API_KEYS })
  const text = `"${'x'.repeat(60_000)}"`
  await Promise.all(
    Array.from({ length: LARGE }, () => put(api.store, { namespace: 'shop', id: randomUUID() }, { text })),
  )

  await t.test('only an API key that has the permission said to it may', async (t) => {
    for (const key of [KEYS.shopToo, KEYS.blog]) {
      t.hasStrict(await api.call('POST', '/v1/backup', { key }), { status: 403, json: { code: 'insufficient_scope' } })
    }
    t.equal((await api.call('POST', '/v1/backup', { key: null })).status, 401)
    t.equal((await api.call('GET', '/v1/backup')).status, 405, 'no link and no preview makes one')
  })

  await t.test('it says how long it is, and that nobody may keep it', async (t) => {
    const answer = await opened(api.port)
    t.hasStrict(answer.headers, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' })
    t.equal((await buffer(answer)).length, Number(answer.headers['content-length']))
  })

  await t.test('a second one waits for its turn; a reader that goes, or takes nothing, gives it up', async (t) => {
    // Only who takes nothing asks this one: a machine that is busy would cut off others, too.
    const impatient = await serve(t, api.store, { apiKeys: API_KEYS, backupStalledMs: 500 })
    const ways = [
      [api.port, (answer: IncomingMessage) => void answer.destroy()],
      [impatient.port, () => {}],
    ] as const
    for (const [port, leave] of ways) {
      const answer = await opened(port)
      answer.on('error', () => {})
      t.hasStrict(await api.call('POST', '/v1/backup'), { status: 409, json: { code: 'backup_running' } })
      leave(answer)
      await until(async () => (await api.call('POST', '/v1/backup')).status === 200, 'there can be another one')
      answer.destroy()
    }
  })

  await t.test('a service that ends does not wait for a reader', async (t) => {
    const other = await onLmdb(t, { apiKeys: API_KEYS })
    const answer = await opened(other.port)
    t.equal((await buffer(answer)).length, Number(answer.headers['content-length']))
    const stuck = await opened(api.port)
    const broken = once(stuck, 'error')
    await api.app.close()
    stuck.resume()
    t.match(await broken, [{ code: 'ECONNRESET' }])
  })
})

t.test('on Redis it is refused with a word of what to do', async (t) => {
  const api = await onRedis(t, { apiKeys: API_KEYS })
  t.hasStrict(await api.call('POST', '/v1/backup'), { status: 409, json: { code: 'backup_elsewhere' } })
})
