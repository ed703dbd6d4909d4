/** One reader of a feed: what it has not taken yet waits here, and where that becomes too much a snapshot takes its place. */
import { isEcho, type SessionEvent } from './changes.ts'
import { createQueue } from './queue.ts'

type Values = Readonly<Record<string, unknown>>
type Event = SessionEvent<Values>
type Snapshot = Event & { readonly type: 'snapshot' }

const MOST_WAITING = 100

export type Reader = ReturnType<typeof createReader>

export const createReader = (exceptOrigin: string | undefined) => {
  const waiting = createQueue<Event>()
  let begun = false

  return {
    /** Whether it was given a first snapshot. */
    hasBegun: (): boolean => begun,

    /** @param present what stands now, in place of all that waits */
    tell(event: Event, present: Omit<Snapshot, 'type'> | null): void {
      if (isEcho(event, exceptOrigin)) return
      begun ||= event.type === 'snapshot'
      // The snapshot that it begins with is still to come.
      if (!begun && event.type !== 'ended') return
      if (waiting.length() < MOST_WAITING || !present) {
        waiting.push(event)
        return
      }
      waiting.clear()
      waiting.push({ type: 'snapshot', ...present })
      if (!('settings' in event)) waiting.push(event)
    },

    /** Nothing comes any more: after what waits its iterator is done, or throws the error. */
    end: waiting.end,

    async *events(): AsyncGenerator<Event, void> {
      for await (const event of waiting.all()) {
        yield event
        if (event.type === 'ended') return
      }
    },
  }
}
