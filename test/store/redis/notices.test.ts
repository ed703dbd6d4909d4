/** What comes in a channel of notices and is none of ours: anybody on that Redis may publish there. */
import { Redis } from 'ioredis'
import t from 'tap'
import { idBytes, partitionOf } from '../../../src/store/layout/partition.ts'
import type { Notice, SessionRef, Write } from '../../../src/store/port.ts'
import { openRedisStore } from '../../../src/store/redis/store.ts'
import { startRedis } from '../../helpers/redis-server.ts'
import { until } from '../../helpers/until.ts'

const ID = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'
const ref: SessionRef = { namespace: 'shop', id: ID }
const channel = `cc:{${partitionOf(idBytes(ID))}}:c`

const put = (text: string): Write => ({
  credential: null,
  create: 'if-missing',
  clocks: { idleTimeoutSeconds: 100, lifetimeSeconds: 1000 },
  subject: null,
  writes: true,
  use: true,
  limits: { bytes: 1000, keys: 10 },
  set: new Map([['theme', text]]),
})

t.test('a message that cannot be read makes its listeners read the session, and harms nobody', async (t) => {
  const server = await startRedis()
  const store = openRedisStore({ url: server.url })
  const redis = new Redis(server.port)
  const other = new Redis(server.port)
  t.teardown(async () => {
    redis.disconnect()
    other.disconnect()
    await store.close()
    await server.stop()
  })
  const real: Buffer[] = []
  other.on('smessageBuffer', (_: Buffer, message: Buffer) => real.push(message))
  await other.ssubscribe(channel)

  const heard: Notice[] = []
  let lapsed = 0
  await store.subscribe(partitionOf(idBytes(ID)), {
    notice: (notice) => heard.push(notice),
    lapsed: () => {
      lapsed += 1
    },
  })
  await store.write(ref, put('"dark"'))
  await until(() => heard.length === 1 && real.length === 1, 'the first is heard')
  const message = real[0] as Buffer
  t.match(heard, [{ kind: 'changed', ref, set: new Map([['theme', '"dark"']]) }])

  lapsed = 0
  const cut = Array.from({ length: message.length }, (_, length) => message.subarray(0, length))
  const strange = [
    Buffer.from([1, 1]),
    Buffer.from([1, 9, 0]),
    Buffer.from([2]),
    Buffer.from('hello'),
    Buffer.alloc(300, 255),
  ]
  for (const each of [...cut, ...strange]) await redis.call('SPUBLISH', channel, each)
  await store.write(ref, put('"light"'))
  await until(() => heard.length > 1, 'what comes after is heard')
  t.match(heard.slice(1), [{ kind: 'changed', ref, set: new Map([['theme', '"light"']]) }], 'and nothing before')
  t.equal(lapsed, cut.length + strange.length)
})
