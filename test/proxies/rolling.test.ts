/**
 * Two replicas behind a proxy are restarted one after the other, under load of every kind that a proxy must not repeat, with
 * streams open: no caller sees a call that fails. `ROLLING_RUNS` says how often.
 */
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { KEYS, newSession } from '../helpers/app.ts'
import { configurations, type KindName, overH1, startProxy } from '../helpers/proxy.ts'
import { freePort, startRedis } from '../helpers/redis-server.ts'
import { startReplica } from '../helpers/replica.ts'
import { until } from '../helpers/until.ts'

const RUNS = Number(process.env.ROLLING_RUNS ?? 1)
const DRAIN_SECONDS = 2
const CALLERS = 6
const STREAMS = 6
/** A caller that thinks now and then lets connections of the proxy become idle. */
const THINKS_MS = 10

const BEARER = { authorization: `Bearer ${KEYS.shop}` }
const JSON_BODY = { ...BEARER, 'content-type': 'application/json' }

const KINDS = {
  nginx: {
    block: /upstream coatcheck \{[\s\S]*?\n\}\n/,
    tells: ['location / {', 'add_header Served-By $upstream_addr always;'],
  },
  haproxy: {
    block: /^backend coatcheck\n[\s\S]*$/m,
    tells: ['default_backend', 'http-response set-header Served-By %si:%sp\n  default_backend'],
  },
} as const satisfies Partial<Record<KindName, object>>

const textFor = (name: keyof typeof KINDS, second: number): string => {
  const [alone = '', ...others] = configurations(name)
  const { block, tells } = KINDS[name]
  const rolling = others.find((one) => one.includes(':3001')) ?? ''
  const told = name === 'nginx' ? tells.join('\n    ') : tells[1]
  return alone.replace(block, `${rolling}\n`).replace(tells[0], told).replace('127.0.0.1:3001', `127.0.0.1:${second}`)
}

const behindProxy = async (t: Test, name: keyof typeof KINDS) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const env = { COATCHECK_STORE: redis.url, COATCHECK_DRAIN_SECONDS: String(DRAIN_SECONDS) }
  const replicas = [await startReplica(t, env), await startReplica(t, env)] as const
  const [one, two] = replicas
  const proxy = await startProxy(t, name, { text: textFor(name, two.port), port: await freePort(), service: one.port })
  return { replicas, call: overH1(t, proxy) }
}

/** Calls one after the other; each must succeed, and an increment count once. */
const startCallers = (call: ReturnType<typeof overH1>) => {
  const failed: string[] = []
  const served = new Map<string, number>()
  let isOver = false
  let calls = 0
  const make = async (method: string, path: string, body?: string): Promise<string> => {
    calls++
    try {
      const headers = body === undefined ? BEARER : JSON_BODY
      const {
        status,
        headers: answered,
        text,
      } = await call(path, { method, headers, ...(body !== undefined && { body }) })
      const by = String(answered['served-by'])
      served.set(by, (served.get(by) ?? 0) + 1)
      if (status < 300) return text
      failed.push(`${method}: ${status} ${text.slice(0, 100)}`)
    } catch (error) {
      failed.push(`${method}: ${(error as Error).message}`)
    }
    return ''
  }
  const caller = async (n: number): Promise<void> => {
    const session = newSession()
    await make('PATCH', `${session}/settings`, '{"count":0}')
    for (let done = 1; !isOver; done++) {
      await make('POST', `${session}/settings/count/increment`, '{"by":1}')
      const read = await make('GET', `${session}/settings/count`)
      if (read !== String(done)) failed.push(`the counter is ${read} after ${done} increments`)
      await make('PATCH', `${session}/settings`, `{"v":${done}}`)
      await pause((1 + (n % 3)) * THINKS_MS)
    }
  }
  const all = Promise.all(Array.from({ length: CALLERS }, (_, n) => caller(n)))
  return {
    failed,
    calls: () => calls,
    servedBy: (port: number) => served.get(`127.0.0.1:${port}`) ?? 0,
    async stop() {
      isOver = true
      await all
    },
  }
}

/** Readers that come back when they are told to, as EventSource does; a status other than 200 would stop that for good. */
const startReaders = (call: ReturnType<typeof overH1>) => {
  const failed: string[] = []
  let isOver = false
  let comings = 0
  const reader = async (): Promise<void> => {
    const session = newSession()
    while (!isOver) {
      comings++
      let seen = ''
      const { status, text } = await call(`${session}/events`, {
        headers: BEARER,
        onText: (all) => {
          seen = all
          return isOver
        },
      }).catch((error: Error) => ({ status: 0, text: error.message }))
      const retry = Number(/(?:^|\n)retry: (\d+)\n(?![\s\S]*\nretry:)/.exec(seen)?.[1])
      if (status !== 200) failed.push(`a stream: ${status} ${text.slice(0, 100)}`)
      else if (!isOver && !(retry > 0)) failed.push(`a stream ended without a word: ${seen.slice(-200)}`)
      await pause(Math.min(retry || 1000, isOver ? 0 : 5000))
    }
  }
  const all = Promise.all(Array.from({ length: STREAMS }, reader))
  return {
    failed,
    comings: () => comings,
    async stop(wake: () => Promise<unknown>) {
      isOver = true
      await wake()
      await all
    },
  }
}

for (const name of ['nginx', 'haproxy'] as const) {
  t.test(`${name}: a rolling restart, and not one call fails`, async (t) => {
    const { replicas, call } = await behindProxy(t, name)
    await until(async () => (await call('/readyz', {})).status === 200, `${name} has found a replica`)
    const callers = startCallers(call)
    const readers = startReaders(call)
    const serves = async (port: number): Promise<void> => {
      const before = callers.servedBy(port)
      await until(() => callers.servedBy(port) > before + 20, `${name} sends calls to port ${port}`)
    }
    for (let run = 0; run < RUNS; run++) {
      for (const replica of replicas) {
        await serves(replica.port)
        const comings = readers.comings()
        t.equal(await replica.end(), 0, 'it ends in order')
        await replica.start()
        await serves(replica.port)
        t.ok(readers.comings() >= comings, 'readers come back')
      }
    }
    await callers.stop()
    t.strictSame(callers.failed, [], `of ${callers.calls()} calls none failed`)
    t.ok(callers.calls() > 500)
    t.ok(readers.comings() > STREAMS, 'streams were ended, and asked for again')
    t.strictSame(readers.failed, [])
    void readers.stop(async () => {})
  })
}
