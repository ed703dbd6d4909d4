/** Looks, again and again, for sessions whose time is over. Any replica may do it, none must. */
import type { Store } from '../store/port.ts'
import { type Repeating, startRepeating } from './periodically.ts'

export type Sweeper = Pick<Repeating, 'stop'>

export const startSweeper = (
  store: Store,
  options: { intervalMs: number; onError: (error: unknown) => void },
): Sweeper => startRepeating(() => store.sweep(), { ...options, later: true })
