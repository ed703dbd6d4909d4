/** What calls have done: all that was acknowledged, nothing twice, and nothing to what has ended. */
import type { History, Operation } from './history.ts'
import {
  type Finding,
  finalOf,
  finalSettings,
  finding,
  groups,
  isDone,
  isUnknown,
  kept,
  mayBeDone,
  ofWhat,
  type Rule,
} from './judge-words.ts'

/** A write is never done later than this after it was sent. */
const LATEST_MS = 10_000

const placeOf = ({ session, key }: Operation): string => `${session} ${key}`

/** Of the values that live in the end, by session and key. */
const perKey =
  (
    whats: Parameters<typeof ofWhat>[1][],
    look: (all: Operation[], value: unknown, history: History) => Finding[],
  ): Rule =>
  (history) => {
    const settings = finalSettings(history)
    return [...groups(ofWhat(history, ...whats), placeOf).values()].flatMap((all) => {
      const [{ session, key }] = all as [Operation]
      const there = settings.get(session)
      return there === undefined ? [] : look(all, there[key], history)
    })
  }

/** An increment that was acknowledged counts; one of which nothing is known may; none counts twice. */
const counters = perKey(['count'], (all, value, history) => {
  const least = kept(history, all).length
  const most = all.filter(mayBeDone).length
  const sum = Number(value ?? 0)
  if (sum >= least && sum <= most) return []
  const text = `the counter is ${sum}, of ${least} acknowledged increments and ${most - least} that may have been done`
  const suspects = all.filter(isUnknown)
  return [finding(text, suspects.length > 0 ? suspects : all)]
})

/** An increment with an Idempotency-Key counts once, however often it was sent. */
const onceOnly = perKey(['countOnce'], (all, value, history) => {
  const calls = [...groups(all, ({ once }) => once).values()]
  const least = calls.filter((attempts) => kept(history, attempts).length > 0).length
  const most = calls.filter((attempts) => attempts.some(mayBeDone)).length
  const sum = Number(value ?? 0)
  if (sum >= least && sum <= most) return []
  const text = `the counter is ${sum}, of ${least} calls that were acknowledged and ${most - least} that may have been done`
  return [finding(text, calls.filter((attempts) => attempts.length > 1).flat())]
})

/** Each value that was appended and acknowledged is there, and none is there twice. */
const lists = perKey(['append'], (all, value, history) => {
  const list = Array.isArray(value) ? (value as unknown[]) : []
  const times = new Map<unknown, number>()
  for (const one of list) times.set(one, (times.get(one) ?? 0) + 1)
  const sent = new Map(all.map((one) => [one.value as unknown, one]))
  return [
    ...kept(history, all)
      .filter((one) => !times.has(one.value))
      .map((one) => finding(`${one.value} was acknowledged, and is not in the list`, [one])),
    ...[...times]
      .filter(([, count]) => count > 1)
      .map(([one, count]) => {
        const call = sent.get(one)
        return finding(`${one} was sent once, and is in the list ${count} times`, call ? [call] : [])
      }),
    ...[...times.keys()].filter((one) => !sent.has(one)).map((one) => finding(`nobody has sent ${one}`)),
  ]
})

const isTaken = (history: History) => {
  const places = new Set(ofWhat(history, 'take').map(placeOf))
  return (one: Operation): boolean => places.has(placeOf(one))
}

/** Of a key that one caller writes, one value after the other, the last stands: or a later one, or one that may come late. */
const puts: Rule = (history) => {
  const settings = finalSettings(history)
  const isElsewhere = isTaken(history)
  const mine = ofWhat(history, 'put').filter((one) => !isElsewhere(one))
  return [...groups(mine, placeOf).values()].flatMap((all) => {
    const last = kept(history, all).at(-1)
    const there = last && settings.get(last.session)
    if (last === undefined || there === undefined) return []
    const value = there[last.key]
    const isLater = (one: Operation): boolean =>
      one.n > last.n || (isUnknown(one) && one.sentAt + LATEST_MS > last.sentAt)
    if (value === last.value || all.some((one) => one.value === value && mayBeDone(one) && isLater(one))) return []
    return [finding(`${JSON.stringify(value)} is there, and ${last.value} was acknowledged last`, [last])]
  })
}

