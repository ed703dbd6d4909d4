/**
 * How long calls hold the event loop of this process: CPU time of its thread, turn by turn, so that neither what waits nor
 * what other processes do counts. The caller is a thread of its own.
 */
import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

/** CPU time of this thread so far, in ms; where the system does not tell it, that of the process. */
const threadMs = (): number => {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]) / 1e6
  } catch {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}

/** Sends bytes over a connection of its own and answers the status once the server has closed it. */
const CALLER = `
  const { connect } = require('node:net')
  const { parentPort } = require('node:worker_threads')
  parentPort.on('message', ({ port, bytes }) => {
    const socket = connect(port, '127.0.0.1')
    let head = ''
    socket.on('data', (data) => { if (head.length < 20) head += data.toString('latin1', 0, 20) })
    socket.on('error', () => {})
    socket.on('close', () => parentPort.postMessage(Number(head.slice(9, 12))))
    socket.write(bytes)
  })`

/** CPU time that `compute` takes on two quiet cores of the machine that the limits were set on, in ms. */
const QUIET_MS = 180

const compute = (): void => {
  for (let round = 0; round < 9; round++) {
    const numbers = Array.from({ length: 20_000 }, (_, i) => ({ name: `n${i}`, text: String(i * 7) }))
    JSON.parse(JSON.stringify(numbers))
  }
}

/** How many times slower this machine computes now: others may share its cores and caches. At least 1. */
export const slowness = (): number => {
  const before = threadMs()
  compute()
  return Math.max(1, (threadMs() - before) / QUIET_MS)
}

export type Hold = { readonly status: number; readonly ms: number }

export const createHoldMeter = () => {
  const worker = new Worker(CALLER, { eval: true })
  return {
    /** Calls with these bytes, which say \`Connection: close\`, and answers the longest turn that the loop made meanwhile. */
    async holdOf(port: number, bytes: Buffer): Promise<Hold> {
      let longest = 0
      let isOver = false
      let before = threadMs()
      const look = (): void => {
        const now = threadMs()
        longest = Math.max(longest, now - before)
        before = now
        if (!isOver) setImmediate(look)
      }
      const answered = new Promise<number>((resolve) => worker.once('message', resolve))
      worker.postMessage({ port, bytes })
      setImmediate(look)
      const status = await answered
      isOver = true
      look()
      return { status, ms: longest }
    },
    stop: () => worker.terminate(),
  }
}
