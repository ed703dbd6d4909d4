/** Faults of the service itself: one of its two replicas. */
import type { Replica } from '../helpers/replica.ts'
import type { Scenario, Scene } from './scene.ts'

const drawn = ({ bench, draw }: Scene): [number, Replica] => {
  const at = draw.below(bench.replicas.length)
  return [at, bench.replicas[at] as Replica]
}

const ALL = ['redis', 'sentinel', 'cluster'] as const

export const SERVICE_FAULTS: readonly Scenario[] = [
  {
    name: 'a replica of the service stands still',
    on: ALL,
    lastsMs: 1500,
    async harm(scene) {
      const [at, replica] = drawn(scene)
      const goesOn = scene.stopped(at)
      replica.freeze()
      return async () => {
        replica.thaw()
        goesOn()
        return undefined
      }
    },
  },
  {
    name: 'a replica of the service is killed, and started again',
    on: ALL,
    lastsMs: 300,
    async harm(scene) {
      const [at, replica] = drawn(scene)
      const isBack = scene.down(at)
      await replica.kill()
      return async () => {
        await replica.start()
        isBack()
        return undefined
      }
    },
  },
  {
    name: 'a replica of the service is ended, and started again',
    on: ALL,
    quickOn: ['redis'],
    lastsMs: 0,
    async harm(scene) {
      const [at, replica] = drawn(scene)
      const isBack = scene.down(at)
      const code = await replica.end()
      if (code !== 0) throw new Error(`It ended with ${code}.`)
      return async () => {
        await replica.start()
        isBack()
        return undefined
      }
    },
  },
]
