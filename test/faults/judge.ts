/**
 * Judges a history: what was acknowledged is there, nothing was done twice, nothing that ended lives, nobody was told of an
 * older state, every call was answered in time, and the service came back by itself. It looks at nothing but the history.
 */
import type { History, Operation } from './history.ts'
import { EFFECT_RULES } from './judge-effects.ts'
import { READER_RULES } from './judge-readers.ts'
import { SERVICE_RULES } from './judge-service.ts'
import type { Finding, Rule } from './judge-words.ts'

export type { Finding }

export const RULES: Readonly<Record<string, Rule>> = { ...EFFECT_RULES, ...READER_RULES, ...SERVICE_RULES }

/** As many of one rule say enough. */
const MOST_OF_A_RULE = 5

const judgeBy = (rules: Readonly<Record<string, Rule>>, history: History): Finding[] =>
  Object.entries(rules).flatMap(([rule, look]) => {
    const found = look(history)
    const more = found.length - MOST_OF_A_RULE
    const shown = found.slice(0, MOST_OF_A_RULE).map((one) => ({ ...one, rule }))
    return more > 0 ? [...shown, { rule, text: `and ${more} more`, operations: [] }] : shown
  })

export const judge = (history: History): Finding[] => judgeBy(RULES, history)

const ALWAYS = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, settledAt: Number.POSITIVE_INFINITY }

/**
 * Of a run in which the servers failed over when the fault gave no reason to. Calls may fail at any moment then, and what was
 * acknowledged may be lost; all else holds.
 */
export const judgeStrayed = (history: History): Finding[] => {
  const { calm: _calm, recovery: _recovery, spared: _spared, ...rules } = RULES
  return judgeBy(rules, { ...history, run: { ...history.run, losses: [ALWAYS] } })
}

const shown = (one: Operation, { faultAt }: History['run']): string => {
  const at = (ms: number): string => `${Math.round(ms - faultAt)}`
  const what = [one.what, one.session.slice(0, 8), one.key, one.value ?? '', one.once ? `once ${one.once}` : '']
  const answer = [one.status || 'no answer', one.code, one.outcome, one.etag ?? '', JSON.stringify(one.seen) ?? '']
  const words = [
    `#${one.n}`,
    `replica ${one.replica}`,
    `${at(one.sentAt)}..${at(one.endedAt)} ms`,
    ...what,
    '->',
    ...answer,
  ]
  return words.filter((word) => word !== '').join(' ')
}

const AROUND_MS = 1500
const MOST_SHOWN = 16

/** A finding with the calls that it is of, and those of the same session around them; times count from the fault. */
export const report = ({ rule, text, operations }: Finding, history: History): string => {
  const sessions = new Set(operations.map(({ session }) => session))
  const from = Math.min(...operations.map(({ sentAt }) => sentAt)) - AROUND_MS
  const to = Math.max(...operations.map(({ endedAt }) => endedAt)) + AROUND_MS
  const keys = new Set(operations.map(({ key }) => key))
  const around = history.operations.filter(
    (one) =>
      operations.includes(one) ||
      (sessions.has(one.session) && keys.has(one.key) && one.endedAt >= from && one.sentAt <= to),
  )
  const lines = around
    .slice(0, MOST_SHOWN)
    .map((one) => `  ${operations.includes(one) ? '*' : ' '} ${shown(one, history.run)}`)
  return [`${rule}: ${text}`, ...lines].join('\n')
}
