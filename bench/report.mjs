// @ts-check
/** What was measured, in tables, and held against what the project wants of its own speed. */
import { median, spread, markdownTable as table } from './statistics.mjs'
import { TITLES } from './subjects.mjs'
import { BATCH } from './workload.mjs'

/** @typedef {import('./subjects.mjs').SubjectName} SubjectName */

/**
 * @typedef {object} Measured one turn of one server
 * @property {number} rate good answers a second
 * @property {number} busy how much of a core the load took
 * @property {number | undefined} cpu what the server took for one answer, in µs
 * @property {number | undefined} engine the same of its Redis
 * @property {number | undefined} script how long one script ran there, in µs
 */

/** Answers at half load, in ms. @typedef {{ readonly p50: number, readonly p99: number }} Waited */

/**
 * @typedef {object} Figures
 * @property {readonly import('./workload.mjs').Workload[]} workloads
 * @property {(workload: string, subject: SubjectName) => readonly Measured[]} turns a turn a round; none where it was not asked
 * @property {(workload: string, subject: SubjectName) => Waited | undefined} waited
 */

/**
 * @typedef {object} Target
 * @property {string} what
 * @property {number} aim
 * @property {boolean} [isLeast] whether it is the least that is wanted, and not the most
 * @property {(figures: Figures) => number | undefined} figure
 */

const known = (/** @type {readonly (number | undefined)[]} */ values) => {
  const numbers = values.filter((value) => value !== undefined)
  return numbers.length === 0 ? undefined : median(numbers)
}

/**
 * How one figure of a server stands to that of another in the same round.
 *
 * @param {readonly Measured[]} turns @param {readonly Measured[]} others @param {'rate' | 'cpu'} which
 */
const ratio = (turns, others, which) =>
  known(
    turns.map((turn, round) => {
      const [one, other] = [turn[which], others[round]?.[which]]
      return one === undefined || other === undefined ? undefined : one / other
    }),
  )

/** @param {string} workload @param {SubjectName} subject @param {SubjectName} other @param {number} aim @returns {Target} */
const cpu = (workload, subject, other, aim) => ({
  what: `${workload}: CPU of ${TITLES[subject]} / ${TITLES[other]}`,
  aim,
  figure: ({ turns }) => ratio(turns(workload, subject), turns(workload, other), 'cpu'),
})

/** @param {string} workload @param {SubjectName} subject @param {SubjectName} other @param {number} aim @returns {Target} */
const rate = (workload, subject, other, aim) => ({
  what: `${workload}: answers a second of ${TITLES[subject]} / ${TITLES[other]}`,
  aim,
  isLeast: true,
  figure: ({ turns }) => ratio(turns(workload, subject), turns(workload, other), 'rate'),
})

/** @param {SubjectName} other @param {number} aim @returns {Target} */
const batch = (other, aim) => ({
  what: `batch of ${BATCH}: sessions a second of ${TITLES.redis} / single reads of ${TITLES[other]}`,
  aim,
  isLeast: true,
  figure({ turns }) {
    const rates = ratio(turns(`batch of ${BATCH}`, 'redis'), turns('read small', other), 'rate')
    return rates === undefined ? undefined : rates * BATCH
  },
})

/** @param {string} workload @param {SubjectName} subject @returns {Target} */
const tail = (workload, subject) => ({
  what: `${workload}: p99 / p50 of ${TITLES[subject]} at half load`,
  aim: 3,
  figure({ waited }) {
    const times = waited(workload, subject)
    return times && times.p99 / times.p50
  },
})

const SIZES = /** @type {const} */ (['small', 'large'])

/** @type {readonly Target[]} */
const TARGETS = [
  cpu('read small', 'redis', 'bare', 1.9),
  cpu('read small', 'lmdb', 'bare', 1.7),
  cpu('patch small', 'redis', 'bare', 3.3),
  cpu('patch small', 'lmdb', 'bare', 3.3),
  cpu('read small', 'redisTokens', 'redis', 1.05),
  cpu('read small', 'lmdbTokens', 'lmdb', 1.05),
  {
    what: `patch small: the script of ${TITLES.redis}, µs`,
    aim: 14,
    figure: ({ turns }) => known(turns('patch small', 'redis').map(({ script }) => script)),
  },
  rate('read small', 'redis', 'express', 6),
  rate('patch small', 'redis', 'express', 2.8),
  batch('redis', 8),
  batch('webdis', 1),
  ...['read small', 'patch small'].flatMap((name) => [tail(name, 'redis'), tail(name, 'lmdb')]),
  // What a change may cost.
  ...SIZES.flatMap((size) =>
    ['read', 'patch'].flatMap((call) => [
      cpu(`${call} ${size}`, 'lmdb', 'lmdbBefore', 1.05),
      cpu(`${call} ${size}`, 'redis', 'redisBefore', 1.05),
    ]),
  ),
]

const whole = (/** @type {number} */ value) => Math.round(value).toLocaleString('en')
const tenths = (/** @type {number | undefined} */ value) => (value === undefined ? '' : value.toFixed(1))
const hundredths = (/** @type {number | undefined} */ value) => (value === undefined ? '' : value.toFixed(2))

/** @param {readonly Measured[]} turns */
const columnsOf = (turns) => [
  spread(
    turns.map(({ rate }) => rate),
    whole,
  ),
  tenths(known(turns.map(({ cpu }) => cpu))),
  tenths(known(turns.map(({ engine }) => engine))),
  tenths(known(turns.map(({ script }) => script))),
  `${whole(median(turns.map(({ busy }) => busy)) * 100)} %`,
]

/** @param {Figures} figures @returns {string} */
export const report = (figures) => {
  const { workloads, turns, waited } = figures
  const subjects = /** @type {SubjectName[]} */ (Object.keys(TITLES))
  const rows = workloads.flatMap(({ name }) =>
    subjects
      .filter((subject) => turns(name, subject).length > 0)
      .map((subject) => {
        const times = waited(name, subject)
        return [
          name,
          TITLES[subject],
          ...columnsOf(turns(name, subject)),
          hundredths(times?.p50),
          hundredths(times?.p99),
        ]
      }),
  )
  const targets = TARGETS.flatMap(({ what, aim, isLeast = false, figure }) => {
    const found = figure(figures)
    if (found === undefined) return []
    const isMet = isLeast ? found >= aim : found <= aim
    return [[what, `${isLeast ? 'at least' : 'at most'} ${aim}`, hundredths(found), isMet ? 'met' : '**missed**']]
  })
  const heads = ['answers a second', 'CPU, µs', 'of the engine', 'script', 'load', 'p50, ms', 'p99, ms']
  return `${table([['what', 'target', 'figure', ''], ...targets])}

${table([['workload', 'server', ...heads], ...rows])}
`
}
