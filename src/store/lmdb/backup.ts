/**
 * A consistent copy of the store while it is in use. LMDB writes it in a thread, from one snapshot and without the free pages,
 * into a folder `backup.<16 hex digits>` beside the data. From there it is read, because a snapshot that waited for a slow
 * reader would keep LMDB from using freed pages again. The file has no name any more when it is read, so nothing is left of it
 * if the reader or this process ends. What a process left that ended earlier, the next one removes.
 */
import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Backup, StoreFull, StoreUnavailable } from '../port.ts'
import { usedBytes } from './environment.ts'
import type { Space } from './space.ts'
import type { Environment } from './tables.ts'

type Parts = { readonly environment: Environment; readonly folder: string; readonly space: Space }

const UNFINISHED = /^backup\.[0-9a-f]{16}$/
const CHUNK_BYTES = 256 * 1024
/** ENOSPC, EDQUOT and EFBIG, as the system names them in its messages. */
const NO_ROOM = /no space left|quota exceeded|file too large/i

/** Removes what a process has left that ended while it made a backup. The folder has to be ours. */
export const removeUnfinished = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (UNFINISHED.test(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Reads it to its end. It is closed before the last piece is handed on: whoever has that piece may ask for the next backup. */
async function* piecesOf(file: FileHandle, bytes: number, close: () => Promise<void>): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, at)
    if (bytesRead === 0) throw new StoreUnavailable('The copy of the store has become shorter.')
    at += bytesRead
    if (at >= bytes) await close()
    yield buffer.subarray(0, bytesRead)
  }
}

export const createBackup = ({ environment, folder, space }: Parts) => {
  let isBusy = false
  let making: Promise<unknown> = Promise.resolve()

  /** A file that is open and has no name any more. */
  const copy = async () => {
    const { freeBytes } = await space.measure()
    if (freeBytes - usedBytes(environment) < space.reserveBytes) throw new StoreFull()
    const inside = join(folder, `backup.${randomBytes(8).toString('hex')}`)
    await mkdir(inside, { mode: 0o700 })
    try {
      await environment.root.backup(inside, true)
      return await open(join(inside, 'data.mdb'), 'r')
    } catch (cause) {
      if (NO_ROOM.test((cause as Error).message)) throw new StoreFull(undefined, { cause })
      throw new StoreUnavailable('The store could not be copied.', { cause })
    } finally {
      space.doubt()
      await rm(inside, { recursive: true, force: true })
    }
  }

  return {
    make: async (): Promise<Backup> => {
      if (isBusy) return { state: 'busy' }
      isBusy = true
      try {
        const copying = copy()
        making = copying.catch(() => {})
        const file = await copying
        const { size } = await file.stat()
        let isOpen = true
        const close = async (): Promise<void> => {
          if (!isOpen) return
          isOpen = false
          isBusy = false
          await file.close().catch(() => {})
        }
        const read = Readable.from(piecesOf(file, size, close), { objectMode: false })
        read.once('close', close)
        return { state: 'made', bytes: size, read }
      } catch (error) {
        isBusy = false
        throw error
      }
    },

    /** LMDB must not be closed under a copy. */
    settled: async (): Promise<void> => {
      await making
    },
  }
}
