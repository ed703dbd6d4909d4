/** What an operator should know of a store that answers. */
import type { Health } from '../port.ts'
import { isOpenToOthers } from './folder.ts'
import type { Space } from './space.ts'
import type { StoreClock } from './store-clock.ts'

/** A clock that is behind by less than this was only corrected. */
const BEHIND_MS = 5000

type Parts = { readonly folder: string; readonly space: Space; readonly clock: StoreClock }

export const health = async ({ folder, space, clock }: Parts): Promise<Health> => {
  const warnings: string[] = []
  const { freeBytes, isLow } = await space.measure()
  const free = `${mebibytes(freeBytes)} MiB of the disk are free`
  if (isLow) {
    warnings.push(`${free}, less than the reserve of ${mebibytes(space.reserveBytes)}: writes that grow are refused.`)
  } else if (freeBytes < 2 * space.reserveBytes) {
    warnings.push(`${free}. Below ${mebibytes(space.reserveBytes)} writes that grow will be refused.`)
  }
  const behind = clock.behind()
  if (behind > BEHIND_MS) {
    const seconds = Math.ceil(behind / 1000)
    warnings.push(
      `The clock is ${seconds} s behind the last time that was stored: until it has caught up nothing expires.`,
    )
  }
  if (isOpenToOthers(folder)) warnings.push(`Others may enter the folder ${folder}: chmod it to 0700.`)
  return { warnings, away: [] }
}

const mebibytes = (bytes: number): number => Math.floor(bytes / (1024 * 1024))
