/**
 * A node of a Cluster is away: whoever's sessions are on the others hears nothing of it. Slots move from node to node under
 * load: nobody hears of that.
 */
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import { SLOTS } from '../../src/store/redis/cluster.ts'
import { KEYS } from '../helpers/app.ts'
import { startCluster } from '../helpers/redis-cluster.ts'
import { startService } from '../helpers/service.ts'
import { until } from '../helpers/until.ts'

const SESSIONS = 300
const CALLS_A_SECOND = 200
const PHASE_MS = 4000
/** What a machine that has other things to do may add to the slowest calls. */
const NOISE_MS = 100

type Call = { readonly id: string; readonly at: number; readonly status: number; readonly ms: number }

/** Calls at a steady rate, whether or not answers come; half of them write. */
const load = (port: number, agent: Agent, ids: readonly string[]) => {
  const calls: Call[] = []
  const call = (id: string): Promise<void> =>
    new Promise((resolve) => {
      const at = performance.now()
      const body = Math.random() < 0.5 ? JSON.stringify({ a: Math.random() }) : ''
      const headers = { authorization: `Bearer ${KEYS.shop}`, 'content-type': 'application/json' }
      const path = `/v1/sessions/${id}/settings`
      const done = (status: number): void => {
        calls.push({ id, at, status, ms: performance.now() - at })
        resolve()
      }
      const method = body === '' ? 'GET' : 'PATCH'
      const outgoing = request({ host: '127.0.0.1', port, agent, method, path, headers }, (incoming) => {
        incoming.resume().on('end', () => done(incoming.statusCode ?? 0))
      })
      outgoing.on('error', () => done(0)).end(body)
    })

  let isOn = true
  const running = (async () => {
    const began = performance.now()
    const sent: Promise<void>[] = []
    while (isOn) {
      const due = ((performance.now() - began) / 1000) * CALLS_A_SECOND
      while (sent.length < due) sent.push(call(ids[Math.floor(Math.random() * ids.length)] as string))
      await delay(5)
    }
    await Promise.all(sent)
  })()
  return {
    calls,
    stop: () => {
      isOn = false
      return running
    },
  }
}

const isRefused = ({ status }: Call): boolean => status === 0 || status >= 500

const slowest = (calls: readonly Call[]): number => {
  const times = calls.map(({ ms }) => ms).sort((a, b) => a - b)
  return times[Math.floor(times.length * 0.99)] ?? 0
}

t.test('one of three masters is away, with nobody to take its place', async (t) => {
  const cluster = await startCluster(t, { nodeTimeoutMs: 60_000 })
  const service = await startService(t, { COATCHECK_STORE: cluster.url })
  await until(async () => (await service.call('GET', '/readyz')).status === 200, 'it is ready')
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const ids = Array.from({ length: SESSIONS }, () => randomUUID())
  const [first, second, third] = cluster.servers
  if (!first || !second || !third) throw new Error('There are no three masters.')
  const [[from, to] = [0, 0]] = await cluster.slotsOf(first)
  const isHit = ({ id }: Call): boolean => {
    const slot = SLOTS.get(partitionOf(idBytes(id))) as number
    return from <= slot && slot <= to
  }

  const { calls, stop } = load(service.port, agent, ids)
  const during = async (work: () => Promise<unknown>) => {
    const began = performance.now()
    await work()
    const ended = performance.now()
    return () => calls.filter(({ at }) => at >= began && at < ended)
  }
  await delay(1000)
  const quiet = await during(() => delay(PHASE_MS))
  const ready: unknown[] = []
  const away = async (): Promise<void> => {
    for (const end = performance.now() + PHASE_MS; performance.now() < end; await delay(200)) {
      const { status, text } = await service.call('GET', '/readyz')
      ready.push([status, (JSON.parse(text) as { status?: string }).status])
    }
  }
  first.freeze()
  const frozen = await during(away)
  first.thaw()
  await until(async () => (await service.call('GET', '/readyz')).text.includes('"ok"'), 'it is whole again')
  await first.kill()
  const killed = await during(away)
  await first.start()
  await until(async () => (await service.call('GET', '/readyz')).text.includes('"ok"'), 'it is whole again')
  await cluster.settled()
  const moving = await during(() => cluster.move([5461, 7000], second, third))
  await stop()

  const before = slowest(quiet())
  t.strictSame(quiet().filter(isRefused), [])
  for (const [name, all] of [
    ['frozen', frozen()],
    ['killed', killed()],
  ] as const) {
    const others = all.filter((call) => !isHit(call))
    const refused = others.filter(isRefused).length
    const now = slowest(others)
    t.ok(refused <= others.length / 100, `${name}: ${refused} of ${others.length} calls to the others refused`)
    t.ok(
      now <= 2 * before + NOISE_MS,
      `${name}: 99 % of them within ${Math.round(now)} ms, before ${Math.round(before)}`,
    )
    t.ok(
      all.some((call) => isHit(call) && isRefused(call)),
      `${name}: the sessions on it are refused`,
    )
  }
  const moved = moving()
  t.ok(moved.length > 0)
  t.strictSame(moved.filter(isRefused), [], `no call of ${moved.length} refused while slots moved`)
  t.ok(
    ready.every((one) => (one as unknown[])[0] === 200),
    'it says that it is ready all the time',
  )
  const words = ready.map((one) => String((one as unknown[])[1]))
  const changes = words.filter((word, at) => at > 0 && word !== words[at - 1]).length
  t.ok(changes <= 3, `and does not flap: ${words.join(' ')}`)
})
