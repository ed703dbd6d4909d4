/** Does a fault to a bench under load, heals it, lets all come to rest, and has the history judged. */
import { readdirSync, readFileSync } from 'node:fs'
import { KEYS } from '../helpers/app.ts'
import { follow } from '../helpers/follower.ts'
import { until } from '../helpers/until.ts'
import type { Bench } from './bench.ts'
import { type Caller, createCaller } from './calling.ts'
import type { Draw } from './draw.ts'
import { followFeed } from './feed.ts'
import {
  type Found,
  type FoundToken,
  type Held,
  type History,
  type Reading,
  type Sample,
  settingsText,
} from './history.ts'
import { type Finding, judge } from './judge.ts'
import { isAtRest } from './judge-readers.ts'
import { MORE_FDS } from './judge-service.ts'
import { type Load, startLoad } from './load.ts'
import { createRecorder } from './recorder.ts'
import { pass, type Scenario, type Scene } from './scene.ts'

/** Calls before the fault, and after it was healed. */
const CALLS_BEFORE = 120
const CALLS_AFTER = 120
const RECOVER_MS = 3000
const DEADLINE_MS = 2000
/** How long readers may take to hold the state, and files and sockets to be closed. */
const REST_MS = 20_000
const ENDED_LOOKED_AT = 20

const fdsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length
const rssOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024

const CHUNK = 100
const AT_ONCE = 8

