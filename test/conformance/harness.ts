/**
 * What an adapter's test hands to the suite, and what the suite hands on to each concern. This is all that a concern
 * knows of the adapter: two stores on the same data, which may be one and the same.
 */
import type { Test } from 'tap'
import type { Store } from '../../src/store/port.ts'
import type { Timeline } from './timeline.ts'

export type Harness = {
  /** Opens the store on the same data; may be called several times: each result is one replica where many may be. */
  open(): Promise<Store>
  /** Lets the store's time pass. For an embedded store it moves its clock; for a real Redis it truly waits. */
  elapse(ms: number): Promise<void>
  /** How many replicas may be open at once (1 for LMDB). */
  replicas: number
  /** Whether a notice of a change holds no texts, since they are encrypted on the way. */
  hidesTexts?: boolean
}

/** `other` is a second replica of `store`, or `store` itself where only one may be open. */
export type Stores = { readonly store: Store; readonly other: Store; readonly hidesTexts?: boolean }

export type Concern = (t: Test, stores: Stores) => Promise<void>

/** Tests in which time passes, by name. They all run at once, on one timeline. */
export type TimedConcern = Readonly<Record<string, (t: Test, stores: Stores, time: Timeline) => Promise<void>>>

/** Opens the stores, hands them to `use`, and closes them whatever comes of it. */
export const withStores = async (harness: Harness, use: (stores: Stores) => Promise<void>): Promise<void> => {
  const store = await harness.open()
  const other = harness.replicas > 1 ? await harness.open() : store
  try {
    await use({ store, other, hidesTexts: harness.hidesTexts ?? false })
  } finally {
    await Promise.all([store.close(), other.close()])
  }
}
