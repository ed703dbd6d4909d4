/** Reads several sessions. To read is to compute: others have their turn in between. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Found, SessionRef } from '../port.ts'
import { sessionKey } from './codec.ts'

/** How much of settings is read before others have their turn, in UTF-16 code units. */
const LENGTH_A_TURN = 131_072

const lengthOf = (found: Found): number => {
  if (found.state !== 'live') return 0
  let length = 0
  for (const [key, text] of found.settings) length += key.length + text.length
  return length
}

export const createReadMany =
  (read: (key: Buffer) => Found) =>
  async (refs: readonly SessionRef[]): Promise<Found[]> => {
    const all: Found[] = []
    let length = 0
    for (const ref of refs) {
      const found = read(sessionKey(ref))
      all.push(found)
      length += lengthOf(found)
      if (length < LENGTH_A_TURN) continue
      length = 0
      await nextTurn()
    }
    return all
  }