/** A value that is to be had once is had once at most, whole, and is then gone; until then it is there. */
const takes: Rule = (history) => {
  const settings = finalSettings(history)
  const puts = groups(ofWhat(history, 'put'), placeOf)
  return [...groups(ofWhat(history, 'take'), placeOf)].flatMap(([place, all]) => {
    const [{ session, key }] = all as [Operation]
    const put = puts.get(place) ?? []
    const had = kept(history, all)
    const there = settings.get(session)
    // The attempts of one call, which its Idempotency-Key tells, are one taker.
    const takers = groups(had, ({ once, n }) => once ?? n)
    const wrong = had.filter(({ seen }) => !put.some(({ value }) => value === seen))
    const isLeft = there !== undefined && key in there
    const isLost = there !== undefined && !isLeft && kept(history, put).length > 0 && !all.some(mayBeDone)
    return [
      ...(takers.size > 1 ? [finding(`${key} was taken by ${takers.size} callers`, had)] : []),
      ...wrong.map((one) => finding(`${JSON.stringify(one.seen)} was taken, which nobody has put`, [one])),
      ...(had.length > 0 && isLeft ? [finding(`${key} was taken, and is still there`, had)] : []),
      ...(isLost ? [finding(`${key} was taken by nobody, and is not there`, put)] : []),
    ]
  })
}

/** A session that was begun lives, on every replica, unless it was ended or moved. */
const sessions: Rule = (history) => {
  const created = ofWhat(history, 'create')
  const stays = kept(history, created)
  const begun = [...stays, ...kept(history, ofWhat(history, 'rotate'))]
  // A rotation of what was lost before it has nothing to carry on.
  const mayBeEmpty = new Set(created.filter((one) => !stays.includes(one)).map(({ session }) => session))
  const over = new Set(
    ofWhat(history, 'end', 'rotate')
      .filter(mayBeDone)
      .map(({ session }) => session),
  )
  const final = finalOf(history)
  return begun.flatMap((one) => {
    const id = one.what === 'rotate' ? String(one.seen) : one.session
    if (over.has(id)) return []
    const found = final.get(id) ?? []
    if (found.length === 0) return [finding(`nobody has looked for ${id} in the end`, [one])]
    const bad = found.filter(({ status }) => status !== 200)
    const isKnown = one.value !== null && !(one.what === 'rotate' && mayBeEmpty.has(one.session))
    const changed = found.filter(({ settings }) => isKnown && settings !== null && settings.v !== one.value)
    return [
      ...bad.map(({ replica, status }) =>
        finding(`replica ${replica} answers ${status} for ${id}, which lives`, [one]),
      ),
      ...changed.map(({ settings }) => finding(`${id} holds ${settings?.v}, where ${one.value} was put`, [one])),
    ]
  })
}

/** What was ended or moved is gone for good, also for what comes later. */
const endings: Rule = (history) => {
  const final = finalOf(history)
  const bySession = groups(history.operations, ({ session }) => session)
  return kept(history, ofWhat(history, 'end', 'rotate')).flatMap((one) => {
    const later = (bySession.get(one.session) ?? []).filter(
      (other) =>
        other.sentAt >= one.endedAt &&
        isDone(other) &&
        other.what !== 'end' &&
        (one.once === null || other.once !== one.once),
    )
    const alive = (final.get(one.session) ?? []).filter(({ status }) => status !== 410)
    return [
      ...later.map((other) => finding(`${other.what} was served after the session was over`, [one, other])),
      ...alive.map(({ replica, status }) => finding(`replica ${replica} answers ${status} for what is over`, [one])),
    ]
  })
}

/** A rotation, however often it was sent, leads to one session. */
const rotations: Rule = (history) =>
  [...groups(ofWhat(history, 'rotate').filter(isDone), ({ session }) => session).values()].flatMap((all) => {
    const ids = new Set(kept(history, all).map(({ seen }) => seen))
    return ids.size > 1 ? [finding(`it was moved to ${ids.size} ids`, all)] : []
  })

/** A token is good until it is made void or its session is over, and never again after that. */
const tokens: Rule = (history) => {
  const revokes = groups(ofWhat(history, 'revoke'), ({ session }) => session)
  const over = new Set(
    ofWhat(history, 'end', 'rotate')
      .filter(mayBeDone)
      .map(({ session }) => session),
  )
  return kept(history, ofWhat(history, 'mint')).flatMap((mint) => {
    const all = revokes.get(mint.session) ?? []
    const void_ = kept(history, all).filter(({ sentAt }) => sentAt >= mint.endedAt)
    const used = ofWhat(history, 'useToken').filter((one) => one.key === mint.key && isDone(one))
    const last = history.tokens.filter(({ token }) => token === mint.key)
    if (void_.length > 0) {
      const after = used.filter((one) => void_.some(({ endedAt }) => one.sentAt >= endedAt))
      const taken = last.filter(({ status }) => status < 400)
      return [
        ...after.map((one) => finding(`${mint.key} was taken after it was made void`, [...void_, one])),
        ...taken.map(({ replica }) => finding(`replica ${replica} takes ${mint.key} in the end, which is void`, void_)),
      ]
    }
    if (over.has(mint.session) || all.some(mayBeDone)) return []
    const refused = last.filter(({ status }) => status >= 400)
    return refused.map(({ replica, status }) => finding(`replica ${replica} answers ${status} to a good token`, [mint]))
  })
}

export const EFFECT_RULES = { counters, onceOnly, lists, puts, takes, sessions, endings, rotations, tokens }
