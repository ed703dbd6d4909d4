/**
 * A port of 127.0.0.1 for a server that is started a moment later. Another process must not get the same one meanwhile, so it
 * is none that the system gives out by itself (Linux: from 32768 on); nor is any given twice by this process. Processes that run
 * at the same time draw from different hundreds, as long as one is enough.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

const LOWEST = 10_000
const HIGHEST = 32_000
const HUNDREDS = (HIGHEST - LOWEST) / 100
const OWN = LOWEST + (process.pid % HUNDREDS) * 100

/** @type {Set<number>} */
const given = new Set()

/** @param {number} port */
const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => {
      server.close()
      once(server, 'close').then(() => resolve(true))
    })
  })

/** @returns {Promise<number>} */
export const freePort = async () => {
  for (;;) {
    const [from, count] = given.size < 80 ? [OWN, 100] : [LOWEST, HIGHEST - LOWEST]
    const port = from + Math.floor(Math.random() * count)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) return port
  }
}
