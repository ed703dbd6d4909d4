/**
 * Whether there is room for more. LMDB writes every change to other pages before it lets go of the old ones, so that even
 * a removal needs some room: a reserve of the disk is kept, in which endings, removals and sweeps still commit when
 * nothing is taken any more that grows.
 *
 * Pages that were freed stay in the file and are used again, without the disk's seeing any of it. So, when many of them
 * are free, growing may go on below the reserve, down to half of it: what needs pages side by side may find none and
 * make the file longer, and must not take the room that an ending needs.
 */
import { statfs } from 'node:fs/promises'
import { StoreUnavailable } from '../port.ts'

/** How long a measurement holds, in ms. */
const FRESH_MS = 1000
/** What a write may take beside its settings: the pages on the way to it, in each tree that it is in. */
const WRITE_COST_BYTES = 128 * 1024

export type SpaceOptions = {
  readonly folder: string
  readonly reserveBytes: number
  /** Measures the free bytes of the disk, each time; without it the file system is asked. */
  readonly freeBytes?: (() => number | Promise<number>) | undefined
  /** How many bytes of the file can be used again. */
  readonly reusableBytes: () => number
}

export type Room = { readonly freeBytes: number; readonly isLow: boolean }
export type Space = ReturnType<typeof createSpace>

export const createSpace = ({ folder, reserveBytes, freeBytes, reusableBytes }: SpaceOptions) => {
  let left = 0
  let measuredAt = Number.NEGATIVE_INFINITY
  let measuring: Promise<Room> | null = null

  const isLow = (free: number): boolean =>
    free < reserveBytes && (free < reserveBytes / 2 || reusableBytes() < reserveBytes / 2)

  const measureNow = async (): Promise<Room> => {
    try {
      left = await (freeBytes ?? freeBytesOf)(folder)
      measuredAt = performance.now()
      return { freeBytes: left, isLow: isLow(left) }
    } catch (cause) {
      throw new StoreUnavailable('The disk does not say how much of it is free.', { cause })
    } finally {
      measuring = null
    }
  }

  const measure = (): Promise<Room> => {
    measuring ??= measureNow()
    return measuring
  }

  return {
    reserveBytes,
    measure,

    /**
     * Whether there is too little room for a write of so many bytes. What was let through since the last measurement is
     * counted off; when that comes near the reserve, or the measurement is old, the disk is measured again.
     */
    isLowFor: async (bytes: number): Promise<boolean> => {
      left -= bytes + WRITE_COST_BYTES
      const isKnown = freeBytes === undefined && performance.now() - measuredAt < FRESH_MS
      return isKnown && left >= reserveBytes ? false : (await measure()).isLow
    },

    /** Forgets what was measured: a commit has failed. */
    doubt: (): void => {
      measuredAt = Number.NEGATIVE_INFINITY
    },
  }
}

/** A file system that has no blocks does not count them: it is taken to have room. */
const freeBytesOf = async (folder: string): Promise<number> => {
  const { bavail, blocks, bsize } = await statfs(folder)
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize
}
