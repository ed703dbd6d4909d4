/**
 * The two ends of a copy from one store to another. Both adapters read and write the same items: what is packed in the forms of
 * `layout/` goes along as bytes and is not looked into, and what each adapter lays out in its own way (settings, indexes, lists)
 * stands beside it. Nothing here is for the service: it goes by the port.
 */
import type { Store } from './port.ts'

/** `until`: when it is over, in ms. */
type Lasting = { readonly namespace: string; readonly until: number }

export type Item =
  /** `record` and `tombstone` are packed as `layout/record.ts` says; `settings` are keys and texts in turn. */
  | (Lasting & {
      readonly kind: 'session'
      readonly id: Buffer
      readonly record: Buffer
      readonly settings: readonly Buffer[]
    })
  | (Lasting & { readonly kind: 'tombstone'; readonly id: Buffer; readonly tombstone: Buffer })
  /** `packed` as `layout/handoff.ts` says. */
  | (Lasting & {
      readonly kind: 'handoff'
      readonly partition: string
      readonly hash: Buffer
      readonly packed: Buffer
    })
  /** `packed`: the fingerprint, and the outcome as Redis keeps it (`redis/store.ts`). */
  | (Lasting & { readonly kind: 'outcome'; readonly partition: string; readonly key: Buffer; readonly packed: Buffer })
  /** An id in a subject's list, or among those that count for its limit. `until` is of the whole list, `entryUntil` of this entry. */
  | (Lasting & {
      readonly kind: 'listed' | 'admitted'
      readonly subject: string
      readonly id: Buffer
      readonly keepUntil: number
      readonly entryUntil: number
    })
  | { readonly kind: 'secret'; readonly collection: string; readonly place: string; readonly text: string }

export type Kind = Item['kind']

export type Transfer = {
  /** The same store by its port. It does not heed the mark. */
  readonly store: Store

  /** How far the clock of each of its servers is ahead of this machine's, in ms. */
  aheadMs(): Promise<readonly number[]>

  /**
   * A text that stays the same as long as the same servers hold the same parts. Rejects with `StoreUnavailable` if a part is
   * away, with an Error for the operator if parts are on the move.
   */
  servers(): Promise<string>

  /** Whether nothing is stored but the mark. */
  isEmpty(): Promise<boolean>

  /** Removes everything but the mark. */
  clear(): Promise<void>

  /**
   * Everything that is stored and not over, but the mark, in lots of a bounded size. What is there from beginning to end comes at
   * least once.
   */
  items(): AsyncIterable<readonly Item[]>

  /** Stores items as they are. The same may be there already; nothing else may. */
  put(items: readonly Item[]): Promise<void>

  close(): Promise<void>
}
