/**
 * Lines to stand in, one a name: whoever's turn it is goes on alone until it passes the turn to the next. With the turn
 * goes what is known by then; whoever finds that wrong says so, and the next has to find out by itself.
 *
 * A line is kept for a moment after the last has left it: those who come in a burst do not come all at once.
 */

const KEPT_MS = 50

export type Place<Known> = {
  /** What the one before has passed on, if it is still believed. To be looked at in one's turn. */
  readonly known: Known | undefined
  /** Waits for one's turn, behind all who wait already. */
  turn(): Promise<void>
  /** Ends one's turn. */
  pass(known: Known | undefined): void
  /** What was passed on turned out wrong. */
  doubt(): void
}

type Line<Known> = {
  known: Known | undefined
  last: Promise<void>
  standing: number
  forgetting: NodeJS.Timeout | undefined
}

export const createLines = <Known>() => {
  const lines = new Map<string, Line<Known>>()

  return {
    /** Does something in a line. However it ends, the turn is passed on. */
    async stand<Result>(name: string, act: (place: Place<Known>) => Promise<Result>): Promise<Result> {
      const line = lines.get(name) ?? { known: undefined, last: Promise.resolve(), standing: 0, forgetting: undefined }
      lines.set(name, line)
      line.standing++
      clearTimeout(line.forgetting)
      let endTurn: (() => void) | undefined
      try {
        return await act({
          get known() {
            return line.known
          },
          async turn() {
            const before = line.last
            const turn = new Promise<void>((resolve) => {
              endTurn = resolve
            })
            line.last = before.then(() => turn)
            await before
          },
          pass(known) {
            line.known = known
            endTurn?.()
          },
          doubt() {
            line.known = undefined
          },
        })
      } catch (error) {
        line.known = undefined
        throw error
      } finally {
        endTurn?.()
        if (--line.standing === 0) line.forgetting = setTimeout(() => lines.delete(name), KEPT_MS).unref()
      }
    },
  }
}
