/**
 * Whether there is room for more. LMDB writes each change to new pages before it frees the old ones, so even a removal
 * needs some room. This is why a reserve of the disk is kept: ends, removals and sweeps still commit in it when writes
 * that grow are refused.
 *
 * Freed pages stay in the file and are used again, which does not change the disk's free space. So, when many pages are
 * free, writes that grow may go on below the reserve, down to half of it. The other half is kept because a write that needs
 * several adjacent pages may find none free, and then makes the file longer.
 */
import { statfs } from 'node:fs/promises'
import { StoreUnavailable } from '../port.ts'

/** With fewer bytes free on the disk, writes that grow are refused. */
export const RESERVE_BYTES = 64 * 1024 * 1024

/** How much a write may take besides its settings: the pages on the path to it in each tree. */
const WRITE_COST_BYTES = 128 * 1024

export type SpaceOptions = {
  readonly folder: string
  readonly reserveBytes: number
  /** Measures the free bytes of the disk; without it the file system is asked. */
  readonly freeBytes?: (() => number | Promise<number>) | undefined
  /** How long a measurement holds, in ms. */
  readonly freshMs: number
  /** How many bytes of the file can be used again. */
  readonly reusableBytes: () => number
}

export type Room = { readonly freeBytes: number; readonly isLow: boolean }
export type Space = ReturnType<typeof createSpace>

export const createSpace = ({ folder, reserveBytes, freeBytes, freshMs, reusableBytes }: SpaceOptions) => {
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
     * Whether there is too little room for a write of so many bytes. The bytes of all writes since the last measurement are
     * subtracted from it. When the rest comes near the reserve, or the measurement is old, the disk is measured again.
     */
    isLowFor: async (bytes: number): Promise<boolean> => {
      left -= bytes + WRITE_COST_BYTES
      const isKnown = performance.now() - measuredAt < freshMs
      return isKnown && left >= reserveBytes ? false : (await measure()).isLow
    },

    /** Forgets the measurement: a commit has failed. */
    doubt: (): void => {
      measuredAt = Number.NEGATIVE_INFINITY
    },
  }
}

/** A file system without blocks does not count its free space; it is taken to have room. */
export const freeBytesOf = async (folder: string): Promise<number> => {
  const { bavail, blocks, bsize } = await statfs(folder)
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize
}
