/**
 * A process of its own with a store open, for tests that kill it. Arguments: the folder, and how many sessions to write
 * to at once (0 to hold the store only), each write one higher than the one before. It tells what becomes of it, and
 * each write once it is answered, and lets go of the store when it is asked anything.
 */
import { randomUUID } from 'node:crypto'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import type { Store } from '../../../src/store/port.ts'

export type ChildMessage = { opened: true } | { refused: string } | { answered: { id: string; n: number } }

const tell = (message: ChildMessage): void => {
  process.send?.(message)
}

const count = async (store: Store, id: string): Promise<never> => {
  for (let n = 1; ; n++) {
    await store.write(
      { namespace: 'app', id },
      {
        credential: null,
        create: 'if-missing',
        clocks: { idleTimeoutSeconds: 3600, lifetimeSeconds: 3600 },
        set: new Map([['n', `${n}`]]),
        writes: true,
        limits: { bytes: 1000, keys: 10 },
        use: true,
      },
    )
    tell({ answered: { id, n } })
  }
}

// Nothing is left behind when the test is killed.
process.once('disconnect', () => process.exit())

const [path = '', writers = '0'] = process.argv.slice(2)
try {
  const store = await openLmdbStore({ path })
  tell({ opened: true })
  process.once('message', () => void store.close().then(() => process.disconnect()))
  for (let at = 0; at < Number(writers); at++) void count(store, randomUUID())
} catch (error) {
  tell({ refused: error instanceof Error ? error.message : String(error) })
  process.disconnect()
}
