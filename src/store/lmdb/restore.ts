/**
 * Makes a store of a backup: in a folder that holds none and that nobody uses. The data are put together in a folder
 * `restore.<16 hex digits>` inside and get their name at the end, in one step that replaces nothing. So a restore that breaks
 * off leaves no store that looks whole. What it left, the next one removes.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { link, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Store } from '../port.ts'
import type { Encryption } from '../sealing/encryption.ts'
import { inspectDataFile } from './data-file.ts'
import { prepareFolder } from './folder.ts'
import { claimFolder, isOwnerSocket } from './owner.ts'
import { openLmdbStore } from './store.ts'

export type RestoreOptions<Result> = {
  /** The backup. */
  readonly file: string
  /** The folder; made if it is not there. */
  readonly path: string
  /** Gets the store before anybody else does; it is closed afterwards. */
  readonly prepare: (store: Store) => Promise<Result>
  /** The keys of a backup that is encrypted. */
  readonly encryption?: Encryption | undefined
}

const UNFINISHED = /^restore\.[0-9a-f]{16}$/
/** What a folder may hold that is new: the API key of a first start, and what a file system puts into its root. */
const HARMLESS = ['authorization.header', 'lost+found']

/** Throws an Error for the operator. */
const checkBackup = (file: string): void => {
  const bad = (why: string, cause?: unknown): Error => new Error(`${file} is no whole backup: ${why}.`, { cause })
  let found: ReturnType<typeof inspectDataFile>
  try {
    found = inspectDataFile(file, 'r')
  } catch (error) {
    throw bad((error as Error).message, error)
  }
  if (found === null) throw bad('it is missing or empty')
  if (found.length < found.whole) throw bad(`it has ${found.length} bytes of ${found.whole}`)
}

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/** Rejects with an Error for the operator: no whole backup, a folder that is in use or not empty. */
export const restoreLmdbStore = async <Result>({
  file,
  path,
  prepare,
  encryption,
}: RestoreOptions<Result>): Promise<Result> => {
  checkBackup(file)
  const folder = prepareFolder(path)
  const claim = await claimFolder(folder)
  const inside = join(folder, `restore.${randomBytes(8).toString('hex')}`)
  try {
    const others = (await readdir(folder)).filter((name) => !HARMLESS.includes(name) && !isOwnerSocket(name))
    const unfinished = others.filter((name) => UNFINISHED.test(name))
    if (others.length > unfinished.length) {
      throw new Error(
        `The folder ${folder} is not empty. A backup is restored into an empty folder only: move what is there away, or name another one.`,
      )
    }
    for (const name of unfinished) await rm(join(folder, name), { recursive: true, force: true })
    await mkdir(inside, { mode: 0o700 })
    const data = join(inside, 'data.mdb')
    await pipeline(createReadStream(file), createWriteStream(data, { flags: 'wx', mode: 0o600, flush: true }))
    const store = await openLmdbStore({ path: inside, ...(encryption && { encryption }) })
    const result = await prepare(store).finally(() => store.close())
    // Unlike a rename it fails if a store is there.
    await link(data, join(folder, 'data.mdb'))
    await syncFolder(folder)
    return result
  } finally {
    await rm(inside, { recursive: true, force: true })
    await claim.release()
  }
}
