/**
 * Secrets that sign what callers hold, shared by the replicas through the store and rotated by themselves: the keys of
 * session tokens and the secrets of cookies. An item is shared an hour before it signs, so that whoever verifies has it by
 * then; it signs for its time; it is kept until the last that it signed has ended. What is retired by hand is gone at
 * once, on every replica within seconds.
 *
 * In the store each item stands under its number in the row, put there only if the number is free: replicas that start
 * together, or rotate together, agree on whose it is by reading back. A replica signs only with what it has read. A
 * retired item leaves a mark in its place, so that a replica which still knows it does not put it back, as it does with
 * one that a fail-over has lost.
 */
import { randomBytes } from 'node:crypto'
import type { Store } from '../../store/port.ts'
import { StoreUnavailable } from '../../store/port.ts'

const SHARED_BEFORE_MS = 3_600_000

/** What signs at once is dated back, for replicas whose estimate of the store's time is behind: they take it, too. */
const DATED_BACK_MS = 60_000

/** Whoever sends what nobody has signed makes a replica ask the store no more often than this. */
const ASK_AGAIN_MS = 1000

/** An item as the store has it. `signsFrom` is in ms of the store's time. */
export type Stored<Key> = { readonly kid: string; readonly signsFrom: number; readonly key: Key }

type Place<Key> = Stored<Key> | { readonly retired: string }

export type RingItem = { readonly kid: string; readonly signsFrom: number }

export type RingKind<Key, Item extends RingItem> = {
  /** Where in the store the items are. */
  readonly collection: string
  /** Makes what is stored of a new item; it has to be JSON. */
  readonly make: () => Promise<Key>
  readonly load: (stored: Stored<Key>) => Promise<Item>
  readonly signsForMs: number
  /** How long an item is kept after its successor took over. */
  readonly keptForMs: number
}

export type KeyRing<Item extends RingItem> = {
  /** Whether the items are configured: then none is made, rotated or retired here. */
  readonly isFixed: boolean
  /** The item to sign with now; asks the store if there is none yet. Throws StoreUnavailable. */
  current(): Promise<Item>
  /** The item of this name, or undefined. Asks the store anew, at most every second, for one it does not know. */
  find(kid: string): Promise<Item | undefined>
  /** All there are, newest first: the first may not sign yet. */
  known(): readonly Item[]
  /** Asks the store anew, at most every second. Throws StoreUnavailable. */
  askAgain(): Promise<void>
  /** Reads what the other replicas did, and makes the next item if it is time. */
  refresh(): Promise<void>
  /** Calls back whenever the set of items is another one. */
  onChange(listener: () => void): void
  /** Removes an item at once: what it signed is void. Answers whether there was such an item. */
  retire(kid: string): Promise<boolean>
}

/** Items that are configured: the first signs, all verify. */
export const fixedKeyRing = <Item extends RingItem>(items: readonly Item[]): KeyRing<Item> => ({
  isFixed: true,
  current: async () => items[0] as Item,
  find: async (kid) => items.find((item) => item.kid === kid),
  known: () => items,
  askAgain: async () => {},
  refresh: async () => {},
  onChange: () => {},
  retire: async () => false,
})

const kidIn = (text: string): string | undefined => (JSON.parse(text) as { kid?: string }).kid

