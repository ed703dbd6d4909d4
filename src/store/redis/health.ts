/** Whether Redis is fit to hold sessions: whether it answers, and whether its setup would lose or bloat them. */

import type { Health } from '../port.ts'
import { StoreUnavailable } from '../port.ts'
import { within } from '../within.ts'
import type { Link } from './link.ts'

const ANSWER_MS = 500
const LISTPACK_VALUE = 1024
const ASK_AGAIN_MS = 30_000

/** A setting of the server, or undefined where CONFIG is not allowed (many hosted Redises forbid it). */
const setting = async (link: Link, name: string): Promise<string | undefined> => {
  try {
    return String(((await link.send('config', 'GET', name)) as Buffer[])[1])
  } catch {
    return undefined
  }
}

const setupWarnings = async (link: Link): Promise<string[]> => {
  const warnings: string[] = []
  const info = /redis_version:(\d+)/.exec(String(await link.send('info', 'server')))
  if (info && Number(info[1]) < 7) {
    warnings.push('Redis is older than version 7: upgrade it, or nothing can be written.')
  }
  const policy = await setting(link, 'maxmemory-policy')
  if (policy !== undefined && policy !== 'noeviction') {
    warnings.push(
      `Redis evicts (maxmemory-policy ${policy}): sessions that are alive will vanish. Set maxmemory-policy noeviction.`,
    )
  }
  const listpack = await setting(link, 'hash-max-listpack-value')
  if (listpack !== undefined && Number(listpack) < LISTPACK_VALUE) {
    warnings.push(
      `Set hash-max-listpack-value ${LISTPACK_VALUE} in Redis (it is ${listpack}): sessions then take half the memory.`,
    )
  }
  return warnings
}

/** Asks each time whether Redis answers and takes writes, and every 30 s how it is set up. */
export const createHealth = (link: Link): (() => Promise<Health>) => {
  let warnings: readonly string[] = []
  let askedAt = Number.NEGATIVE_INFINITY

  return async () => {
    const [role] = (await within(link.send('role'), ANSWER_MS)) as [Buffer]
    if (String(role) !== 'master') throw new StoreUnavailable('Redis is a replica, which takes no writes.')
    if (performance.now() - askedAt > ASK_AGAIN_MS) {
      warnings = await setupWarnings(link)
      askedAt = performance.now()
    }
    return { warnings }
  }
}
