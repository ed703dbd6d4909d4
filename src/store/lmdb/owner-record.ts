/** Who owns the folder, as its database has it. */
import type { RootDatabase } from 'lmdb'
import { createBatches } from './batches.ts'
import type { Meta } from './meta.ts'
import type { OwnerRecord } from './owner.ts'

export const createOwnerRecord = (root: RootDatabase, meta: Meta, deadlineMs: number): OwnerRecord => {
  const batches = createBatches({ root, deadlineMs })
  return {
    read: () => {
      // What another process has committed is seen by a new snapshot only.
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
