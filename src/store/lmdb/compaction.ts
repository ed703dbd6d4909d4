/**
 * Makes the data file anew, without its free pages, when it is opened after `reencrypt` has changed something: free pages hold
 * what was stored before. The new file takes the old one's name in one step. What a process leaves that ends meanwhile, the next
 * one removes (`backup.ts`).
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openEnvironment } from './environment.ts'
import { createMeta } from './meta.ts'
import type { Environment } from './tables.ts'

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}

/** Answers the environment that is open afterwards. The folder has to be ours alone. */
export const compactIfDue = async (folder: string, environment: Environment): Promise<Environment> => {
  if (!createMeta(environment.meta).isCompactionDue()) return environment
  const inside = join(folder, `backup.${randomBytes(8).toString('hex')}`)
  await mkdir(inside, { mode: 0o700 })
  try {
    await environment.root.backup(inside, true)
    await sync(join(inside, 'data.mdb'))
    await environment.root.close()
    await rename(join(inside, 'data.mdb'), join(folder, 'data.mdb'))
    await sync(folder)
  } finally {
    await rm(inside, { recursive: true, force: true })
  }
  const compacted = await openEnvironment(folder)
  compacted.root.transactionSync(() => createMeta(compacted.meta).putCompaction(false))
  return compacted
}
