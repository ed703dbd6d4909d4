// @ts-check
/**
 * The load, in a process of its own: told by a message what to ask of whom, it says how many answers it had in how many
 * seconds. Closed loop: each connection sends its next request when it has its answer.
 */
import autocannon from 'autocannon'
import { requestsOf, STATUS } from './workload.mjs'

/**
 * @typedef {object} Task
 * @property {string} url
 * @property {import('./workload.mjs').Workload} workload
 * @property {number} connections
 * @property {number} seconds
 * @property {Record<string, string>} [tokens]
 */

/**
 * @typedef {object} Done
 * @property {number} answers with the status that they should have
 * @property {number} seconds
 * @property {number} busy how much of one core the load itself took, from 0 to about 1
 * @property {string | null} fault what went wrong
 */

let turns = 0

/** @param {Task} task @returns {Promise<Done>} */
const run = async ({ url, workload, connections, seconds, tokens }) => {
  let connection = 0
  const turn = turns++
  const cpu = process.cpuUsage()
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    sampleInt: 50,
    setupClient: (client) => client.setRequests(requestsOf(workload, turn, connection++, connections, tokens)),
  })
  const { user, system } = process.cpuUsage(cpu)
  const wanted = /** @type {const} */ (`${STATUS[workload.call]}`)
  const statuses = result.statusCodeStats ?? {}
  const others = Object.keys(statuses).filter((status) => status !== wanted)
  const faults = [
    ...(others.length > 0 ? [`answers with status ${others.join(', ')}`] : []),
    ...(result.errors > 0 ? [`${result.errors} connection errors`] : []),
  ]
  return {
    answers: statuses[wanted]?.count ?? 0,
    seconds: result.duration,
    busy: (user + system) / 1e6 / result.duration,
    fault: faults.length > 0 ? faults.join(' and ') : null,
  }
}

process.on('message', async (/** @type {Task} */ task) => {
  process.send?.(await run(task))
})