/** Does something to each of many, some at a time. */
const eachOf = async <One>(all: readonly One[], act: (one: One) => Promise<void>): Promise<void> => {
  const waiting = [...all]
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await act(one)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

/** What a replica answers of these sessions. */
const findAll = async (caller: Caller, replica: number, sessions: readonly string[]): Promise<Found[]> => {
  const found: Found[] = []
  const ended: string[] = []
  for (let at = 0; at < sessions.length; at += CHUNK) {
    const ids = sessions.slice(at, at + CHUNK)
    const { status, code, json } = await caller.call('POST', '/v1/sessions/batch', { body: { ids } })
    if (status !== 200) throw new Error(`Replica ${replica} answers ${status} ${code} when all is over.`)
    for (const { id } of json.gone) ended.push(id)
    for (const session of ids) {
      const one = json.sessions[session]
      const isGone = ended.includes(session)
      found.push({
        ...{ replica, session, etag: one?.etag ?? null, settings: one?.settings ?? null },
        status: one ? 200 : isGone ? 410 : 404,
      })
    }
  }
  // One by one as well: that is how they are asked for.
  for (const session of ended.slice(-ENDED_LOOKED_AT)) {
    const { status } = await caller.call('GET', `/v1/sessions/${session}`)
    found.push({ replica, session, status, etag: null, settings: null })
  }
  return found
}

const findTokens = async (caller: Caller, replica: number, tokens: Load['tokens']): Promise<FoundToken[]> => {
  const found: FoundToken[] = []
  await eachOf([...tokens], async ([token, key]) => {
    const { status } = await caller.call('GET', '/v1/sessions/current', { key })
    found.push({ replica, token, status })
  })
  return found
}

export type Ran = { readonly history: History; readonly findings: readonly Finding[] }

export const runScenario = async (bench: Bench, scenario: Scenario, draw: Draw): Promise<Ran> => {
  const faults: string[] = []
  const readings: Reading[] = []
  const note = (fault: string): void => void faults.push(fault)
  const callersFor = (): Caller[] => bench.replicas.map(({ port }) => createCaller(port, note))
  const callers = callersFor()
  const pids = bench.replicas.map((one) => one.pid())
  const fdsBefore = pids.map(fdsOf)

  const feeds = bench.replicas.map(({ port }, at) =>
    followFeed(port, `feed ${at}`, callers[at] as Caller, (one) => readings.push(one)),
  )
  const recorder = createRecorder(callers)
  const load = await startLoad({
    ...{ recorder, replicas: callers.length, draw: draw.fork('load') },
    onSession(session) {
      for (const feed of feeds) feed.track(session)
    },
  })
  const streams = bench.replicas.flatMap(({ port }, at) =>
    load.shared.map((id) => ({
      reader: `stream ${at}`,
      ...follow({
        ...{ port, id, key: KEYS.shop },
        onState: (session, { etag, settings }) =>
          readings.push({
            reader: `stream ${at}`,
            session,
            etag,
            settings: settingsText(settings),
            at: performance.now(),
          }),
      }),
    })),
  )
  const heldByAll = (): Held[] => [
    ...feeds.flatMap((one) => one.held()),
    ...streams.map((one) => {
      const state = one.state()
      return {
        ...{ reader: one.reader, session: one.id, etag: state?.etag ?? null, ended: one.ended() !== null },
        settings: state && settingsText(state.settings),
      }
    }),
  ]

  const downs: History['run']['downs'][number][] = []
  const stops: History['run']['stops'][number][] = []
  const spares: NonNullable<History['run']['spared']>[] = []
  const spanOf = (list: { replica: number; from: number; to: number }[]) => (replica: number) => {
    const span = { replica, from: performance.now(), to: Number.POSITIVE_INFINITY }
    list.push(span)
    return () => {
      span.to = performance.now()
    }
  }
  const scene: Scene = {
    ...{ bench, load, draw: draw.fork('fault') },
    down: spanOf(downs),
    stopped: spanOf(stops),
    spare(sessions, afterMs = 0) {
      spares.push({ sessions, from: performance.now() + afterMs, to: Number.POSITIVE_INFINITY })
    },
  }

  await until(() => streams.every((one) => one.state() !== null), 'every stream has begun')
  await load.done(CALLS_BEFORE)
  const rssBefore = pids.map(rssOf)

  const faultAt = performance.now()
  const heal = await scenario.harm(scene)
  const harmedAt = performance.now()
  await pass(scenario.lastsMs)
  const healedAt = (await heal()) ?? performance.now()
  const recoverMs = scenario.recoverMs ?? RECOVER_MS
  await pass(Math.max(0, healedAt + recoverMs - performance.now()))
  await load.done(CALLS_AFTER)
  await load.stop()

  const lastCallers = callersFor()
  const find = async () => {
    const found = await Promise.all(lastCallers.map((caller, at) => findAll(caller, at, load.sessions())))
    return found.flat()
  }
  const restAt = performance.now() + REST_MS
  let found = await find()
  // Readers that never come to the state are a finding, not an error here.
  while (!isAtRest(found, heldByAll()) && performance.now() < restAt) {
    await pass(100)
    found = await find()
  }
  const tokens = await Promise.all(lastCallers.map((caller, at) => findTokens(caller, at, load.tokens)))

  const held = heldByAll()
  for (const one of [...streams, ...feeds]) one.stop()
  for (const one of [...callers, ...lastCallers]) one.close()
  const isSame = (at: number): boolean => bench.replicas[at]?.pid() === pids[at]
  const same = pids.map((pid, replica) => ({ pid, replica })).filter(({ replica }) => isSame(replica))
  const areClosed = (): boolean =>
    same.every(({ pid, replica }) => fdsOf(pid) <= (fdsBefore[replica] as number) + MORE_FDS)
  await until(areClosed, 'files and sockets are closed', REST_MS).catch(() => {})
  const samples = same.map(
    ({ pid, replica }): Sample => ({
      replica,
      rssBefore: rssBefore[replica] as number,
      rssAfter: rssOf(pid),
      fdsBefore: fdsBefore[replica] as number,
      fdsAfter: fdsOf(pid),
    }),
  )
  for (const one of streams) for (const fault of one.faults) note(`${one.reader} of ${one.id}: ${fault}`)

  const { losesMs, mayBeFull = false, name } = scenario
  const losses = losesMs === undefined ? [] : [{ from: faultAt - losesMs, to: harmedAt, settledAt: healedAt }]
  const history: History = {
    run: {
      ...{ fault: name, faultAt, healedAt, recoverMs, deadlineMs: DEADLINE_MS, losses, downs, stops, mayBeFull },
      spared: spares[0] ? { ...spares[0], to: healedAt } : null,
    },
    ...{ operations: recorder.operations, readings, held, found, tokens: tokens.flat(), samples, faults },
  }
  return { history, findings: judge(history) }
}
