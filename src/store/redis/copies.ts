/**
 * Writes that enough replicas of Redis must have (durability `replicated`). They go to each server by a connection of their
 * own: WAIT holds whatever comes after it on its connection, and it counts what that connection has written. What is asked
 * for while one WAIT is under way is sent after it, and shares the next.
 *
 * A command may have nothing to write, as the end of what is gone already has. So the script `again` follows each on the same
 * connection, and writes the command's key once more: then WAIT speaks of what is there, whoever wrote it.
 */
import { createHash } from 'node:crypto'
import { runningTime } from '../../running-time.ts'
import { within } from '../within.ts'
import type { Connection, Say } from './connection.ts'
import { type Arg, packArgs, scriptTexts } from './scripts.ts'

/** A key of ours. */
type Key = string | Buffer

/** What was sent: its answer, and on how many replicas it then was. The second never rejects: nobody knows is none. */
export type Copied = { readonly answer: Promise<unknown>; readonly copies: Promise<number> }

export type Copies = {
  /** As `Connection.send`; `key` is the command's, and has a time to live. */
  send(key: Key, by: number, command: string, args: readonly Arg[], asking?: boolean): Copied
  close(): void
}

/** So long a WAIT takes at most. A call may have to wait for the end of another one first, and each call has two seconds. */
const WAIT_MS = 500

const { again } = scriptTexts()
const SHA = createHash('sha1').update(again).digest('hex')
const ARGS = packArgs('again', 0, {})

/** Lets a server know the script, for the greeting of a connection. It touches nothing. */
export const teachAgain = (say: Say): Promise<unknown> => say('EVAL', again, 0, ARGS)

/** What shares a WAIT. */
type Batch = { readonly calls: (() => void)[]; readonly copies: Promise<number>; settle(copies: number): void }

const newBatch = (): Batch => {
  let settle: Batch['settle'] = () => {}
  const copies = new Promise<number>((resolve) => {
    settle = resolve
  })
  return { calls: [], copies, settle }
}

export const createCopies = (connection: Connection, needed: number): Copies => {
  let gathered = newBatch()
  let isUnderWay = false

  const flush = async (): Promise<void> => {
    const batch = gathered
    gathered = newBatch()
    for (const call of batch.calls) call()
    const waited = connection.send(runningTime() + 2 * WAIT_MS, 'wait', [needed, WAIT_MS])
    batch.settle(await waited.then(Number, () => 0))
    if (gathered.calls.length > 0) void flush()
    else isUnderWay = false
  }

  const sendBoth = (key: Key, by: number, command: string, args: readonly Arg[], asking: boolean) => {
    const answer = connection.send(by, command, args, asking)
    const isWritten = connection.send(by, 'EVALSHA', [SHA, 1, key, ARGS], asking).then(
      () => true,
      (error: Error) => {
        if (error.message.startsWith('NOSCRIPT')) connection.doubt()
        return false
      },
    )
    return { answer, isWritten }
  }

  return {
    send(key, by, command, args, asking = false) {
      const { calls, copies } = gathered
      const sent = new Promise<ReturnType<typeof sendBoth>>((resolve) => {
        calls.push(() => resolve(sendBoth(key, by, command, args, asking)))
      })
      if (!isUnderWay) {
        isUnderWay = true
        setImmediate(() => void flush())
      }
      const counted = sent.then(async ({ isWritten }) => ((await isWritten) ? copies : 0))
      // Whoever asks waits no longer than that.
      const leftMs = Math.min(by - runningTime(), 3 * WAIT_MS)
      return { answer: sent.then(({ answer }) => answer), copies: within(counted, leftMs).catch(() => 0) }
    },
    close: () => connection.close(),
  }
}
