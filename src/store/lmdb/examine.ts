/**
 * Looks at the folder of an embedded store for the doctor. It opens no database and changes nothing, so that it can look
 * beside a service that runs. It never rejects.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Examined, Finding } from '../finding.ts'
import { inspectDataFile } from './data-file.ts'
import { behindFinding, folderFindings, spaceFinding } from './folder-checks.ts'
import { findOwner } from './owner.ts'
import { freeBytesOf, RESERVE_BYTES } from './space.ts'

export type ExamineFolderOptions = {
  readonly path: string
  /** This machine's time in ms. */
  readonly clock?: () => number
}

const FILE = 'data.mdb'

/** The nearest folder above that is there. */
const ancestorOf = (path: string): string => (existsSync(path) ? path : ancestorOf(dirname(path)))

const mayUse = (path: string): string | undefined => {
  try {
    if (!statSync(path).isDirectory()) return 'ENOTDIR'
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'no reason given'
  }
}

const unusable = (where: string, folder: string, why: string): Finding => ({
  check: 'folder-unusable',
  level: 'stops',
  where,
  found: `This process may not write in ${folder} (${why}).`,
  todo: 'Run this as the user of the service. If it is that user, give it the folder: chown, or another folder.',
})

const ownerFinding = (folder: string): Finding[] => {
  const [user, { uid }] = [process.getuid?.(), statSync(folder)]
  if (user === undefined || user === uid) return []
  const found = `The folder belongs to the user ${uid}, and this is the user ${user}.`
  return [{ check: 'folder-owner', level: 'note', where: folder, found, todo: 'Run this as the user of the service.' }]
}

const fileFindings = (folder: string, clock: () => number): Finding[] => {
  const file = join(folder, FILE)
  try {
    if (inspectDataFile(file) === null) return []
    return behindFinding(folder, statSync(file).mtimeMs - clock())
  } catch (error) {
    const found = `${FILE} cannot be opened: ${(error as Error).message}.`
    const todo = 'Restore it from a backup, or move it away to begin with an empty store.'
    return [{ check: 'data-file', level: 'stops', where: file, found, todo }]
  }
}

const whoHas = (folder: string, pid: number): Finding => ({
  check: 'folder-in-use',
  level: 'note',
  where: folder,
  found: `A service has the folder open (pid ${pid}, as that one sees itself).`,
  todo: 'Nothing, if it is the one that you look at. A second one cannot use the folder.',
})

export const examineFolder = async ({ path, clock = Date.now }: ExamineFolderOptions): Promise<Examined> => {
  const folder = resolve(path)
  const nearest = ancestorOf(folder)
  const why = mayUse(nearest)
  if (why !== undefined) return { looked: [`${folder}: not to be used`], findings: [unusable(folder, nearest, why)] }
  if (nearest !== folder) return { looked: [`${folder}: made at the first start`], findings: [] }
  const freeBytes = await freeBytesOf(folder)
  const pid = await findOwner(folder)
  return {
    looked: [`${folder}: ${pid === undefined ? 'no service has it open' : 'a service has it open'}`],
    findings: [
      ...spaceFinding(folder, { freeBytes, isLow: freeBytes < RESERVE_BYTES }, RESERVE_BYTES),
      ...(await folderFindings(folder)),
      ...ownerFinding(folder),
      ...fileFindings(folder, clock),
      ...(pid === undefined ? [] : [whoHas(folder, pid)]),
    ],
  }
}
