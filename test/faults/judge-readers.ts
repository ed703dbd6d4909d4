/** What callers and readers see: never an older state than before, never two states under one ETag, in the end the state. */
import { type Found, type Held, type History, type Operation, revisionOf, settingsText } from './history.ts'
import { type Finding, finalOf, finding, groups, isDone, mayBeLost, type Rule } from './judge-words.ts'

/** A state that somebody was shown. */
type Sight = {
  readonly from: number
  readonly to: number
  readonly revision: number
  readonly by: readonly Operation[]
}

/** From when on a sight must not be older than what was seen before it; undefined while a fail-over is under way. */
const comparable = ({ run }: History, { from, to }: Sight): number | undefined => {
  let since = Number.NEGATIVE_INFINITY
  for (const loss of run.losses) {
    if (to < loss.from) continue
    if (from < loss.settledAt) return undefined
    since = Math.max(since, loss.settledAt)
  }
  return since
}

/** Where a state is older than one that somebody had seen before it was asked for. */
const goingBack = (history: History, sights: readonly Sight[], who: string): Finding[] => {
  const bySent = [...sights].sort((a, b) => a.from - b.from)
  const byEnd = [...sights].sort((a, b) => a.to - b.to)
  const found: Finding[] = []
  let at = 0
  let highest: Sight | undefined
  for (const sight of bySent) {
    const since = comparable(history, sight)
    for (; at < byEnd.length && (byEnd[at] as Sight).to <= sight.from; at++) {
      const one = byEnd[at] as Sight
      if (since !== undefined && one.from < since) continue
      const isOfBefore = highest === undefined || (since !== undefined && highest.from < since)
      if (isOfBefore || one.revision > (highest as Sight).revision) highest = one
    }
    if (since === undefined || highest === undefined || highest.from < since) continue
    if (sight.revision < highest.revision) {
      const text = `${who} saw revision ${sight.revision}, after ${highest.revision} had been seen`
      found.push(finding(text, [...highest.by, ...sight.by]))
    }
  }
  return found
}

/** Each caller sees what all callers before it have seen. */
const callers: Rule = (history) =>
  [
    ...groups(
      history.operations.filter((one) => one.etag !== null && isDone(one)),
      ({ session }) => session,
    ),
  ].flatMap(([session, all]) => {
    const sights = all.map((one) => ({
      from: one.sentAt,
      to: one.endedAt,
      revision: revisionOf(one.etag as string),
      by: [one],
    }))
    return goingBack(history, sights, `a caller of ${session}`)
  })

/** No reader of events is told of an older state than it has. */
const readers: Rule = (history) => {
  const all = new Map<string, Sight[]>()
  for (const { reader, session, etag, at } of history.readings) {
    const name = `${reader} of ${session}`
    const sights = all.get(name) ?? []
    if (sights.length === 0) all.set(name, sights)
    sights.push({ from: at, to: at, revision: revisionOf(etag), by: [] })
  }
  return [...all].flatMap(([name, sights]) => goingBack(history, sights, name))
}

/** One ETag names one state, also across a fail-over that lost some. */
const tags: Rule = (history) => {
  const known = new Map<string, string>()
  const found: Finding[] = []
  const look = (session: string, etag: string | null, settings: string | null, by: readonly Operation[]): void => {
    // The unwritten state of a session has no tag.
    if (etag === null || settings === null || etag === '0') return
    const before = known.get(`${session} ${etag}`)
    known.set(`${session} ${etag}`, before ?? settings)
    if (before !== undefined && before !== settings) {
      found.push(finding(`${etag} of ${session} is ${before} and ${settings}`, by))
    }
  }
  for (const one of history.operations) look(one.session, one.etag, one.settings, [one])
  for (const one of history.readings) look(one.session, one.etag, one.settings, [])
  for (const one of history.found) look(one.session, one.etag, one.settings && settingsText(one.settings), [])
  return found
}

/** All replicas answer the same in the end. */
const agreement: Rule = (history) =>
  [...finalOf(history)].flatMap(([session, all]) => {
    const answers = new Set(all.map(({ status, etag }) => `${status} ${etag}`))
    return answers.size > 1 ? [finding(`of ${session} the replicas say ${[...answers].join(' and ')}`)] : []
  })

/**
 * The readers that do not hold what is there in the end, and do not know that it is over. Whoever reads a session that is
 * lost, or whose end is, may be told of an end, though there is a session under its id later.
 */
const behind = (found: readonly Found[], held: readonly Held[], lost: ReadonlySet<string>): Finding[] => {
  const final = new Map(found.map((one) => [one.session, one]))
  const texts = new Map<string, string>()
  return held.flatMap(({ reader, session, etag, settings, ended }) => {
    const there = final.get(session)
    if (there === undefined || (ended && lost.has(session))) return []
    if (there.status !== 200) {
      // Of a session that was lost nobody is told; whoever comes back finds it unwritten.
      return ended || (there.status === 404 && (etag === null || etag === '0'))
        ? []
        : [finding(`${reader} holds ${etag} of ${session}, which is over`)]
    }
    // To begin a session without settings, as a token for it does, changes nothing that a reader holds.
    if (!ended && etag === null && there.etag === '0') return []
    const text = texts.get(session) ?? settingsText(there.settings ?? {})
    texts.set(session, text)
    return etag === there.etag && settings === text
      ? []
      : [finding(`${reader} holds ${ended ? 'an end' : etag} of ${session}, which is at ${there.etag}`)]
  })
}

/** What begins a life or ends one. */
const LIVES: ReadonlySet<string> = new Set(['create', 'end', 'rotate'])

/** The sessions whose beginning or end may be lost: whoever was told of it before holds what is no more. */
const lostIn = (history: Pick<History, 'run' | 'operations'>): ReadonlySet<string> => {
  const all = history.operations.filter(({ what }) => LIVES.has(what))
  return new Set(all.filter(mayBeLost(history)).map(({ session }) => session))
}

/** Whether every reader has come to the state. */
export const isAtRest = (history: Pick<History, 'run' | 'operations' | 'found' | 'held'>): boolean =>
  endsOfReaders(history).length === 0

/** Every reader ends with the state. */
const endsOfReaders = (history: Pick<History, 'run' | 'operations' | 'found' | 'held'>): Finding[] =>
  behind(history.found, history.held, lostIn(history))

export const READER_RULES = { callers, readers, tags, agreement, endsOfReaders }
