/**
 * A line before the store: so many go on at once, and the others wait, each in the lane of whoever calls. Lanes have fair
 * turns, so that thousands of calls of one caller keep nobody else waiting. To wait here is no outage of the store.
 */

import { runningTime } from '../running-time.ts'

type Waiting = { readonly go: () => void; readonly giveUp: NodeJS.Timeout }

export type Line = {
  /** Undefined if one may go on at once; else settles when it is one's turn. Rejects with what `refused` makes if that takes too long. */
  enter(lane: unknown): Promise<void> | undefined
  /** Says that one is done. */
  leave(): void
  /** Whether anybody waits. */
  isAwaited(): boolean
}

export const createLine = ({
  atOnce,
  waitMs,
  refused,
}: {
  readonly atOnce: number
  readonly waitMs: number
  readonly refused: () => Error
}): Line => {
  /** In the order in which they have their turns. */
  const lanes = new Map<unknown, Set<Waiting>>()
  let going = 0

  const next = (): void => {
    const [first] = lanes
    if (!first) return
    const [lane, all] = first
    const [waiting] = all as Set<Waiting>
    all.delete(waiting as Waiting)
    lanes.delete(lane)
    if (all.size > 0) lanes.set(lane, all)
    going++
    clearTimeout(waiting?.giveUp)
    waiting?.go()
  }

  return {
    enter(lane) {
      if (going < atOnce) {
        going++
        return undefined
      }
      return new Promise((resolve, reject) => {
        const all = lanes.get(lane) ?? new Set()
        lanes.set(lane, all)
        const giveUp = setTimeout(() => {
          all.delete(waiting)
          if (all.size === 0) lanes.delete(lane)
          reject(refused())
        }, waitMs)
        const waiting: Waiting = { go: resolve, giveUp }
        all.add(waiting)
      })
    },
    leave() {
      going--
      next()
    },
    isAwaited: () => lanes.size > 0,
  }
}

/** Kept with an answer: which place it has. */
type InLine = { placeInLine?: number | undefined }

/**
 * Who has which place, and since when by the running time. A place is named by its answer. Each call passes here, and a Map
 * of answers would cost it as much as its HTTP does: hence a table of places, and a number kept with the answer.
 */
export const createPlaces = ({ leave }: Pick<Line, 'leave'>, atOnce: number) => {
  const taken: (object | undefined)[] = Array.from({ length: atOnce }, () => undefined)
  const since = new Float64Array(atOnce)
  const free = Array.from({ length: atOnce }, (_, place) => place)

  /** Does nothing if that was done before, or was never needed. */
  const give = (response: object): void => {
    const place = (response as InLine).placeInLine
    if (place === undefined) return
    ;(response as InLine).placeInLine = undefined
    taken[place] = undefined
    free.push(place)
    leave()
  }

  return {
    /** Whoever has come through the line has a place, so there is one that is free. */
    take(response: object): void {
      const place = free.pop() as number
      ;(response as InLine).placeInLine = place
      taken[place] = response
      since[place] = runningTime()
    },
    give,
    /** Gives back the places of those who took them before an instant. */
    giveOlder(before: number): void {
      for (const [place, response] of taken.entries()) {
        if (response !== undefined && (since[place] as number) < before) give(response)
      }
    },
  }
}
