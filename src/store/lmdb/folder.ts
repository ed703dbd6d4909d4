/** The folder that a store lives in. */
import { accessSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * Makes the folder, open to its owner alone. A folder that is there keeps its mode, since somebody may have chosen it.
 * Answers the absolute path without links. Throws an Error for the operator.
 */
export const prepareFolder = (path: string): string => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return realpathSync(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`The folder ${resolve(path)} can't be used (${reason}). Name one that this process may write.`, {
      cause: error,
    })
  }
}

/** Whether any user of this machine may enter the folder. The files in it are closed to them in any case. */
export const isOpenToOthers = (folder: string): boolean => (statSync(folder).mode & 0o007) !== 0
