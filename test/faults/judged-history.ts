/** Histories for the tests of the judge: all is well in them but for what is given. */
import type { Found, History, Loss, Operation, Run } from './history.ts'

export const FAULT_AT = 1000
export const HEALED_AT = 2000
const RECOVER_MS = 1000

const run: Run = {
  fault: 'none',
  calmFrom: 0,
  faultAt: FAULT_AT,
  healedAt: HEALED_AT,
  recoverMs: RECOVER_MS,
  deadlineMs: 2000,
  losses: [],
  downs: [],
  stops: [],
  mayBeFull: false,
  spared: null,
}

/** Losses of the second before the fault. */
const loss: Loss = { from: 0, to: FAULT_AT, settledAt: HEALED_AT }
export const lossy: Partial<Run> = { losses: [loss] }

type Given = Partial<Operation> & Pick<Operation, 'what'>

/** Calls one after the other, ten milliseconds apart, unless they say when they were. */
const operationsOf = (all: readonly Given[]): Operation[] =>
  all.map((one, at) => {
    const sentAt = one.sentAt ?? at * 10
    return {
      ...{ n: at + 1, replica: 0, session: 's', key: '', value: null, once: null },
      ...{ endedAt: sentAt + 5, stalledMs: 0, status: 200, code: '', outcome: 'done' as const, expects: [] },
      ...{ etag: null, settings: null, seen: null },
      ...one,
      sentAt,
    }
  })

export const AWAY = { status: 503, code: 'store_unavailable', outcome: 'unknown' } as const

export const found = (session: string, settings: Record<string, unknown> | null, more: Partial<Found> = {}): Found[] =>
  [0, 1].map((replica) => ({
    ...{ replica, session, settings, etag: settings ? `9-${session}` : null, status: settings ? 200 : 410 },
    ...more,
  }))

export type Made = Partial<Omit<History, 'operations' | 'run'>> & { operations?: readonly Given[]; run?: Partial<Run> }

/** Acknowledged work of every kind on sessions of its own, so that only what is given besides can be wrong. */
const WORK: readonly Given[] = [
  { what: 'create', session: 'w', value: 'v' },
  { what: 'count', session: 'w', key: 'count' },
  { what: 'countOnce', session: 'w', key: 'once', once: 'w' },
  { what: 'append', session: 'w', key: 'list', value: 'w' },
  { what: 'put', session: 'w', key: 'own', value: 1 },
  { what: 'put', session: 'w', key: 't', value: 'secret' },
  { what: 'take', session: 'w', key: 't', seen: 'secret' },
  { what: 'mint', session: 'w', key: 'w' },
  { what: 'useToken', session: 'w', key: 'w' },
  { what: 'revoke', session: 'w' },
  { what: 'read', session: 'w' },
  { what: 'create', session: 'x', value: 'v' },
  { what: 'rotate', session: 'x', seen: 'y', value: 'v', once: 'x' },
  { what: 'end', session: 'y' },
]
export const WELL_AT = HEALED_AT + RECOVER_MS + 100
const AFTER: readonly Given[] = [0, 1].map((replica) => ({ what: 'read', session: 'w', replica, sentAt: WELL_AT }))

export const historyOf = ({ operations = [], run: more = {}, found: final = [], ...rest }: Made): History => ({
  run: { ...run, ...more },
  operations: operationsOf([...WORK.map((one, at) => ({ ...one, sentAt: at - 100 })), ...operations, ...AFTER]),
  readings: [],
  held: [],
  tokens: [],
  samples: [],
  faults: [],
  ...rest,
  found: [
    ...found('w', { v: 'v', count: 1, once: 1, list: ['w'], own: 1 }),
    ...found('x', null),
    ...found('y', null),
    ...final,
  ],
})

export const s = (settings: Record<string, unknown>) => found('s', settings)
export const one = (what: Operation['what'], more: Partial<Operation> = {}): Given => ({ what, ...more })
