/** What a Redis was asked to do, as Redis itself tells: in sum, or one command after the other. */
import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import type { RedisServer } from './redis-server.ts'

/** What a replica asks each second, whether or not anybody calls. */
const BEATS = new Set(['TIME', 'ROLE'])

/** What the helper itself sends, and ioredis when it connects. */
const OURS = new Set(['config|resetstat', 'info', 'client|setinfo', 'hello', 'select'])

const withAdmin = async <T>(server: RedisServer, use: (admin: Redis) => Promise<T>): Promise<T> => {
  const admin = new Redis(server.port)
  try {
    return await use(admin)
  } finally {
    admin.disconnect()
  }
}

export const resetCommands = (server: RedisServer): Promise<unknown> =>
  withAdmin(server, (admin) => admin.config('RESETSTAT'))

/** How often each command ran since `resetCommands`, those within scripts included; but for TIME and ROLE. */
export const counted = (server: RedisServer): Promise<Record<string, number>> =>
  withAdmin(server, async (admin) => {
    const stats = await admin.info('commandstats')
    const calls = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name, n]) => [String(name), Number(n)])
    return Object.fromEntries(
      calls.filter(([name]) => !OURS.has(String(name)) && !BEATS.has(String(name).toUpperCase())),
    )
  })

/** One command that a client sent, and, if it is a script, the commands that it ran. */
export type Sent = { readonly command: string; readonly ran: string[] }

export type Watch = {
  /** Everything that clients sent while `work` was done, in order. */
  during(work: () => Promise<unknown>): Promise<Sent[]>
  stop(): void
}

const LINE = /^\+[\d.]+ \[\d+ ([^\]]+)\] "([^"]*)"(?: "((?:[^"\\]|\\.)*)")?/

/** Watches by MONITOR, which tells what a client sent from what a script ran. It shows no CONFIG, no AUTH. */
export const watchCommands = async (server: RedisServer): Promise<Watch> => {
  const admin = new Redis(server.port)
  const socket = connect(server.port, '127.0.0.1')
  const marks = new EventEmitter()
  let sent: Sent[] = []
  let last = 0

  createInterface({ input: socket }).on('line', (line) => {
    const [, source, command = '', argument = ''] = LINE.exec(line) ?? []
    const name = command.toUpperCase()
    if (name === 'ECHO') marks.emit(argument)
    else if (source === 'lua') sent.at(-1)?.ran.push(name)
    else if (source !== undefined && !BEATS.has(name)) sent.push({ command: name, ran: [] })
  })
  socket.write('MONITOR\r\n')

  /** All that came before this is told before it. */
  const mark = async (): Promise<void> => {
    const name = `mark ${++last}`
    await Promise.all([once(marks, name), admin.echo(name)])
  }

  return {
    async during(work) {
      await mark()
      sent = []
      await work()
      await mark()
      const all = sent
      sent = []
      return all
    },
    stop() {
      socket.destroy()
      admin.disconnect()
    },
  }
}
