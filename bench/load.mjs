// @ts-check
/**
 * The load, in a process of its own: told by a message what to ask of whom, it says how many answers it had in how many
 * seconds. Closed loop: each connection sends its next request when it has its answer. With a rate it is an open one
 * (`paced.mjs`), and says how long the answers took.
 */
import autocannon from 'autocannon'
import { askEvenly } from './paced.mjs'
import { requestsOf, statusesOf } from './workload.mjs'

/**
 * @typedef {object} Task
 * @property {string} url
 * @property {import('./workload.mjs').Workload} workload
 * @property {number} connections
 * @property {number} seconds
 * @property {import('./workload.mjs').Asked} asked
 * @property {number} [rate] how many a second to send, whether or not those before were answered
 */

/**
 * @typedef {object} Done
 * @property {number} answers with the status that they should have
 * @property {number} seconds
 * @property {number} busy how much of one core the load itself took, from 0 to about 1
 * @property {readonly number[]} times how long answers took, in ms, from the shortest; only where there was a rate
 * @property {string | null} fault what went wrong
 */

let turns = 0

/**
 * @param {Task} task
 * @param {(connection: number) => import('./workload.mjs').Request[]} requests
 * @param {readonly number[]} wanted
 */
const askAll = async ({ url, connections, seconds }, requests, wanted) => {
  let connection = 0
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    sampleInt: 50,
    setupClient: (client) => client.setRequests(requests(connection++)),
  })
  const statuses = Object.entries(result.statusCodeStats ?? {}).map(([status, { count = 0 }]) => ({
    status: Number(status),
    count,
  }))
  const answers = statuses.filter(({ status }) => wanted.includes(status)).reduce((sum, { count }) => sum + count, 0)
  const others = statuses.map(({ status }) => status).filter((status) => !wanted.includes(status))
  return { answers, seconds: result.duration, times: [], others, errors: result.errors }
}

/** @param {Task} task @returns {Promise<Done>} */
const run = async (task) => {
  const { workload, connections, asked, rate } = task
  const turn = turns++
  const cpu = process.cpuUsage()
  const requests = (/** @type {number} */ connection) => requestsOf(workload, turn, connection, connections, asked)
  const wanted = statusesOf(workload.call, asked.kind)
  const done = await (rate === undefined
    ? askAll(task, requests, wanted)
    : askEvenly({ ...task, rate }, requests, wanted))
  const { user, system } = process.cpuUsage(cpu)
  const faults = [
    ...(done.others.length > 0 ? [`answers with status ${done.others.join(', ')}`] : []),
    ...(done.errors > 0 ? [`${done.errors} connection errors`] : []),
  ]
  return {
    answers: done.answers,
    seconds: done.seconds,
    busy: (user + system) / 1e6 / done.seconds,
    times: done.times,
    fault: faults.length > 0 ? faults.join(' and ') : null,
  }
}

process.on('message', async (/** @type {Task} */ task) => {
  process.send?.(await run(task))
})
