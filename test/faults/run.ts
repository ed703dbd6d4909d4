/** Does a fault to a bench under load, heals it, lets all come to rest, and has the history judged. */
import { until } from '../helpers/until.ts'
import type { Bench } from './bench.ts'
import { type Caller, createCaller } from './calling.ts'
import type { Draw } from './draw.ts'
import type { History, Run, Span } from './history.ts'
import { type Finding, judge, judgeStrayed } from './judge.ts'
import { isAtRest } from './judge-readers.ts'
import { failed } from './judge-service.ts'
import { startLoad } from './load.ts'
import { createRecorder } from './recorder.ts'
import { findAll, findTokens, weigh } from './resting.ts'
import { pass, type Scenario, type Scene } from './scene.ts'
import { type Watching, watch } from './watching.ts'

/** Acknowledged calls before the fault, and after it was healed. */
const CALLS = 80
const RECOVER_MS = 3000
const DEADLINE_MS = 2000
/** What was acknowledged in the last moments before a split may not have been replicated. */
const SPLIT_LOSES_MS = 1000
/** How long readers may take to hold the state, and files and sockets to be closed. */
const REST_MS = 20_000
const LOOK_AGAIN_MS = 200

type Word = 'down' | 'stopped' | 'split' | 'failedOver' | 'spare'
type OfReplica = Span & { readonly replica: number }

/** What the fault says of itself. */
const createNotes = (bench: Bench) => {
  const downs: OfReplica[] = []
  const stops: OfReplica[] = []
  let isSplit = false
  let reign: string | undefined
  const spares: (Span & { readonly sessions: readonly string[] })[] = []
  const begin = (list: OfReplica[], replica: number) => {
    const at = list.push({ replica, from: performance.now(), to: Number.POSITIVE_INFINITY }) - 1
    return () => {
      list[at] = { ...(list[at] as OfReplica), to: performance.now() }
    }
  }
  const words: Pick<Scene, Word> = {
    down: (replica) => begin(downs, replica),
    stopped: (replica) => begin(stops, replica),
    split() {
      isSplit = true
    },
    async failedOver() {
      reign = await bench.reign()
    },
    spare(sessions, afterMs = 0) {
      spares.push({ sessions, from: performance.now() + afterMs, to: Number.POSITIVE_INFINITY })
    },
  }
  return {
    words,
    isSplit: () => isSplit,
    reign: () => reign,
    until: (healedAt: number) => ({ downs, stops, spared: spares[0] ? { ...spares[0], to: healedAt } : null }),
  }
}

/**
 * Harms and heals, and answers what was done and what may therefore happen, and the reign that the fault has led to, if it
 * has said so.
 */
const harm = async (
  scenario: Scenario,
  scene: Omit<Scene, Word>,
): Promise<{ run: Omit<Run, 'calmFrom'>; reign: string | undefined }> => {
  const { name, lastsMs, losesMs, mayBeFull = false, recoverMs = RECOVER_MS } = scenario
  const notes = createNotes(scene.bench)
  const faultAt = performance.now()
  const heal = await scenario.harm({ ...scene, ...notes.words })
  const harmedAt = performance.now()
  await pass(lastsMs)
  const healedAt = (await heal()) ?? performance.now()
  const windowMs = losesMs ?? (notes.isSplit() ? SPLIT_LOSES_MS : undefined)
  /** The heal may have put back somebody who went on from what is lost, and told of it. */
  const settledAt = performance.now()
  const to = notes.isSplit() ? healedAt : harmedAt
  const losses = windowMs === undefined ? [] : [{ from: faultAt - windowMs, to, settledAt }]
  const run = {
    ...{ fault: name, faultAt, healedAt, recoverMs, deadlineMs: DEADLINE_MS, losses, mayBeFull },
    ...notes.until(healedAt),
  }
  return { run, reign: notes.reign() }
}

/** Waits until every reader holds what is there. Those that never do are a finding, and no error here. */
const rest = async (
  callers: readonly Caller[],
  sessions: readonly string[],
  watching: Watching,
  history: Pick<History, 'run' | 'operations'>,
) => {
  const find = async () => (await Promise.all(callers.map((caller, at) => findAll(caller, at, sessions)))).flat()
  const end = performance.now() + REST_MS
  for (;;) {
    const found = await find()
    const held = watching.held()
    if (isAtRest({ ...history, found, held }) || performance.now() > end) return { found, held }
    await pass(LOOK_AGAIN_MS)
  }
}

/**
 * Waits until so many calls in a row have not failed, and answers when they began: a busy machine may have no time for the
 * servers, and what fails in the fault is its doing only if nothing fails before.
 */
const calmed = async ({ operations }: Pick<History, 'operations'>): Promise<number> => {
  const latest = () => operations.slice(-CALLS)
  await until(() => !latest().some(failed), `${CALLS} calls in a row have not failed`)
  return Math.min(...latest().map(({ sentAt }) => sentAt))
}

export type Ran = {
  readonly history: History
  readonly findings: readonly Finding[]
  /**
   * Whether the servers failed over when the fault gave no reason to: as they may when the machine has no time for them.
   */
  readonly hasStrayed: boolean
}

export const runScenario = async (bench: Bench, scenario: Scenario, draw: Draw): Promise<Ran> => {
  const { replicas } = bench
  const reignBefore = await bench.reign()
  const faults: string[] = []
  const ports = replicas.map(({ port }) => port)
  const callersFor = (): Caller[] => ports.map((port) => createCaller(port, (fault) => faults.push(fault)))
  const scales = weigh(replicas)

  const callers = callersFor()
  const recorder = createRecorder(callers)
  const watching = watch(ports, callers)
  const load = await startLoad({
    ...{ recorder, replicas: replicas.length, draw: draw.fork('load'), onSession: watching.track },
  })
  const last = callersFor()
  const stopAll = (): void => {
    watching.stop()
    for (const one of [...callers, ...last]) one.close()
  }
  try {
    await watching.open(load.shared)
    await load.done(CALLS)
    scales.warm()

    const calmFrom = await calmed(recorder)
    const { run: harmed, reign: ledTo } = await harm(scenario, { bench, load, draw: draw.fork('fault') })
    const run = { ...harmed, calmFrom }
    const reign = ledTo ?? (run.losses.length === 0 ? reignBefore : await bench.reign())
    await pass(Math.max(0, run.healedAt + run.recoverMs - performance.now()))
    await load.done(CALLS)
    await load.stop()

    const { operations } = recorder
    const { found, held } = await rest(last, load.sessions(), watching, { run, operations })
    const tokens = (await Promise.all(last.map((caller, at) => findTokens(caller, at, load.tokens)))).flat()
    stopAll()
    const samples = await scales.after(REST_MS)

    const { readings } = watching
    faults.push(...watching.faults())
    const history: History = { run, operations, readings, held, found, tokens, samples, faults }
    await bench.settled()
    const hasStrayed = (await bench.reign()) !== reign
    return { history, hasStrayed, findings: (hasStrayed ? judgeStrayed : judge)(history) }
  } finally {
    // Whatever went wrong, nothing of this goes on.
    await load.stop()
    stopAll()
  }
}
