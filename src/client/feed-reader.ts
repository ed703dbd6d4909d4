/** One reader of a feed: what it has not taken yet waits here, and where that becomes too much a snapshot takes its place. */
import { isEcho, type SessionEvent } from './changes.ts'

type Values = Readonly<Record<string, unknown>>
type Event = SessionEvent<Values>
type Snapshot = Event & { readonly type: 'snapshot' }

const MOST_WAITING = 100

export type Reader = ReturnType<typeof createReader>

export const createReader = (exceptOrigin: string | undefined) => {
  let waiting: Event[] = []
  let begun = false
  let over: { readonly error?: unknown } | undefined
  let wake = (): void => {}

  return {
    /** Whether it was given a first snapshot. */
    hasBegun: (): boolean => begun,

    /** @param present what stands now, in place of all that waits */
    tell(event: Event, present: Omit<Snapshot, 'type'> | null): void {
      if (isEcho(event, exceptOrigin)) return
      begun ||= event.type === 'snapshot'
      // The snapshot that it begins with is still to come.
      if (!begun && event.type !== 'ended') return
      waiting.push(event)
      if (waiting.length > MOST_WAITING && present) {
        waiting = [{ type: 'snapshot', ...present }, ...('settings' in event ? [] : [event])]
      }
      wake()
    },

    /** Nothing comes any more: after what waits its iterator is done, or throws the error. */
    end(how: { readonly error?: unknown } = {}): void {
      over ??= how
      wake()
    },

    async *events(): AsyncGenerator<Event, void> {
      for (;;) {
        for (let event = waiting.shift(); event; event = waiting.shift()) {
          yield event
          if (event.type === 'ended') return
        }
        if (over && 'error' in over) throw over.error
        if (over) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