/** Items that are kept in the store. Call `refresh` before the first use and then every few seconds. */
export const createKeyRing = <Key, Item extends RingItem>(
  store: Store,
  { collection, make, load, signsForMs, keptForMs }: RingKind<Key, Item>,
): KeyRing<Item> => {
  const listeners = new Set<() => void>()
  let known = new Map<string, Item>()
  /** What the store's places hold, as texts: an item is loaded once. */
  let places: ReadonlyMap<string, string> = new Map()
  /** Items that this replica has signed with, which it will not see lost. */
  const used = new Map<string, string>()
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  /** Readings by number: one that is overtaken by a later one is dropped. */
  let begun = 0
  let adopted = 0

  const read = async (): Promise<void> => {
    begun += 1
    const reading = begun
    const found = await store.secrets(collection)
    const next = new Map<string, Item>()
    const retired: string[] = []
    for (const text of found.values()) {
      const place = JSON.parse(text) as Place<Key>
      if ('retired' in place) retired.push(place.retired)
      else next.set(place.kid, known.get(place.kid) ?? (await load(place)))
    }
    if (reading < adopted) return
    adopted = reading
    for (const kid of retired) {
      used.delete(kid)
      next.delete(kid)
    }
    const isSame = next.size === known.size && [...next.keys()].every((kid) => known.has(kid))
    known = next
    places = found
    if (!isSame) for (const listener of listeners) listener()
  }

  const inOrder = (): Item[] => [...known.values()].sort((a, b) => b.signsFrom - a.signsFrom)

  const signing = (): Item | undefined => {
    const now = store.now()
    return inOrder().find(({ signsFrom }) => signsFrom <= now)
  }

  const firstFree = (): string => String(Math.max(0, ...[...places.keys()].map(Number)) + 1)

  /** Puts an item where there is room for it. Another replica may have been first: then its item is the one. */
  const put = async (stored: Stored<Key>): Promise<void> => {
    await store.addSecret(collection, firstFree(), JSON.stringify(stored))
    await read()
  }

  /** Names are typed at terminals: none begins with a hyphen. */
  const add = async (signsFrom: number): Promise<void> =>
    put({ kid: randomBytes(9).toString('hex'), signsFrom, key: await make() })

  const restoreLost = async (): Promise<void> => {
    for (const [kid, text] of used) if (!known.has(kid)) await put(JSON.parse(text) as Stored<Key>)
  }

  /** Removes items whose successor has signed for longer than anything lives that they signed. */
  const removeOver = async (now: number): Promise<void> => {
    const items = inOrder()
    for (const [i, { kid }] of items.entries()) {
      const successor = items[i - 1]
      if (!successor || now - successor.signsFrom < keptForMs) continue
      used.delete(kid)
      for (const [place, text] of places) if (kidIn(text) === kid) await store.removeSecret(collection, place)
    }
  }

  const rotate = async (now: number): Promise<void> => {
    const [newest] = inOrder()
    if (!newest) await add(now - DATED_BACK_MS)
    else if (newest.signsFrom + signsForMs - SHARED_BEFORE_MS <= now) await add(now + SHARED_BEFORE_MS)
  }

  const refresh = async (): Promise<void> => {
    await read()
    await restoreLost()
    const now = store.now()
    await rotate(now)
    if (!signing()) await add(now - DATED_BACK_MS)
    await removeOver(now)
  }

  /** A question that failed is asked again by the next caller: the store being away makes no credential a bad one. */
  const askAgain = async (): Promise<void> => {
    if (performance.now() - askedAt < ASK_AGAIN_MS) return
    asking ??= read()
      .then(() => {
        askedAt = performance.now()
      })
      .finally(() => {
        asking = undefined
      })
    await asking
  }

  return {
    isFixed: false,
    async current() {
      if (!signing()) await refresh()
      const item = signing()
      if (!item) throw new StoreUnavailable('There is nothing to sign with yet.')
      if (!used.has(item.kid)) {
        const text = [...places.values()].find((one) => kidIn(one) === item.kid)
        if (text !== undefined) used.set(item.kid, text)
      }
      return item
    },
    async find(kid) {
      if (!known.has(kid)) await askAgain()
      return known.get(kid)
    },
    known: inOrder,
    askAgain,
    refresh,
    onChange: (listener) => {
      listeners.add(listener)
    },
    async retire(kid) {
      await read()
      for (const [place, text] of places) {
        if (kidIn(text) !== kid) continue
        await store.replaceSecret(collection, place, JSON.stringify({ retired: kid } satisfies Place<Key>))
        used.delete(kid)
        await refresh()
        return true
      }
      return false
    },
  }
}
