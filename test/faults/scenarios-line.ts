/** Faults of the line between a replica of the service and its Redis. */
import { until } from '../helpers/until.ts'
import type { Fault } from './proxy.ts'
import type { Scenario, Scene } from './scene.ts'

const proxyOf = async ({ bench, load }: Scene) => bench.proxyOf(await bench.serverOf(load.shared[0] as string))

/** Sentinels stand on the far side of the line, too: of a master that is silent for long they promote another one. */
const mayFailOver = ({ kind }: Fault): boolean => kind === 'blackHole' || kind === 'refuse'

/** Everything on the line, for a while. */
const line = (
  name: string,
  fault: Fault,
  lastsMs: number,
  more: Partial<Scenario> & { readonly resets?: boolean } = {},
): Scenario => ({
  name,
  on: ['redis', 'sentinel', 'cluster'],
  isProxied: true,
  lastsMs,
  ...more,
  async harm(scene) {
    const { bench } = scene
    const proxy = await proxyOf(scene)
    if (bench.sentinels && mayFailOver(fault)) scene.split()
    await proxy.set(fault)
    if (more.resets) proxy.resetAll()
    return async () => {
      await proxy.set({ kind: 'pass' })
      await bench.settled()
      return undefined
    }
  },
})

/** Some commands, one after the other. */
/** So long the commands that are meant have to come by. */
const MEETS_MS = 5000

const commands = (name: string, kind: 'resetBeforeRequest' | 'resetBeforeAnswer' | 'resetInAnswer'): Scenario => ({
  name,
  on: ['redis', 'sentinel', 'cluster'],
  isProxied: true,
  lastsMs: 0,
  async harm(scene) {
    const proxy = await proxyOf(scene)
    proxy.next({ kind }, 6, /evalsha|HGETALL/i)
    const givenUpAt = performance.now() + MEETS_MS
    return async () => {
      // Beside another fault nobody may come by this line any more.
      await until(() => proxy.left() === 0 || performance.now() > givenUpAt, 'the commands that were meant were met')
      proxy.next({ kind: 'pass' }, 0)
      return undefined
    }
  },
})

export const LINE_FAULTS: readonly Scenario[] = [
  line('the line is slow', { kind: 'latency', ms: 60 }, 2000),
  line('the line has little room', { kind: 'trickle', bytesPerSecond: 2000 }, 2000),
  line('the line is a black hole', { kind: 'blackHole', swallows: 'both' }, 2500, { quickOn: ['redis'] }),
  line('the line swallows answers', { kind: 'blackHole', swallows: 'answers' }, 1500),
  line('new connections stay silent', { kind: 'blackHole', swallows: 'both', of: 'new' }, 2500, { resets: true }),
  line('new connections are refused', { kind: 'refuse' }, 1500, { resets: true }),
  commands('commands are cut off before they reach Redis', 'resetBeforeRequest'),
  { ...commands('commands are cut off before their answer', 'resetBeforeAnswer'), quickOn: ['redis'] },
  commands('commands are cut off in their answer', 'resetInAnswer'),
]
