/**
 * Changes that depend on what is there: a merge into a nested value, a JSON Patch, an increment, a condition on one key.
 *
 * The new texts are computed here, from the present texts of the keys that the change looks at, and written by a script
 * that first compares those texts. Where they differ it has done nothing and answers the present ones, and the change is
 * computed again. The first try costs no read: it supposes that each key still has the text which this process wrote last,
 * or is absent. Changes of one session wait for each other here, each beginning with the texts that its predecessor left;
 * so a hundred writers of one value need about a hundred scripts, not a hundred times a hundred.
 *
 * A refusal (a failed test, a path that leads nowhere, a condition) is never given on a supposition: a write that
 * changes nothing asks first what is there, in the order in which every write is judged.
 */
import { CoatcheckError } from '../errors.ts'
import type { Expectation, SessionRef, Store, Write, Written } from '../store/port.ts'
import { StoreUnavailable } from '../store/port.ts'
import { orThrow } from './outcome.ts'
import type { Limits } from './policy.ts'

export type Lookup = (key: string) => string | undefined

export type Change = {
  readonly set?: ReadonlyMap<string, string>
  readonly remove?: readonly string[]
  /** A text to answer and to keep with the outcome. */
  readonly result?: string
}

type Texts = ReadonlyMap<string, string | undefined>

/** How long a change may take, waiting included. What is answered 503 after it was never sent. */
const DEADLINE_MS = 1500

export type WriteBase = Omit<Write, 'set' | 'remove' | 'expect' | 'result' | 'limits'>

export const createChanges = (store: Store) => {
  /** For each session with changes under way: what the last of them leaves. */
  const tails = new Map<string, Promise<Texts>>()

  const attempt = async (
    ref: SessionRef,
    base: WriteBase,
    limits: Limits,
    compute: (lookup: Lookup) => Change,
    supposed: Texts,
    end: number,
  ): Promise<{ written: Written; left: Texts }> => {
    const storeLimits = { bytes: limits.settingsBytes, keys: limits.keys }
    let texts = new Map(supposed)
    let certain = false

    /** Asks, without changing anything, whether the write may be done at all, and what is there. */
    const probe = async (): Promise<Written | undefined> => {
      const { precondition, ...rest } = base
      const asked = await store.write(ref, {
        ...rest,
        ...(precondition === undefined ? {} : { precondition }),
        limits: storeLimits,
        create: 'never',
        writes: false,
        readBack: true,
      })
      if (asked.state === 'missing' && base.create !== 'never') {
        texts = new Map()
        return undefined
      }
      const found = orThrow(asked, limits)
      if (found.state === 'written' && found.repeated) return found
      texts = new Map(found.state === 'written' ? (found.live?.settings ?? []) : [])
      return undefined
    }

    while (performance.now() < end) {
      const looked = new Map<string, string | undefined>()
      let change: Change
      try {
        change = compute((key) => {
          looked.set(key, texts.get(key))
          return texts.get(key)
        })
      } catch (error) {
        if (certain || !(error instanceof CoatcheckError)) throw error
        const kept = await probe()
        if (kept) return { written: kept, left: new Map() }
        certain = true
        continue
      }
      const expect = new Map<string, Expectation>()
      for (const [key, text] of looked) expect.set(key, text === undefined ? null : { text })
      const outcome = orThrow(await store.write(ref, { ...base, ...change, expect, limits: storeLimits }), limits)
      if (outcome.state === 'written') {
        const left = new Map([...looked, ...(change.set ?? [])])
        for (const key of change.remove ?? []) left.set(key, undefined)
        return { written: outcome, left: outcome.repeated ? new Map() : left }
      }
      for (const [key, text] of outcome.texts) texts.set(key, text ?? undefined)
      certain = false
    }
    throw new StoreUnavailable('Too many writers change this value at once.')
  }

  /**
   * Computes a change from the present texts and writes it, as often as it takes. Throws what `compute` throws, if it
   * throws it on what is really there; `StoreUnavailable` when it does not win within its deadline.
   */
  return async (
    ref: SessionRef,
    base: WriteBase,
    limits: Limits,
    compute: (lookup: Lookup) => Change,
  ): Promise<Written> => {
    const name = `${ref.namespace}:${ref.id}`
    const end = performance.now() + DEADLINE_MS
    const before = tails.get(name) ?? Promise.resolve<Texts>(new Map())
    const done = before.then((supposed) => attempt(ref, base, limits, compute, supposed, end))
    const tail = done.then(
      ({ left }) => left,
      () => new Map<string, string | undefined>(),
    )
    tails.set(name, tail)
    try {
      return (await done).written
    } finally {
      if (tails.get(name) === tail) tails.delete(name)
    }
  }
}

export type ApplyChange = ReturnType<typeof createChanges>
