// @ts-check
/**
 * Readers of events, in a process of their own and with as little work as can be: a socket each, and of what comes only
 * the time that its writer put in. Told by messages what to do, it answers each.
 */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { API_KEY } from './workload.mjs'

/**
 * @typedef {{ do: 'open', port: number, ids: string[], reads: boolean }} Open
 * @typedef {{ do: 'collect' }} Collect what came since the last time
 * @typedef {{ do: 'read' }} Read those that did not read do so now, which is how they find out that they were cut off
 * @typedef {{ do: 'close' }} Close
 * @typedef {Open | Collect | Read | Close} Task
 * @typedef {{ open: number, refused: number }} Opened refused: with 503, since the start
 * @typedef {{ latencies: number[], snapshots: number }} Collected latencies in ms
 */

const AT_ONCE = 50
const HEAD_END = '\r\n\r\n'

/** @type {Set<import('node:net').Socket>} */
const sockets = new Set()
/** @type {number[]} */
let latencies = []
let snapshots = 0
let received = 0
let refused = 0

/** One clock for all processes of a machine, in ms. */
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000

/** @param {string} block */
const take = (block) => {
  if (block.startsWith('event: snapshot')) snapshots += 1
  const sent = /"t":([\d.]+)/.exec(block)?.[1]
  if (block.startsWith('event: change') && sent !== undefined) latencies.push(now() - Number(sent))
}

/** Opens a stream, as often as it takes; settles when its first event is there. @param {number} port @param {string} id @param {boolean} reads @returns {Promise<void>} */
const open = (port, id, reads) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    sockets.add(socket)
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.once('close', () => sockets.delete(socket))
    socket.write(`GET /v1/sessions/${id}/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${API_KEY}\r\n\r\n`)
    let text = ''
    let isOpen = false
    // The lines of chunked encoding stand between the events, and end none.
    socket.on('data', (/** @type {string} */ piece) => {
      received += piece.length
      const blocks = (text + piece.replaceAll(/(^|\r\n)[\da-f]+\r\n/g, '').replace(/\r\n$/, '')).split('\n\n')
      text = blocks.pop() ?? ''
      if (!isOpen && blocks.some((block) => block.includes('event: snapshot'))) {
        isOpen = true
        resolve()
        if (!reads) socket.pause()
      }
      for (const block of blocks) take(block)
    })
    socket.once('data', (/** @type {string} */ head) => {
      if (head.startsWith('HTTP/1.1 503')) {
        // The service has too much to do just now, and said when to come back.
        refused += 1
        socket.destroy()
        resolve(sleep(1000).then(() => open(port, id, reads)))
      } else if (!head.startsWith('HTTP/1.1 200')) reject(new Error(head.slice(0, head.indexOf(HEAD_END))))
    })
  })

/** @param {Open} task @returns {Promise<Opened>} */
const openAll = async ({ port, ids, reads }) => {
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => open(port, id, reads)))
  }
  return { open: sockets.size, refused }
}

/** @returns {Collected} */
const collect = () => {
  const collected = { latencies, snapshots }
  latencies = []
  snapshots = 0
  return collected
}

/** @returns {Promise<Opened>} */
const read = async () => {
  for (const socket of sockets) socket.resume()
  for (let before = -1; before !== received; ) {
    before = received
    await sleep(1000)
  }
  return { open: sockets.size, refused }
}

/** @returns {Promise<Opened>} */
const close = async () => {
  const all = [...sockets]
  await Promise.all(all.map((socket) => new Promise((closed) => socket.once('close', closed).destroy())))
  return { open: sockets.size, refused }
}

/** @param {Task} task */
const run = (task) => {
  if (task.do === 'open') return openAll(task)
  if (task.do === 'read') return read()
  return task.do === 'close' ? close() : collect()
}

process.on('message', async (/** @type {Task} */ task) => {
  process.send?.(await run(task))
})
