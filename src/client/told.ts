/**
 * What the holder of a shared stream passes on, and what a follower makes of it. Delivery is by state: a message says what the
 * settings were before it, and whoever held something else looks for itself. So no order of messages, and none that was lost,
 * leaves a follower behind.
 */
import type { ServerEvent } from './event-text.ts'
import type { SessionView } from './shapes.ts'

/** One event of the stream; `before` is the ETag of what the holder had before it. */
export type Told = { readonly before: string; readonly event: ServerEvent }

/** An ETag is `<revision>-<random>`, `0` before the first write. */
export const revisionIn = (etag: string): number => Number.parseInt(etag, 10)

/** An ETag of a credential that sees only some keys ends in a hash of its read rule; nobody's does before the first write. */
export const ruleIn = (etag: string): string => (etag === '0' ? etag : `~${etag.split('~')[1] ?? ''}`)

/**
 * What a follower that holds `etag` does: show the event, pass over what it knows already, or look for itself. Before the first
 * write nobody knows whether the holder may read the same keys.
 */
export const judge = (etag: string, { before, event: { name, id } }: Told): 'show' | 'pass' | 'look' => {
  if (name === 'ended' || name === 'expiring') return 'show'
  if (id === '' || id === etag) return 'pass'
  const newerBy = revisionIn(id) - revisionIn(etag)
  if (etag !== '0' && newerBy > 0 && (name === 'snapshot' || before === etag)) return 'show'
  // An older snapshot, or another state of the same revision, may come from a store that has lost what came after it.
  return newerBy >= 0 || name === 'snapshot' ? 'look' : 'pass'
}

export const snapshotOf = ({ settings, revision, etag }: SessionView): ServerEvent => ({
  name: 'snapshot',
  data: JSON.stringify({ settings, revision }),
  id: etag,
})
