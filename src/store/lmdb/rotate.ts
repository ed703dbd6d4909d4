/** Decides a rotation, as pure as `write.ts`. Its twin `redis/lua/rotate.lua` takes the same steps in the same order. */
import { deadline } from '../layout/clocks.ts'
import type { StoredRecord } from '../layout/record.ts'
import type { RotateOutcome, Rotation } from '../port.ts'
import type { StoredGone, StoredLive } from './codec.ts'
import { type Draw, GEN_BYTES, LIFE_BYTES, type Present, versionOf } from './judge.ts'
import { begin, type Changed, type Kept } from './write.ts'

export type RotationDecision = {
  readonly outcome: RotateOutcome
  /** What to store under the old id, and under the new one; null to change nothing there. */
  readonly old: StoredGone | StoredLive | null
  readonly moved: StoredLive | null
  readonly keep: Kept | null
  /** Whether the code is spent by this. */
  readonly spends: boolean
  /** Whether a tombstone was left under the old id, and what is now under the new one. */
  readonly tells: { readonly ended: boolean; readonly changed: Changed | null }
}

export type RotationState = {
  /** The old id. */
  readonly id: string
  readonly present: Present
  /** What is under the new id; null where the session stays. */
  readonly target: Present | null
  /** Whether the code is there. */
  readonly hasHandoff: boolean
  readonly kept: Kept | null
}

const nothing = (outcome: RotateOutcome): RotationDecision => ({
  outcome,
  old: null,
  moved: null,
  keep: null,
  spends: false,
  tells: { ended: false, changed: null },
})

const repeated = (kept: Kept, rotation: Rotation): RotateOutcome =>
  kept.fingerprint === rotation.repeat?.fingerprint
    ? { state: 'rotated', id: kept.id, result: kept.result, repeated: true, live: null, copies: null }
    : { state: 'reused' }

const refusal = ({ present, target, hasHandoff, kept }: RotationState, rotation: Rotation): RotateOutcome | null => {
  if (kept !== null) return repeated(kept, rotation)
  if (rotation.handoff !== undefined && !hasHandoff) return { state: 'spent' }
  if (present.state === 'gone') return present
  if (present.state === 'missing' && rotation.life !== null) return present
  if (present.state === 'live' && rotation.life !== null && present.record.life !== rotation.life) {
    return { state: 'refused', why: 'life' }
  }
  if (target !== null && target.state !== 'missing') {
    return { state: 'taken', by: target.state === 'gone' ? 'gone' : 'session' }
  }
  const subject = present.state === 'live' ? present.record.subject : null
  return rotation.boundTo !== undefined && rotation.boundTo !== subject ? { state: 'other' } : null
}

/** The record after the rotation. */
const advance = (record: StoredRecord, rotation: Rotation, now: number, draw: Draw): StoredRecord => {
  const { clocks, newIdle, newLifetime, newId, subject, keepsBoundAt } = rotation
  const idleTimeoutSeconds = newIdle ? clocks.idleTimeoutSeconds : record.idleTimeoutSeconds
  const endsAt = newLifetime ? now + clocks.lifetimeSeconds * 1000 : record.endsAt
  return {
    ...record,
    ...(newId === null ? {} : { life: draw(LIFE_BYTES), gen: draw(GEN_BYTES), createdAt: now }),
    lastSeenAt: now,
    idleTimeoutSeconds,
    idleUntilWritten: record.idleUntilWritten && !newIdle,
    lifetimeSeconds: newLifetime ? clocks.lifetimeSeconds : record.lifetimeSeconds,
    endsAt,
    expiresAt: deadline(now, idleTimeoutSeconds, endsAt),
    ...(subject === undefined ? {} : { subject, boundAt: keepsBoundAt ? now : null }),
  }
}

export const decideRotate = (state: RotationState, rotation: Rotation, now: number, draw: Draw): RotationDecision => {
  const refused = refusal(state, rotation)
  if (refused !== null) return nothing(refused)
  const { present, id } = state
  const before = present.state === 'live' ? present : null
  const { clocks, newId, tombstoneSeconds, repeat, result = null } = rotation
  const record = advance(before?.record ?? begin({ clocks, writes: false }, now, draw), rotation, now, draw)
  const live: StoredLive = { state: 'live', record, settings: before?.settings ?? new Map() }
  const tombstone: StoredGone = {
    state: 'gone',
    reason: 'rotated',
    endedAt: now,
    life: before?.record.life ?? null,
    lapsesAt: now + tombstoneSeconds * 1000,
  }
  const where = newId ?? id
  const version = versionOf(record)
  return {
    outcome: { state: 'rotated', id: where, result, repeated: false, live, copies: null },
    old: newId === null ? live : tombstone,
    moved: newId === null ? null : live,
    keep: repeat
      ? {
          id: where,
          version,
          changed: true,
          began: false,
          added: 0,
          taken: null,
          result,
          fingerprint: repeat.fingerprint,
        }
      : null,
    spends: rotation.handoff !== undefined,
    tells: {
      ended: newId !== null,
      changed:
        newId === null || version.revision === 0
          ? null
          : { before: versionOf(null), after: version, origin: null, set: new Map(), removed: [], isWhole: false },
    },
  }
}
