/**
 * Callers that work side by side until they are told to stop, as apps would: those who may repeat do so until they are
 * answered, on any replica; the others take 503 for what it is.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../helpers/until.ts'
import type { Draw } from './draw.ts'
import type { Operation } from './history.ts'
import type { Recorder, Send, Sent } from './recorder.ts'

export type Load = {
  /** The sessions that all share. */
  readonly shared: readonly string[]
  /** All that there ever were. */
  sessions(): string[]
  /** Tokens by name. */
  readonly tokens: ReadonlyMap<string, string>
  /** Waits until so many more calls were acknowledged. */
  done(more: number): Promise<void>
  /** Lets what was begun come to its end. */
  stop(): Promise<void>
}

export type LoadOptions = {
  readonly recorder: Recorder
  readonly replicas: number
  readonly draw: Draw
  /** Told of each session as soon as it may be there. */
  readonly onSession?: (id: string) => void
}

const SHARED = 6
/** Between two calls of a caller: the machine has other work. */
const PAUSE_MS = 40
const AWAY_MS = 50
/** How long a caller goes on to repeat after it was told to stop. */
const PATIENCE_MS = 15_000

const JSON_PATCH = 'application/json-patch+json'
const GRANT = { scope: 'read', keys: { read: ['*'] } }

const pathOf = (session: string, rest = ''): string => `/v1/sessions/${session}${rest}`

