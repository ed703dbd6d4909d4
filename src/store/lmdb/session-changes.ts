/** The changes of sessions, as jobs of a batch: each reads, decides and puts, and no other job runs in between. */
import { draw as drawBytes } from '../draw.ts'
import { idBytes, partitionOf } from '../layout/partition.ts'
import type {
  Credential,
  End,
  Ended,
  Notice,
  Revoked,
  SessionRef,
  Store,
  Touched,
  Write,
  WriteOutcome,
} from '../port.ts'
import { StoreFull } from '../port.ts'
import type { Change } from './batches.ts'
import { sessionKey } from './codec.ts'
import { type HandoffTable, handoffKey } from './handoff-table.ts'
import type { Draw, Present } from './judge.ts'
import { outcomeKey } from './kept-outcome.ts'
import { type Decided, decideEnd, decideRevoke, decideTouch } from './lives.ts'
import type { OutcomeTable } from './outcome-table.ts'
import { decideRotate } from './rotate.ts'
import type { SessionTable } from './session-table.ts'
import type { Space } from './space.ts'
import { decideWrite } from './write.ts'

const draw: Draw = (bytes) => drawBytes(bytes).toString('base64url')

type Parts = {
  /** Runs a job in the next batch; rejects when its commit fails. */
  readonly change: <T>(decide: (now: number) => Change<T>) => Promise<T>
  readonly sessions: SessionTable
  readonly outcomes: OutcomeTable
  readonly handoffs: HandoffTable
  readonly space: Space
}

export const createSessionChanges = ({ change, sessions, outcomes, handoffs, space }: Parts) => {
  /** The end by a clock of the session that is about to be replaced; none if it has not ended so. */
  const expiry = (ref: SessionRef, key: Buffer, present: Present, now: number): Notice[] => {
    const reason = present.state === 'missing' ? sessions.expired(key, now) : null
    return reason === null ? [] : [{ kind: 'ended', ref, reason }]
  }

  const changeSession = <Outcome>(
    ref: SessionRef,
    decide: (present: Present, now: number) => Decided<Outcome>,
  ): Promise<Outcome> => {
    const key = sessionKey(ref)
    return change((now) => {
      const present = sessions.read(key, now)
      const { outcome, next, tells } = decide(present, now)
      if (next === null) return { answer: outcome }
      const told: Notice[] = [...expiry(ref, key, present, now), ...(tells ? [{ ref, ...tells }] : [])]
      return { answer: outcome, put: sessions.replacement(key, next), told }
    })
  }

  const write = async (ref: SessionRef, asked: Write): Promise<WriteOutcome> => {
    const write = outcomes.asKept(asked)
    const key = sessionKey(ref)
    const repeat = write.repeat && outcomeKey(ref, write.repeat.key)
    const isLow = mayGrow(write) && (await space.isLowFor(bytesOf(write)))
    return change((now) => {
      const kept = repeat ? outcomes.read(repeat, now) : null
      const present = sessions.read(key, now)
      const { outcome, next, keep, grows, changed } = decideWrite(ref.id, present, write, kept, now, draw)
      if (isLow && grows) throw new StoreFull()
      const putSession = next && sessions.replacement(key, next)
      const putOutcome = repeat && keep && outcomes.replacement(repeat, keep, now)
      return {
        answer: outcome,
        told: [
          ...(next ? expiry(ref, key, present, now) : []),
          ...(changed ? [{ kind: 'changed', ref, at: now, ...changed } as const] : []),
        ],
        put: () => {
          putSession?.()
          putOutcome?.()
        },
      }
    })
  }

  const rotate: Store['rotate'] = async (ref, asked) => {
    const rotation = outcomes.asKept(asked)
    const key = sessionKey(ref)
    const target = rotation.newId === null ? null : sessionKey({ ...ref, id: rotation.newId })
    const partition = partitionOf(idBytes(ref.id))
    const code = rotation.handoff === undefined ? null : handoffKey({ ...ref, partition, hash: rotation.handoff })
    const repeat = rotation.repeat && outcomeKey(ref, rotation.repeat.key)
    const isLow = await space.isLowFor(0)
    return change((now) => {
      const state = {
        id: ref.id,
        present: sessions.read(key, now),
        target: target && sessions.read(target, now),
        hasHandoff: code !== null && handoffs.read(code, now) !== null,
        kept: repeat ? outcomes.read(repeat, now) : null,
      }
      const { outcome, old, moved, keep, spends, tells } = decideRotate(state, rotation, now, draw)
      if (isLow && old !== null) throw new StoreFull()
      const puts = [
        old && sessions.replacement(key, old),
        target && moved && sessions.replacement(target, moved, key),
        repeat && keep && outcomes.replacement(repeat, keep, now),
      ]
      const movedTo = { ...ref, id: rotation.newId ?? ref.id }
      return {
        answer: outcome,
        told: [
          ...(old ? expiry(ref, key, state.present, now) : []),
          ...(old && target && state.target ? expiry(movedTo, target, state.target, now) : []),
          ...(tells.ended ? [{ kind: 'ended', ref, reason: 'rotated' } as const] : []),
          ...(tells.changed ? [{ kind: 'changed', ref: movedTo, at: now, ...tells.changed } as const] : []),
        ],
        put: () => {
          for (const put of puts) put?.()
          if (code && spends) handoffs.remove(code)
        },
      }
    })
  }

  return {
    write,
    rotate,
    touch: (ref: SessionRef, credential: Credential): Promise<Touched> =>
      changeSession(ref, (present, now) => decideTouch(present, credential, now)),
    end: (ref: SessionRef, end: End): Promise<Ended> =>
      changeSession(ref, (present, now) => decideEnd(present, end, now)),
    revoke: (ref: SessionRef): Promise<Revoked> => changeSession(ref, (present) => decideRevoke(present, draw)),
  }
}

/** Whether a write may need room. Otherwise the disk is not asked. */
const mayGrow = (write: Write): boolean => write.create !== 'never' || (write.set?.size ?? 0) > 0

/** About how many bytes a write adds. */
const bytesOf = ({ set }: Write): number => {
  let bytes = 0
  for (const [key, text] of set ?? []) bytes += key.length + text.length
  return bytes
}
