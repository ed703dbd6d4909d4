// @ts-check
/** What was measured, in tables, and held against what the project wants of its own speed. */
import { median, spread, table } from './statistics.mjs'
import { TITLES } from './subjects.mjs'

/** @typedef {import('./subjects.mjs').SubjectName} SubjectName */

/**
 * @typedef {object} Measured one turn of one server
 * @property {number} rate good answers a second
 * @property {number} busy how much of a core the load took
 * @property {number | undefined} cpu what the server took for one answer, in µs
 */

/**
 * @typedef {object} Comparison
 * @property {import('./workload.mjs').Call} call
 * @property {SubjectName} subject
 * @property {SubjectName} reference
 * @property {number} [aim] the least ratio of answers a second that is wanted
 */

/** What a session token costs beside an API key. @type {readonly Comparison[]} */
const TOKENS_BESIDE_KEYS = /** @type {const} */ (['read', 'patch']).flatMap((call) => [
  { call, subject: /** @type {const} */ ('lmdbTokens'), reference: /** @type {const} */ ('lmdb'), aim: 0.9 },
  { call, subject: /** @type {const} */ ('redisTokens'), reference: /** @type {const} */ ('redis'), aim: 0.9 },
])

/** What a change may cost. @type {readonly Comparison[]} */
const BESIDE_THE_OTHER = /** @type {const} */ (['read', 'patch']).flatMap((call) => [
  { call, subject: /** @type {const} */ ('lmdb'), reference: /** @type {const} */ ('lmdbBefore'), aim: 0.95 },
  { call, subject: /** @type {const} */ ('redis'), reference: /** @type {const} */ ('redisBefore'), aim: 0.95 },
])

/** @type {readonly Comparison[]} */
const COMPARISONS = [
  { call: 'read', subject: 'lmdb', reference: 'bare', aim: 0.8 },
  { call: 'read', subject: 'redis', reference: 'minimal', aim: 0.85 },
  { call: 'patch', subject: 'lmdb', reference: 'bare' },
  { call: 'patch', subject: 'redis', reference: 'minimal', aim: 0.85 },
  ...TOKENS_BESIDE_KEYS,
  ...BESIDE_THE_OTHER,
]

const whole = (/** @type {number} */ value) => Math.round(value).toLocaleString('en')
const hundredths = (/** @type {number} */ value) => value.toFixed(2)

/** @param {readonly (number | undefined)[]} values @param {(value: number) => string} show */
const medianOfKnown = (values, show) => {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? 'unknown' : show(median(known))
}

/** @param {readonly Measured[]} turns */
const columnsOf = (turns) => [
  spread(
    turns.map(({ rate }) => rate),
    whole,
  ),
  medianOfKnown(
    turns.map(({ cpu }) => cpu),
    whole,
  ),
  `${whole(median(turns.map(({ busy }) => busy)) * 100)} %`,
]

/** How a server did beside another in the same round. @param {readonly Measured[]} turns @param {readonly Measured[]} others */
const ratios = (turns, others) => {
  const pairs = turns.map((turn, round) => ({ turn, other: /** @type {Measured} */ (others[round]) }))
  return {
    rates: pairs.map(({ turn, other }) => turn.rate / other.rate),
    /** The other way round, so that more is better here, too. */
    cpus: pairs.map(({ turn, other }) => (turn.cpu && other.cpu ? other.cpu / turn.cpu : undefined)),
  }
}

/**
 * @param {readonly import('./workload.mjs').Workload[]} workloads
 * @param {(workload: import('./workload.mjs').Workload, subject: SubjectName) => readonly Measured[]} turnsOf a turn a round
 * @returns {string}
 */
export const report = (workloads, turnsOf) => {
  const [first] = workloads
  const wasMeasured = (/** @type {SubjectName} */ name) => first !== undefined && turnsOf(first, name).length > 0
  const subjects = /** @type {SubjectName[]} */ (Object.keys(TITLES)).filter(wasMeasured)
  const comparisons = COMPARISONS.filter(({ subject, reference }) => wasMeasured(subject) && wasMeasured(reference))
  const rows = workloads.flatMap((workload) =>
    subjects.map((subject) => [workload.name, TITLES[subject], ...columnsOf(turnsOf(workload, subject))]),
  )
  const compared = workloads.flatMap((workload) =>
    comparisons
      .filter(({ call }) => call === workload.call)
      .map(({ subject, reference, aim }) => {
        const { rates, cpus } = ratios(turnsOf(workload, subject), turnsOf(workload, reference))
        const verdict = aim === undefined ? 'none' : `${hundredths(aim)}, ${median(rates) >= aim ? 'met' : 'MISSED'}`
        return [
          workload.name,
          `${TITLES[subject]} / ${TITLES[reference]}`,
          spread(rates, hundredths),
          verdict,
          medianOfKnown(cpus, hundredths),
        ]
      }),
  )
  return `Medians, and the lowest and the highest round. "CPU": what the server's process took for one answer, in µs. "load": how much
of a core the load took; where it is near 100 %, the load was measured and not the server.

${table([['workload', 'server', 'answers a second', 'CPU', 'load'], ...rows])}

Ratios of two servers in the same round: of answers a second, which the aims are about; and, less shaken by what else the
machine does, of CPU for one answer.

${table([['workload', 'servers', 'answers a second', 'aim', 'CPU'], ...compared])}`
}
