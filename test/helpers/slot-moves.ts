/** Moves slots of a Cluster from one master to another while clients use them, as `redis-cli --cluster reshard` does. */
import type { RedisServer } from './redis-server.ts'
import { until } from './until.ts'

export type Slots = readonly [from: number, to: number]

/** A slot that is on its way from one master to another. Both know; its keys are at one or at the other. */
export type SlotMove = {
  /** Moves so many of its keys that are still at the old master, or all. Answers how many it has moved. */
  keys(most?: number): Promise<number>
  /** Moves the keys that are left, and gives the slot to the new master. */
  finish(): Promise<void>
}

type Movers = {
  readonly staff: { readonly username?: string; readonly password?: string }
  idOf(server: RedisServer): string
  masters(): Promise<readonly RedisServer[]>
}

/** MIGRATE holds both servers up for as long as it takes. */
const KEYS_AT_ONCE = 10
const SLOTS_AT_ONCE = 32
const MIGRATE_MS = 1000

export const beginMove = async (
  { staff, idOf, masters }: Movers,
  slot: number,
  from: RedisServer,
  to: RedisServer,
): Promise<SlotMove> => {
  const begins = async (): Promise<boolean> => {
    try {
      await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', idOf(from))
      return true
    } catch (error) {
      // It has had the slot a moment ago, and has not heard yet that it was given away.
      if (/already the owner/.test((error as Error).message)) return false
      throw error
    }
  }
  await until(begins, `the node on port ${to.port} knows that it has not slot ${slot}`)
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', idOf(to))
  const { username, password } = staff
  const as = username === undefined || password === undefined ? [] : ['AUTH2', username, password]

  const keys = async (most = Number.POSITIVE_INFINITY): Promise<number> => {
    for (let moved = 0; ; ) {
      const lot = Math.min(KEYS_AT_ONCE, most - moved)
      const some = lot > 0 ? ((await from.callBuffer('CLUSTER', 'GETKEYSINSLOT', slot, lot)) as Buffer[]) : []
      if (some.length === 0) return moved
      await from.call('MIGRATE', '127.0.0.1', to.port, '', 0, MIGRATE_MS, ...as, 'KEYS', ...some)
      moved += some.length
    }
  }

  return {
    keys,
    async finish() {
      await keys()
      // The new master first, then the old one: so nobody is ever sent to a node that sends him back.
      await to.call('CLUSTER', 'SETSLOT', slot, 'NODE', idOf(to))
      await from.call('CLUSTER', 'SETSLOT', slot, 'NODE', idOf(to))
      for (const master of await masters()) await master.call('CLUSTER', 'SETSLOT', slot, 'NODE', idOf(to))
    },
  }
}

export const moveSlots = async (
  movers: Movers,
  slots: number | Slots,
  from: RedisServer,
  to: RedisServer,
): Promise<void> => {
  const [first, last] = typeof slots === 'number' ? [slots, slots] : slots
  let next = first
  const work = async (): Promise<void> => {
    for (let slot = next++; slot <= last; slot = next++) await (await beginMove(movers, slot, from, to)).finish()
  }
  await Promise.all(Array.from({ length: SLOTS_AT_ONCE }, work))
}
