/** How the service bears itself: every call is answered, in time and as it should be, and all is well again by itself. */
import { type History, type Operation, type Span, WHATS } from './history.ts'
import { type Finding, finding, groups, isDone, type Rule } from './judge-words.ts'

/** Beside the stalls of the test's own process, which are measured: the service's process shares the machine, too. */
export const ALLOWANCE_MS = 300

/** How much more memory, and how many more files and sockets, a replica may have after a run. */
export const MORE_RSS = 64 * 1024 * 1024
export const MORE_FDS = 10

const overlap = ({ sentAt, endedAt }: Operation, { from, to }: Span): number =>
  Math.max(0, Math.min(endedAt, to) - Math.max(sentAt, from))

const msOf = ({ run }: History, one: Operation): number => {
  const stopped = run.stops.filter(({ replica }) => replica === one.replica)
  const excused = stopped.reduce((sum, span) => sum + overlap(one, span), one.stalledMs)
  return one.endedAt - one.sentAt - excused
}

/** Every call is answered in time, whatever Redis does. */
const deadlines: Rule = (history) =>
  history.operations
    .map((one) => ({ one, ms: msOf(history, one) }))
    .filter(({ ms }) => ms > history.run.deadlineMs + ALLOWANCE_MS)
    .sort((a, b) => b.ms - a.ms)
    .map(({ one, ms }) => finding(`it took ${Math.round(ms)} ms`, [one]))

/** Every call has an answer while its replica is there, and none is an error of the service's own. */
const answers: Rule = ({ run, operations }) =>
  operations
    .filter(
      ({ status, code }) => status === 0 || (status >= 500 && !['store_unavailable', 'overloaded'].includes(code)),
    )
    .filter((one) => !(one.status === 507 && run.mayBeFull))
    .filter(
      (one) => one.status !== 0 || !run.downs.some((down) => down.replica === one.replica && overlap(one, down) > 0),
    )
    .map((one) => finding(one.status === 0 ? 'it had no answer' : `it was answered ${one.status} ${one.code}`, [one]))

/** Nothing is refused that was right, unless it was asked of a state that is lost. */
const refusals: Rule = ({ run, operations }) =>
  operations
    .filter(({ status, expects }) => status >= 400 && status < 500 && !expects.includes(status))
    .filter((one) => !run.losses.some(({ from }) => one.endedAt >= from))
    .map((one) => finding(`it was refused with ${one.status} ${one.code}`, [one]))

export const failed = ({ outcome, status }: Operation): boolean => outcome === 'unknown' || status >= 500

/** Before the fault nothing fails, so what fails later is the fault's doing. */
const calm: Rule = ({ run, operations }) =>
  operations
    .filter((one) => failed(one) && one.sentAt >= run.calmFrom && one.endedAt < run.faultAt)
    .map((one) => finding('it failed before the fault', [one]))

/** All is well again in time after healing, by itself, on every replica. */
const recovery: Rule = ({ run, operations }) => {
  const wellAt = run.healedAt + run.recoverMs
  return [...groups(operations, ({ replica }) => replica)].flatMap(([replica, all]) => {
    const later = all.filter(({ sentAt }) => sentAt >= wellAt)
    const bad = later.filter(failed)
    if (later.some(isDone) && bad.length === 0) return []
    const last = Math.round(Math.max(...all.filter(failed).map(({ endedAt }) => endedAt)) - run.healedAt)
    return bad.length > 0
      ? [finding(`replica ${replica} still fails ${last} ms after healing`, bad.slice(-3))]
      : [finding(`replica ${replica} has served nothing ${run.recoverMs} ms after healing`)]
  })
}

/** What lies elsewhere is served all the time. */
const spared: Rule = ({ run, operations }) => {
  const { spared } = run
  if (spared === null) return []
  return operations
    .filter(({ session, sentAt }) => spared.sessions.includes(session) && sentAt >= spared.from && sentAt <= spared.to)
    .filter(failed)
    .map((one) => finding('it failed, and the fault was elsewhere', [one]))
}

/** Calls of every kind were made and acknowledged: a history of nothing proves nothing. */
const work: Rule = ({ operations }) =>
  WHATS.filter((what) => !operations.some((one) => one.what === what && isDone(one))).map((what) =>
    finding(`no ${what} was acknowledged`),
  )

/** No replica keeps memory, files or sockets. */
const resources: Rule = ({ samples }) =>
  samples.flatMap(({ replica, rssBefore, rssAfter, fdsBefore, fdsAfter }) => {
    const found: Finding[] = []
    const mib = (bytes: number): number => Math.round(bytes / 1024 / 1024)
    if (rssAfter > rssBefore + MORE_RSS) {
      found.push(finding(`replica ${replica} has grown from ${mib(rssBefore)} to ${mib(rssAfter)} MiB`))
    }
    if (fdsAfter > fdsBefore + MORE_FDS) {
      found.push(finding(`replica ${replica} has ${fdsAfter} open files and sockets, and had ${fdsBefore}`))
    }
    return found
  })

const seen: Rule = ({ faults }) => faults.map((text) => finding(text))

export const SERVICE_RULES = { deadlines, answers, refusals, calm, recovery, spared, work, resources, seen }
