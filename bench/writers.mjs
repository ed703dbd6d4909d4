// @ts-check
/**
 * Writers, in a process of their own: so many patches a second, evenly, whether or not those before were answered. Each
 * puts in the time at which it was sent.
 */
import { Agent, request } from 'node:http'
import { API_KEY, settingsPath } from './workload.mjs'

/**
 * @typedef {{ port: number, ids: string[], rate: number, seconds: number, bytes: number }} Writing bytes: of a value beside the time
 * @typedef {{ sent: number, acknowledged: number, seconds: number }} Written until all were answered
 */

const TICK_MS = 5
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** @param {number} port @param {string} id @param {string} filling @returns {Promise<boolean>} whether it was written */
const patch = (port, id, filling) =>
  new Promise((resolve) => {
    const t = Number(process.hrtime.bigint() / 1000n) / 1000
    // Another text each time: what stays as it was is not told.
    const body = filling === '' ? `{"t":${t}}` : `{"t":${t},"big":"${t}${filling}"}`
    const headers = {
      authorization: `Bearer ${API_KEY}`,
      'content-type': 'application/json',
      'content-length': body.length,
    }
    const outgoing = request({ host: '127.0.0.1', port, path: settingsPath(id), method: 'PATCH', agent, headers })
    outgoing.once('response', (incoming) => {
      incoming.resume()
      incoming.once('end', () => resolve(incoming.statusCode === 204))
    })
    outgoing.once('error', () => resolve(false))
    outgoing.end(body)
  })

/** @param {Writing} task @returns {Promise<Written>} */
const write = async ({ port, ids, rate, seconds, bytes }) => {
  const filling = 'x'.repeat(bytes)
  /** @type {Promise<boolean>[]} */
  const sent = []
  const started = performance.now()
  await new Promise((done) => {
    const tick = () => {
      const elapsed = performance.now() - started
      const due = Math.min(elapsed, seconds * 1000) * (rate / 1000)
      while (sent.length < due) sent.push(patch(port, ids[sent.length % ids.length] ?? '', filling))
      if (elapsed < seconds * 1000) setTimeout(tick, TICK_MS)
      else done(undefined)
    }
    tick()
  })
  const answers = await Promise.all(sent)
  return {
    sent: sent.length,
    acknowledged: answers.filter(Boolean).length,
    seconds: (performance.now() - started) / 1000,
  }
}

process.on('message', async (/** @type {Writing} */ task) => {
  process.send?.(await write(task))
})
