/** Everything of our own that is counted: the families, and what counts in them. */
import type { Observe, StreamOf } from '../../observe.ts'
import type { OnLives } from '../../store/port.ts'
import { createCounter, createGauge, createHistogram, createNumber, type Durations, type Family } from './families.ts'
import type { Outcome } from './timed-store.ts'

const CALL_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const STORE_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2]
const TOLD_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15]

/** Callers make up others. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** What was found out of the store at the latest look. */
export type StoreState = { readonly isUp: boolean; readonly away: number; readonly warnings: number }

/** What is asked for when somebody reads the metrics; undefined is not known now. */
export type Asked = { sessions?: number | undefined; freeBytes?: number | undefined }

export const createCounting = (facts: { readonly version: string; readonly store: string }) => {
  const calls = createHistogram(
    {
      name: 'http_request_duration_seconds',
      help: 'Calls by the time until their answer was sent; of a stream of events, until it began.',
      labels: {
        method: 'the method, or `other`',
        route: 'the path as it is described, or `unknown`',
        status: 'the status',
      },
    },
    CALL_BOUNDS,
  )
  const store = createHistogram(
    {
      name: 'coatcheck_store_duration_seconds',
      help: 'Calls to the store by the time that they took.',
      labels: { operation: 'the operation of the port', outcome: '`done`, `unavailable`, `full` or `failed`' },
    },
    STORE_BOUNDS,
  )
  const told = createHistogram(
    {
      name: 'coatcheck_change_delay_seconds',
      help: 'Changes told to readers, by the time since they were done. By the clocks of store and service, to some ms.',
      labels: {},
    },
    TOLD_BOUNDS,
  )
  const problems = createCounter({
    name: 'coatcheck_problems_total',
    help: 'Calls answered with a problem.',
    labels: { code: 'a code of [errors.md](errors.md)' },
  })
  const failures = createCounter({
    name: 'coatcheck_authentication_failures_total',
    help: 'Calls without a good credential.',
    labels: {
      credential: '`none`, `api-key`, `token`, `cookie` or `other`',
      reason: '`missing`, `wrong`, `expired`, `revoked`, `over`, `several` or `limited`',
    },
  })
  const minted = createCounter({
    name: 'coatcheck_credentials_minted_total',
    help: 'Session tokens and cookies that were made.',
    labels: { kind: '`token` or `cookie`' },
  })
  const begun = createCounter({
    name: 'coatcheck_sessions_created_total',
    help: 'Lives of sessions that this replica has begun. A rotation ends one and begins one.',
    labels: {},
  })
  const ended = createCounter({
    name: 'coatcheck_sessions_ended_total',
    help: 'Lives of sessions that this replica has ended, or found ended by a clock.',
    labels: { reason: '`deleted`, `rotated`, `revoked`, `idle` or `lifetime`' },
  })
  const events = createCounter({
    name: 'coatcheck_events_sent_total',
    help: 'Events sent to readers.',
    labels: { event: 'the event; `moved` is a change of which the reader is shown nothing' },
  })
  const cutOff = createCounter({
    name: 'coatcheck_readers_cut_off_total',
    help: 'Readers of events that were cut off, since they took nothing for half a minute.',
    labels: {},
  })
  for (const one of [begun, cutOff]) one.add(0)
  for (const reason of ['deleted', 'rotated', 'revoked', 'idle', 'lifetime']) ended.add(0, reason)
  for (const kind of ['token', 'cookie']) minted.add(0, kind)

  const open = { session: 0, namespace: 0 }
  const nodes = new Map<string, boolean>()
  const asked: Asked = {}
  let state: StoreState | undefined
  let sweptAt: number | undefined

  const families: readonly Family[] = [
    calls.family,
    store.family,
    problems.family,
    failures.family,
    minted.family,
    createNumber(
      {
        name: 'coatcheck_sessions_live',
        help: 'Sessions in the store, of all replicas. One that a clock has ended counts until it is swept.',
      },
      () => asked.sessions,
    ),
    begun.family,
    ended.family,
    createGauge(
      {
        name: 'coatcheck_streams_open',
        help: 'Streams of events that are open on this replica.',
        labels: { of: '`session` or `namespace`' },
      },
      () => Object.entries(open).map(([of, count]) => [[of], count]),
    ),
    events.family,
    told.family,
    cutOff.family,
    createNumber(
      { name: 'coatcheck_store_up', help: 'Whether any part of the store serves: 1 or 0. Looked at every 10 s.' },
      () => state && Number(state.isUp),
    ),
    createNumber(
      { name: 'coatcheck_store_parts_away', help: 'Parts of the store that do not serve. Looked at every 10 s.' },
      () => state?.away,
    ),
    createNumber(
      { name: 'coatcheck_store_warnings', help: 'Faults in the setup of the store, as `/readyz` names them.' },
      () => state?.warnings,
    ),
    createGauge(
      {
        name: 'coatcheck_store_node_up',
        help: 'Whether a node of Redis, or a Sentinel, serves: 1, or 0 where calls are refused at once (its breaker is open).',
        labels: { node: 'its address' },
      },
      () => [...nodes].map(([node, isUp]) => [[node], Number(isUp)]),
    ),
    createNumber({ name: 'coatcheck_workers', help: 'Processes that serve the port of this replica.' }, () => 1),
    createNumber(
      {
        name: 'coatcheck_disk_free_bytes',
        help: 'Free bytes of the disk of the embedded store. Left out with Redis.',
      },
      () => asked.freeBytes,
    ),
    createNumber(
      {
        name: 'coatcheck_last_sweep_timestamp_seconds',
        help: 'When this replica last swept all that is over. Left out before the first sweep.',
      },
      () => sweptAt,
    ),
    createGauge(
      {
        name: 'coatcheck_build_info',
        help: 'Always 1: what runs here.',
        labels: {
          version: 'of the service',
          store: 'the kind of store, the first word of its URL',
          nodejs: 'the version of Node',
        },
      },
      () => [[[facts.version, facts.store, process.versions.node], 1]],
    ),
  ]

  /** Looked up by route first: a text of all three would have to be made and hashed for each call. */
  const byRoute = new Map<string, Map<string, Map<number, Durations>>>()
  const durationsOf = (method: string, route: string, status: number): Durations => {
    const byMethod = byRoute.get(route) ?? new Map<string, Map<number, Durations>>()
    byRoute.set(route, byMethod)
    const byStatus = byMethod.get(method) ?? new Map<number, Durations>()
    byMethod.set(method, byStatus)
    const made = calls.make(method, route, String(status))
    byStatus.set(status, made)
    return made
  }
  const changes = told.make()

  const observe: Observe = {
    answered(sent, route, status, ms) {
      const method = METHODS.has(sent) ? sent : 'other'
      const known = byRoute.get(route)?.get(method)?.get(status)
      const durations = known ?? durationsOf(method, route, status)
      durations.add(ms)
    },
    refused: (code) => problems.add(1, code),
    authenticationFailed: (sent, why) => failures.add(1, sent, why),
    minted: (what) => minted.add(1, what),
    streamOpened: (of: StreamOf) => void open[of]++,
    streamClosed: (of: StreamOf) => void open[of]--,
    readerCutOff: () => cutOff.add(1),
    eventSent: (event) => events.add(1, event),
    changeTold: (ms) => changes.add(Math.max(0, ms)),
  }
  const onLives: OnLives = (what, count) => (what === 'begun' ? begun.add(count) : ended.add(count, what))

  return {
    families,
    observe,
    onLives,
    /** What somebody who reads the metrics has asked for. */
    asked,
    storeDurations: (operation: string, outcome: Outcome): Durations => store.make(operation, outcome),
    nodeIs: (node: string, isUp: boolean): void => void nodes.set(node, isUp),
    nodeIsGone: (node: string): void => void nodes.delete(node),
    storeIs(now: StoreState): void {
      state = now
    },
    swept(): void {
      sweptAt = Date.now() / 1000
    },
  }
}

export type Counting = ReturnType<typeof createCounting>
