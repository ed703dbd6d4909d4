/**
 * Writes a file that was not there before, for its owner alone. It gets its name when it is whole and on the disk. Until then
 * it is `<name>.<16 hex digits>.part` beside it, which is removed if anything fails or the process is told to end.
 */
import { randomBytes } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { OperatorError } from './command.ts'

const PRIVATE = 0o600
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const taken = (path: string): OperatorError =>
  new OperatorError(`${path} is there already, and nothing is overwritten: name another file.`)

/** Throws OperatorError if there is something of this name. */
export const refuseExisting = (path: string): void => {
  if (existsSync(path)) throw taken(path)
}

const reason = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}

/** Takes the name, so that it is surely new. */
const claimName = async (path: string): Promise<void> => {
  try {
    await (await open(path, 'wx', PRIVATE)).close()
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken(path) : error
  }
}

/** @param bytes how many there have to be. Throws OperatorError. */
export const writeNewFile = async (path: string, from: Readable, bytes: number): Promise<void> => {
  const part = `${path}.${randomBytes(8).toString('hex')}.part`
  const ending = new AbortController()
  const stop = (): void => ending.abort()
  for (const name of SIGNALS) process.once(name, stop)
  try {
    const file = createWriteStream(part, { flags: 'wx', mode: PRIVATE, flush: true })
    await pipeline(from, file, { signal: ending.signal })
    if (file.bytesWritten !== bytes)
      throw new OperatorError(`It broke off after ${file.bytesWritten} of ${bytes} bytes.`)
    await claimName(path)
    await rename(part, path)
    const folder = await open(dirname(path), 'r')
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    if (error instanceof OperatorError) throw error
    if (ending.signal.aborted) throw new OperatorError('It was stopped; nothing was kept.')
    throw new OperatorError(`${path} could not be written (${reason(error)}); nothing was kept.`)
  } finally {
    for (const name of SIGNALS) process.off(name, stop)
    await rm(part, { force: true })
  }
}
