/**
 * Refuses calls while the event loop is behind by more than a second, so that what was begun can end. The delay is looked
 * at once a second. One bad look is no overload, for a start or a machine that stood still for a moment gives one, too; it
 * takes two.
 */
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { CoatcheckError } from '../../errors.ts'

const MAX_DELAY_MS = 1000
const LOOK_MS = 1000
/** Two bad looks that are no further apart belong together; the looks of a process that is behind are late. */
const TOGETHER_MS = 10_000

/** Answers whether calls are to be refused; asked at each call that finds the latest look bad. */
export const createJudge = (now: () => number) => {
  let look = { at: Number.NEGATIVE_INFINITY, isSecond: false }
  return (): boolean => {
    const gap = now() - look.at
    if (gap >= LOOK_MS) look = { at: now(), isSecond: gap < TOGETHER_MS }
    return look.isSecond
  }
}

export const loadShedding = fp(
  async (app) => {
    const isOverloaded = createJudge(() => performance.now())
    await app.register(underPressure, {
      maxEventLoopDelay: MAX_DELAY_MS,
      sampleInterval: LOOK_MS,
      pressureHandler: async () => {
        if (isOverloaded()) throw new CoatcheckError('overloaded', undefined, { retryAfterSeconds: 1 })
      },
    })
  },
  { name: 'load-shedding', dependencies: ['problems'] },
)
