/** Opens the LMDB environment in a folder, with the store's databases, and makes sure that it can be read. */
import { accessSync, chmodSync, constants, existsSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb'
import { checkForm } from './codec.ts'
import { inspectDataFile } from './data-file.ts'
import { createMeta } from './meta.ts'
import type { Environment, Table } from './tables.ts'

const FILES = ['data.mdb', 'lock.mdb'] as const
const PRIVATE = 0o600
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const

/** Rejects with an Error for the operator, which names the folder and says what is wrong with it. */
export const openEnvironment = async (folder: string): Promise<Environment> => {
  try {
    return await openFiles(folder)
  } catch (error) {
    throw cannotOpen(folder, error)
  }
}

export const cannotOpen = (folder: string, cause: unknown): Error => {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(
    `The store in ${folder} can't be opened: ${reason}. Make sure that this process may read and write the folder, and ` +
      'that its disk has room; if its data.mdb is damaged, restore it from a backup, or move it away to begin with an ' +
      'empty store.',
    { cause },
  )
}

const openFiles = async (folder: string): Promise<Environment> => {
  const file = join(folder, 'data.mdb')
  const found = inspectDataFile(file)
  for (const name of FILES) makePrivate(join(folder, name))
  const isShort = found !== null && found.length < found.whole
  // Reading a page beyond the end of a mapped file kills the process; the file is made longer by zeros.
  if (isShort) truncateSync(file, found.whole)
  const root = openRoot(folder)
  try {
    const environment = openTables(root)
    createMeta(environment.meta).checkLayout()
    if (isShort) readAll(environment)
    return environment
  } catch (error) {
    await root.close()
    if (!isShort) throw error
    truncateSync(file, found.length)
    throw new Error('data.mdb is damaged, its end is missing', { cause: error })
  }
}

const openRoot = (folder: string): RootDatabase => {
  const options: RootDatabaseOptionsWithPath & { permissionsMode: number } = {
    path: folder,
    // Without it LMDB takes a folder with a dot in its name for a file.
    noSubdir: false,
    permissionsMode: PRIVATE,
    // A commit is answered once it is on the disk; LMDB's two meta pages are enough to find it again.
    overlappingSync: false,
    // `batches.ts` asks for one transaction at a time. lmdb-js's own batching would make a promise for each transaction that
    // no code can handle, and a commit that fails would then end the process.
    eventTurnBatching: false,
    ...BINARY,
  }
  return open<Buffer, Buffer>(options)
}

const openTables = (root: RootDatabase): Environment => {
  const table = (name: string): Table => root.openDB<Buffer, Buffer>(name, BINARY)
  return {
    root,
    sessions: table('sessions'),
    expiries: table('expiries'),
    lapses: table('lapses'),
    outcomes: table('outcomes'),
    secrets: table('secrets'),
    handoffs: table('handoffs'),
    listings: table('listings'),
    meta: table('meta'),
  }
}

/** Closes a file to other users (a backup or another umask may have opened it), and throws unless this process may write it. */
const makePrivate = (file: string): void => {
  if (!existsSync(file)) return
  accessSync(file, constants.R_OK | constants.W_OK)
  if ((statSync(file).mode & 0o777) !== PRIVATE) chmodSync(file, PRIVATE)
}

/** Reads every page in use, and throws at the first that is damaged. */
const readAll = ({ root: _, sessions, ...others }: Environment): void => {
  for (const table of Object.values(others)) for (const _ of table.getRange({}));
  for (const { value } of sessions.getRange({})) checkForm(value)
}

type TreeStats = { treeBranchPageCount: number; treeLeafPageCount: number; overflowPages: number; entryCount: number }
type Stats = TreeStats & { root: TreeStats; free: TreeStats; lastPageNumber: number; pageSize: number }

const META_PAGES = 2

/** What LMDB tells of a table and of the file; lmdb-js leaves it untyped. */
const statsOf = (table: Table): Stats => table.getStats() as Stats

const pagesOf = (tree: TreeStats): number => tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages

export const countEntries = (table: Table): number => statsOf(table).entryCount

const measure = ({ root: _, ...all }: Environment) => {
  const tables = Object.values(all).map(statsOf)
  const { root, free, lastPageNumber, pageSize } = tables[0] as Stats
  const used = [...tables, root, free].reduce((pages, tree) => pages + pagesOf(tree), META_PAGES)
  return { usedBytes: used * pageSize, reusableBytes: (lastPageNumber + 1 - used) * pageSize }
}

/** How many bytes of the file are in free pages. */
export const reusableBytes = (environment: Environment): number => measure(environment).reusableBytes

/** How many bytes a copy without the free pages has. */
export const usedBytes = (environment: Environment): number => measure(environment).usedBytes
