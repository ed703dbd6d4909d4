/** Opens the LMDB environment in a folder, with the store's databases, and makes sure that it can be read. */
import { accessSync, chmodSync, constants, existsSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb'
import { unpack } from './codec.ts'
import { inspectDataFile } from './data-file.ts'

export type Table = Database<Buffer, Buffer>

export type Environment = {
  readonly root: RootDatabase
  readonly sessions: Table
  readonly expiries: Table
  readonly lapses: Table
  readonly outcomes: Table
  readonly meta: Table
}

const FILES = ['data.mdb', 'lock.mdb'] as const
const PRIVATE = 0o600
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const

/** Throws an Error for the operator, which names the folder and says what is wrong with it. */
export const openEnvironment = (folder: string): Environment => {
  try {
    return openFiles(folder)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `The store in ${folder} can't be opened: ${reason}. Make sure that this process may read and write the folder; if ` +
        'its data.mdb is damaged, restore it from a backup, or move it away to begin with an empty store.',
      { cause: error },
    )
  }
}

const openFiles = (folder: string): Environment => {
  const file = join(folder, 'data.mdb')
  const found = inspectDataFile(file)
  for (const name of FILES) makePrivate(join(folder, name))
  const isShort = found !== null && found.length < found.whole
  // What lies beyond the end of a mapped file can't be looked at without being killed; zeros can.
  if (isShort) truncateSync(file, found.whole)
  const environment = openDatabases(folder)
  if (isShort) {
    try {
      readAll(environment)
    } catch (error) {
      void environment.root.close()
      truncateSync(file, found.length)
      throw new Error('data.mdb is damaged, its end is missing', { cause: error })
    }
  }
  return environment
}

const openDatabases = (folder: string): Environment => {
  const options: RootDatabaseOptionsWithPath & { permissionsMode: number } = {
    path: folder,
    // Without it LMDB takes a folder with a dot in its name for a file.
    noSubdir: false,
    permissionsMode: PRIVATE,
    // A commit is answered when it is on the disk, and needs nothing more than LMDB's two meta pages to be found again.
    overlappingSync: false,
    // One transaction at a time is asked for (`batches.ts`). Batching by turns would make a promise for each that nobody
    // can handle, which ends the process when a commit fails.
    eventTurnBatching: false,
    ...BINARY,
  }
  const root = open<Buffer, Buffer>(options)
  const table = (name: string): Table => root.openDB<Buffer, Buffer>(name, BINARY)
  return {
    root,
    sessions: table('sessions'),
    expiries: table('expiries'),
    lapses: table('lapses'),
    outcomes: table('outcomes'),
    meta: table('meta'),
  }
}

/** Files that a backup brought back, or another umask made, are closed to others; and they have to be ours to write. */
const makePrivate = (file: string): void => {
  if (!existsSync(file)) return
  accessSync(file, constants.R_OK | constants.W_OK)
  if ((statSync(file).mode & 0o777) !== PRIVATE) chmodSync(file, PRIVATE)
}

/** Touches every page in use, and throws at the first that is none. */
const readAll = ({ sessions, expiries, lapses, outcomes, meta }: Environment): void => {
  for (const table of [expiries, lapses, outcomes, meta]) for (const _ of table.getRange({}));
  for (const { value } of sessions.getRange({})) unpack(value)
}
