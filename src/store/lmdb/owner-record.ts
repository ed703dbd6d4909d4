/** The owner of the folder, as the folder's database names it. */
import type { RootDatabase } from 'lmdb'
import { createBatches } from './batches.ts'
import type { Meta } from './meta.ts'
import type { OwnerRecord } from './owner.ts'

export const createOwnerRecord = (root: RootDatabase, meta: Meta, deadlineMs: number): OwnerRecord => {
  const batches = createBatches({ root, deadlineMs })
  return {
    read: () => {
      // Only a new snapshot shows what another process has committed.
      root.resetReadTxn()
      return meta.owner()
    },

    replace: (from, to) =>
      batches.run(() => {
        if (meta.owner() !== from) return { answer: false }
        return {
          answer: true,
          put: () => {
            meta.putOwner(to)
            meta.putLayout()
          },
        }
      }),
  }
}
