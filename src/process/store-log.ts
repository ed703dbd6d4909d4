/** What the log says of the store: one line for each change of its state, with the cause in the store's own word. */
import type { Health } from '../store/port.ts'

type Log = Readonly<Record<'info' | 'warn' | 'error', (facts: object | string, text?: string) => void>>

export const createStoreLog = (log: Log) => {
  /** The causes that were told of each server that is away. */
  const away = new Map<string, Set<string>>()
  const known = new Set<string>()
  let warned = new Set<string>()

  return {
    /** A server serves, or does not and why. A cause that was told of the same outage is not told again. */
    state(server: string, cause: string | undefined): void {
      const told = away.get(server)
      if (cause === undefined) {
        if (told === undefined && known.has(server)) return
        away.delete(server)
        known.add(server)
        log.info({ server }, 'the store is there')
        return
      }
      if (told?.has(cause)) return
      away.set(server, (told ?? new Set()).add(cause))
      log.error({ server, cause }, 'the store is away; calls that need it are answered 503 until it is back')
    },

    /** Told at intervals how the store is. */
    health({ warnings }: Pick<Health, 'warnings'>): void {
      for (const warning of warnings) if (!warned.has(warning)) log.warn(warning)
      for (const warning of warned) if (!warnings.includes(warning)) log.info({ warning }, 'this is over')
      warned = new Set(warnings)
    },
  }
}
