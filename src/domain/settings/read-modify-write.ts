/**
 * Changes that depend on what is there: a merge into a nested value, a JSON Patch, an increment, a condition on one key.
 *
 * The new texts are computed here, from the present texts of the keys that the change looks at, and written by a script
 * that first compares those texts. Where they differ it has done nothing and answers the present ones, and the change is
 * computed again.
 *
 * Changes of one session stand in line in this process. The first supposes that each key is absent, and is told if not.
 * Once one has won, those behind it need not wait for answers: each computes from the texts that its predecessor has just
 * sent, and sends at once, for the store does in order what it is sent in order. So a hundred writers of one value need
 * about a hundred scripts and a few round trips. If somebody else wrote in between, those under way all differ; they stand
 * in line again, and the first of them finds out what is there.
 *
 * A refusal (a failed test, a path that leads nowhere, a condition) is never given on a supposition: a write that changes
 * nothing asks first what is there, in the order in which every write is judged.
 */
import { CoatcheckError } from '../../errors.ts'
import type { Expectation, Store, WriteOutcome, Written } from '../../store/port.ts'
import { StoreUnavailable } from '../../store/port.ts'
import { within } from '../../store/within.ts'
import { type Caller, refOf } from '../credentials/caller.ts'
import type { Limits } from '../policy.ts'
import { orThrow } from '../store-refusals.ts'
import { createLines } from './turns.ts'
import type { WriteBase } from './write-request.ts'

export type Lookup = (key: string) => string | undefined

export type Change = {
  readonly set?: ReadonlyMap<string, string> | undefined
  readonly remove?: readonly string[] | undefined
  /** A text to answer and to keep with the outcome. */
  readonly result?: string
}

type Texts = ReadonlyMap<string, string | undefined>

/** How long a change may take, waiting included. What is answered 503 was not sent after that. */
const DEADLINE_MS = 1900

type Compute = (lookup: Lookup) => Change

/** A change computed from texts, with what it expects of them and what it leaves of them. */
type Prepared = { readonly change: Change; readonly expect: Map<string, Expectation>; readonly left: Texts }

const prepare = (compute: Compute, texts: Texts): Prepared => {
  const looked = new Map<string, string | undefined>()
  const change = compute((key) => {
    looked.set(key, texts.get(key))
    return texts.get(key)
  })
  const expect = new Map<string, Expectation>()
  for (const [key, text] of looked) expect.set(key, text === undefined ? null : { text })
  const left = new Map([...texts, ...(change.set ?? [])])
  for (const key of change.remove ?? []) if (!change.set?.has(key)) left.set(key, undefined)
  return { change, expect, left }
}

export const createChanges = (store: Store) => {
  /** For each session with changes under way: the texts there are once all that was sent is done, if that is known. */
  const lines = createLines<Texts>()

  /**
   * Computes a change from the present texts and writes it, as often as it takes. Throws what `compute` throws, if it
   * throws it on what is really there; `StoreUnavailable` when it does not win within its deadline.
   */
  return async (caller: Caller, id: string, base: WriteBase, limits: Limits, compute: Compute): Promise<Written> => {
    const ref = refOf(caller, id)
    const end = performance.now() + DEADLINE_MS
    let lastTook = 0
    /** Whether there is time for one more try, if it takes about as long as the last. */
    const isTime = (): boolean => performance.now() + lastTook < end

    const send = async ({ change, expect }: Prepared): Promise<WriteOutcome> => {
      const began = performance.now()
      const outcome = await store.write(ref, {
        ...base,
        expect,
        set: change.set,
        remove: change.remove,
        result: change.result,
      })
      lastTook = performance.now() - began
      return outcome
    }

    /** Asks, without changing anything, whether the write may be done at all, and what is there. */
    const probe = async (): Promise<{ kept: Written } | { texts: Texts }> => {
      const asked = await store.write(ref, {
        ...base,
        create: 'never',
        writes: false,
        readBack: true,
      })
      if (asked.state === 'missing' && base.create !== 'never') return { texts: new Map() }
      const found = orThrow(asked, limits, caller)
      if (found.state === 'written' && found.repeated) return { kept: found }
      return { texts: found.state === 'written' ? (found.live?.settings ?? new Map()) : new Map() }
    }

    /** Tries until it has won, while everybody else in this process waits. */
    const win = async (supposed: Texts): Promise<{ written: Written; left?: Texts }> => {
      let texts = supposed
      let isCertain = false
      while (isTime()) {
        let prepared: Prepared
        try {
          prepared = prepare(compute, texts)
        } catch (error) {
          if (isCertain || !(error instanceof CoatcheckError)) throw error
          const found = await probe()
          if ('kept' in found) return { written: found.kept }
          texts = found.texts
          isCertain = true
          continue
        }
        const outcome = orThrow(await send(prepared), limits, caller)
        if (outcome.state === 'written') {
          return outcome.repeated ? { written: outcome } : { written: outcome, left: prepared.left }
        }
        texts = new Map([...texts, ...[...outcome.texts].map(([key, text]) => [key, text ?? undefined] as const)])
        isCertain = false
      }
      throw new StoreUnavailable('Too many writers change this value at once.')
    }

    /** The change from texts that are as good as there, or undefined if it has to find out more first. */
    const prepareOn = (texts: Texts): Prepared | undefined => {
      try {
        return prepare(compute, texts)
      } catch (error) {
        if (error instanceof CoatcheckError) return undefined
        throw error
      }
    }

    const done = lines.stand(`${ref.namespace}:${ref.id}`, async (line) => {
      while (isTime()) {
        await line.turn()
        if (!isTime()) break
        const prepared = line.known && prepareOn(line.known)
        if (!prepared) {
          const { written, left } = await win(line.known ?? new Map())
          line.pass(left)
          return written
        }
        // The next may compute from what this leaves as soon as this is on its way.
        const sent = send(prepared)
        line.pass(prepared.left)
        const outcome = await sent.catch((error) => {
          line.doubt()
          throw error
        })
        if (outcome.state !== 'written' || outcome.repeated) line.doubt()
        if (outcome.state !== 'mismatch') return orThrow(outcome, limits, caller) as Written
      }
      throw new StoreUnavailable('Too many writers change this value at once.')
    })
    return within(done, DEADLINE_MS)
  }
}

export type ApplyChange = ReturnType<typeof createChanges>
