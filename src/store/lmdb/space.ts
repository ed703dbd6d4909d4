/**
 * Whether the disk has room for more. LMDB writes every change to other pages before it lets go of the old ones, so that
 * even a removal needs some room: a reserve is kept, in which endings, removals and sweeps still commit when nothing is
 * taken any more that grows.
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
  /** Measures the free bytes, each time; without it the file system is asked. */
  readonly freeBytes?: (() => number | Promise<number>) | undefined
}

export type Space = ReturnType<typeof createSpace>

export const createSpace = ({ folder, reserveBytes, freeBytes }: SpaceOptions) => {
  let free = 0
  let measuredAt = Number.NEGATIVE_INFINITY
  let measuring: Promise<number> | null = null

  const measureNow = async (): Promise<number> => {
    try {
      free = await (freeBytes ?? freeBytesOf)(folder)
      measuredAt = performance.now()
      return free
    } catch (cause) {
      throw new StoreUnavailable('The disk does not say how much of it is free.', { cause })
    } finally {
      measuring = null
    }
  }

  const measure = (): Promise<number> => {
    measuring ??= measureNow()
    return measuring
  }

  return {
    reserveBytes,
    /** Measures the free bytes. */
    measure,

    /**
     * Whether a write of so many bytes would reach into the reserve. What was let through since the last measurement is
     * counted off; when that comes near the reserve, or the measurement is old, the disk is measured again.
     */
    isLowFor: async (bytes: number): Promise<boolean> => {
      free -= bytes + WRITE_COST_BYTES
      const isKnown = freeBytes === undefined && performance.now() - measuredAt < FRESH_MS
      return isKnown && free >= reserveBytes ? false : (await measure()) < reserveBytes
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