export const startLoad = async ({ recorder, replicas, draw, onSession = () => {} }: LoadOptions): Promise<Load> => {
  const { operations, send } = recorder
  const known = new Set<string>()
  const tokens = new Map<string, string>()
  let names = 0
  let stoppedAt = Number.POSITIVE_INFINITY
  const isStopped = (): boolean => stoppedAt < Number.POSITIVE_INFINITY

  const rest = ({ outcome, status }: Operation): Promise<void> =>
    delay(outcome === 'unknown' || status >= 500 ? AWAY_MS : PAUSE_MS)

  const unique = (what: string): string => `${what}-${++names}`

  const meet = (session: string): void => {
    known.add(session)
    onSession(session)
  }

  /** Sends once, to any replica. */
  const once = async (one: Omit<Send, 'replica'>): Promise<Sent> => {
    const sent = await send({ ...one, replica: draw.below(replicas) })
    await rest(sent.operation)
    return sent
  }

  /** Sends until there is an answer, to one replica after the other. */
  const untilAnswered = async (one: Omit<Send, 'replica'>): Promise<Sent> => {
    for (let replica = draw.below(replicas); ; replica = (replica + 1) % replicas) {
      const sent = await send({ ...one, replica })
      await rest(sent.operation)
      const { outcome, code } = sent.operation
      if (outcome !== 'unknown' && code !== 'overloaded') return sent
      if (performance.now() > stoppedAt + PATIENCE_MS) return sent
    }
  }

  const create = async (
    session: string,
    settings: Readonly<Record<string, unknown>> & { v: string },
  ): Promise<Sent> => {
    meet(session)
    const request = ['POST', '/v1/sessions', { body: { id: session, settings } }] as const
    // The id is ours alone: where it is taken, it was an earlier attempt.
    return untilAnswered({ what: 'create', session, value: settings.v, request, accepts: [409] })
  }

  const put = (session: string, key: string, value: string | number) => {
    const request = ['PATCH', pathOf(session, '/settings'), { body: { [key]: value } }] as const
    return { what: 'put' as const, session, key, value, request }
  }

  const shared = Array.from({ length: SHARED }, () => randomUUID())
  await Promise.all(shared.map((session) => create(session, { v: unique('v'), list: [] })))
  const any = (): string => draw.of(shared)

  const count = async (): Promise<void> => {
    const session = any()
    await once({
      what: 'count',
      session,
      key: 'count',
      request: ['POST', pathOf(session, '/settings/count/increment')],
    })
  }

  const countOnce = async (): Promise<void> => {
    const session = any()
    const request = ['POST', pathOf(session, '/settings/once/increment')] as const
    await untilAnswered({ what: 'countOnce', session, key: 'once', once: randomUUID(), request })
  }

  const append = async (): Promise<void> => {
    const [session, value] = [any(), unique('a')]
    const body = [{ op: 'add', path: '/list/-', value }]
    const request = ['PATCH', pathOf(session, '/settings'), { body, type: JSON_PATCH }] as const
    await once({ what: 'append', session, key: 'list', value, request })
  }

  const read = async (): Promise<void> => {
    const session = any()
    await once({ what: 'read', session, request: ['GET', pathOf(session, '/settings')] })
  }

  /** Several callers at once want what is to be had once; every other time one of them repeats until it is answered. */
  const take = async (): Promise<void> => {
    const [session, key] = [any(), unique('t')]
    await once(put(session, key, unique('secret')))
    const one = {
      ...{ what: 'take' as const, session, key, expects: [404] },
      request: ['POST', pathOf(session, `/settings/${key}/take`)] as const,
      see: ({ json }: Sent['reply']) => json.value,
    }
    const repeats = draw.below(2) === 0
    await Promise.all([once(one), repeats ? untilAnswered({ ...one, once: randomUUID() }) : once(one)])
  }

  const useToken = (session: string, key: string, expects: readonly number[] = []): Promise<Sent> => {
    const request = ['GET', '/v1/sessions/current/settings', { key: tokens.get(key) ?? '' }] as const
    return once({ what: 'useToken', session, key, request, expects })
  }

  const mint = async (session: string): Promise<string | undefined> => {
    const key = unique('token')
    const request = ['POST', pathOf(session, '/tokens'), { body: GRANT }] as const
    const { operation, reply } = await untilAnswered({ what: 'mint', session, key, request })
    if (operation.outcome !== 'done') return undefined
    tokens.set(key, reply.json.access_token)
    return key
  }

  /** From the beginning of a session to its end, or to where it stays. */
  const live = async (): Promise<void> => {
    const [session, v] = [randomUUID(), unique('v')]
    if ((await create(session, { v })).operation.outcome !== 'done') return
    const first = await mint(session)
    if (first === undefined) return
    await useToken(session, first)
    if (draw.below(3) === 0) return
    await untilAnswered({ what: 'revoke', session, request: ['DELETE', pathOf(session, '/tokens')] })
    await useToken(session, first, [401])
    const { reply } = await untilAnswered({
      ...{ what: 'rotate', session, value: v, once: randomUUID() },
      request: ['POST', pathOf(session, '/rotate'), { body: {} }],
      see: ({ json }) => json.id,
    })
    const next = reply.json?.id as string | undefined
    if (reply.status !== 201 || next === undefined) return
    meet(next)
    await once({ ...put(session, 'late', 1), expects: [410] })
    const second = await mint(next)
    if (second === undefined || draw.below(2) === 0) return
    await untilAnswered({ what: 'end', session: next, request: ['DELETE', pathOf(next)] })
    await useToken(next, second, [401, 410])
    await once({ ...put(next, 'late', 1), expects: [410] })
  }

  /** Of a key of its own, which nobody else writes. */
  const writer = (name: string) => {
    const [session, key] = [any(), `own-${name}`]
    let value = 0
    return async (): Promise<void> => {
      await once(put(session, key, ++value))
    }
  }

  const work = async (act: () => Promise<void>): Promise<void> => {
    while (!isStopped()) await act()
  }
  const acts = [count, count, countOnce, append, append, read, read, take, live, live, writer('a'), writer('b')]
  const working = Promise.all(acts.map(work))

  return {
    shared,
    sessions: () => [...known],
    tokens,
    async done(more) {
      const from = operations.length
      const acknowledged = (): number => operations.slice(from).filter(({ outcome }) => outcome === 'done').length
      await until(() => acknowledged() >= more, `${more} more calls are acknowledged`)
    },
    async stop() {
      stoppedAt = Math.min(stoppedAt, performance.now())
      await working
      operations.sort((a, b) => a.n - b.n)
    },
  }
}
