// @ts-check
/**
 * An open loop: so many requests a second, sent in small lots each millisecond, each on a connection that waits for none. The time
 * of an answer counts from when its request was to be sent, whether or not a connection was free. It is written on bare sockets, for what it measures takes less than a
 * client of HTTP does.
 */
import { once } from 'node:events'
import { connect } from 'node:net'

const HEAD = /^HTTP\/1\.1 (\d{3})[\s\S]*?\r\n\r\n/
const LENGTH = /\r\ncontent-length: *(\d+)/i

/** @param {import('./workload.mjs').Request} request */
const bytesOf = ({ method, path, headers, body = '' }) => {
  const lines = Object.entries({ host: 'bench', ...headers, 'content-length': `${body.length}` })
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** A connection that asks its requests in turn, one at a time. @param {string} url @param {import('./workload.mjs').Request[]} requests */
const openConnection = async (url, requests) => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.setNoDelay(true)
  const texts = requests.map(bytesOf)
  let asked = 0
  let got = ''
  /** @type {(status: number) => void} */
  let settle = () => {}
  socket.setEncoding('latin1')
  socket.on('data', (data) => {
    got += data
    const [head, status] = HEAD.exec(got) ?? []
    if (head === undefined || got.length < head.length + Number(LENGTH.exec(head)?.[1] ?? 0)) return
    got = ''
    settle(Number(status))
  })
  // What is not answered has no status.
  socket.on('error', () => {}).on('close', () => settle(0))
  return {
    /** @param {(status: number) => void} done */
    ask(done) {
      settle = done
      socket.write(texts[asked++ % texts.length] ?? '')
    },
    close: () => socket.destroy(),
  }
}

/**
 * @param {{ url: string, connections: number, seconds: number, rate: number }} task
 * @param {(connection: number) => import('./workload.mjs').Request[]} requests
 * @param {readonly number[]} wanted
 */
export const askEvenly = async ({ url, connections, seconds, rate }, requests, wanted) => {
  const idle = await Promise.all(Array.from({ length: connections }, (_, i) => openConnection(url, requests(i))))
  const all = [...idle]
  /** When those that no connection was free for were due. @type {number[]} */
  const waiting = []
  /** @type {number[]} */
  const times = []
  /** @type {Set<number>} */
  const others = new Set()
  const started = performance.now()
  let due = 0

  const send = () => {
    while (idle.length > 0 && waiting.length > 0) {
      const connection = /** @type {typeof all[number]} */ (idle.pop())
      const since = /** @type {number} */ (waiting.shift())
      connection.ask((status) => {
        if (wanted.includes(status)) times.push(performance.now() - since)
        else others.add(status)
        idle.push(connection)
        send()
      })
    }
  }
  await new Promise((resolve) => {
    const tick = setInterval(() => {
      const elapsed = performance.now() - started
      for (; due < (Math.min(elapsed, seconds * 1000) * rate) / 1000; due++) waiting.push(performance.now())
      send()
      if (elapsed < seconds * 1000 || waiting.length > 0 || idle.length < all.length) return
      clearInterval(tick)
      resolve(undefined)
    }, 1)
  })
  for (const connection of all) connection.close()
  const took = (performance.now() - started) / 1000
  return { answers: times.length, seconds: took, times: times.sort((a, b) => a - b), others: [...others], errors: 0 }
}
