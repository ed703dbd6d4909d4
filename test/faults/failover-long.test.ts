/**
 * How soon a service is back after a fail-over of Sentinels, whether the master was killed or froze, also with a Sentinel that
 * hangs: within two seconds of the promotion. `FAILOVERS` says how many there are; `BUSY_LOOPS` how many processes do their
 * best to be in the way.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import t from 'tap'
import type { Store, Write } from '../../src/store/port.ts'
import { openRedisStore } from '../../src/store/redis/store.ts'
import { startSentinels } from '../helpers/redis-sentinel.ts'
import { until } from '../helpers/until.ts'

const FAILOVERS = Number(process.env.FAILOVERS ?? 3)
const BUSY_LOOPS = Number(process.env.BUSY_LOOPS ?? 0)

const BACK_MS = 2000
const KILLED_MS = 50
const FROZEN_MS = 1200

const ref = { namespace: 'shop', id: randomUUID() }

const write = (): Write => ({
  credential: null,
  create: 'if-missing',
  clocks: { idleTimeoutSeconds: 1000, lifetimeSeconds: 1000 },
  set: new Map([['a', String(Math.random())]]),
  writes: true,
  use: true,
  limits: { bytes: 1000, keys: 10 },
})

const isDone = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => true,
    () => false,
  )

type Seen = { refusedMs?: number; backAt?: number }

/** Writes on and on: when it was refused for the first time, and when it was done again after that. */
const watch = async (store: Store, faultAt: number): Promise<Required<Seen>> => {
  const seen: Seen = {}
  await until(
    async () => {
      if (!(await isDone(store.write(ref, write())))) seen.refusedMs ??= performance.now() - faultAt
      else if (seen.refusedMs !== undefined) seen.backAt = performance.now()
      return seen.backAt !== undefined
    },
    'it serves again',
    30_000,
  )
  return seen as Required<Seen>
}

const KINDS = ['killed', 'frozen', 'frozen, and a Sentinel hangs'] as const

t.test(`${FAILOVERS} fail-overs beside ${BUSY_LOOPS} busy loops`, async (t) => {
  const group = await startSentinels(t)
  const stores = [openRedisStore({ url: group.url }), openRedisStore({ url: group.url })]
  t.teardown(() => Promise.all(stores.map((store) => store.close())))
  const loops: ChildProcess[] = Array.from({ length: BUSY_LOOPS }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  )
  t.teardown(() => {
    for (const loop of loops) loop.kill('SIGKILL')
  })

  for (let round = 0; round < FAILOVERS; round++) {
    const kind = KINDS[round % KINDS.length] as (typeof KINDS)[number]
    await group.settled()
    for (const store of stores) await until(() => isDone(store.write(ref, write())), 'it serves')
    const master = await group.master()
    const [sentinel] = group.sentinels
    if (kind.includes('Sentinel')) sentinel?.freeze()
    const faultAt = performance.now()
    const watching = Promise.all(stores.map((store) => watch(store, faultAt)))
    if (kind === 'killed') await master.kill()
    else master.freeze()
    const [{ at }, seen] = await Promise.all([group.promoted(master), watching])
    for (const { refusedMs, backAt } of seen) {
      const after = Math.round(backAt - at)
      t.ok(after < BACK_MS, `the master is ${kind}: back ${after} ms after the promotion`)
      const most = (kind === 'killed' ? KILLED_MS : FROZEN_MS) * (BUSY_LOOPS > 0 ? 4 : 1)
      t.ok(refusedMs < most, `and it was refused after ${Math.round(refusedMs)} ms`)
    }
    sentinel?.thaw()
    if (kind === 'killed') await master.start()
    else master.thaw()
  }
})
