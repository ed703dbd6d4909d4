/**
 * Reading a session, with or without use of it. A read is one command of the store. Only where the idle clock is due does a
 * touch follow, and what the touch finds is then the answer: nobody is shown a session that ended in between. While the store
 * is moved, nothing ends and no use is stored: then the read is the answer.
 */
import { touchIsDue } from '../../store/layout/clocks.ts'
import type { Gone, Live, Missing, Refused, SessionRef, Store, Touched } from '../../store/port.ts'
import { StoreMoving } from '../../store/port.ts'
import { mayUse } from '../credentials/access.ts'
import { type Caller, credentialOf, refOf } from '../credentials/caller.ts'
import { judged } from '../store-refusals.ts'

/** How often a read begins anew because the session ended and began again between looking and touching. */
const MAX_LIVES = 3

const touchUnlessMoving = (store: Pick<Store, 'touch'>, ref: SessionRef, caller: Caller): Promise<Touched | 'moving'> =>
  store.touch(ref, credentialOf(caller)).catch((error) => {
    if (error instanceof StoreMoving) return 'moving'
    throw error
  })

/** Answers what this caller finds under the id. `use` says whether the read counts as use of the session. */
export const createLook =
  (store: Pick<Store, 'now' | 'read' | 'touch'>) =>
  async (caller: Caller, id: string, use: boolean): Promise<Live | Gone | Missing | Refused> => {
    const ref = refOf(caller, id)
    for (let life = 1; ; life++) {
      const found = judged(await store.read(ref), caller)
      if (found.state !== 'live' || !use || !mayUse(caller)) return found
      if (!touchIsDue(found.record, store.now())) return found
      const touched = await touchUnlessMoving(store, ref, caller)
      if (touched === 'moving') return found
      if (touched.state !== 'live') return touched
      if (touched.record.life === found.record.life || life === MAX_LIVES) {
        const { lastSeenAt, expiresAt } = touched.record
        return { ...found, record: { ...found.record, lastSeenAt, expiresAt } }
      }
    }
  }

export type Look = ReturnType<typeof createLook>
