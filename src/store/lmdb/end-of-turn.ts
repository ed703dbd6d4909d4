import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Settles at the end of this turn of the event loop. What is read then is answered then: whoever waits for answers is woken once
 * for many of them. To wake somebody for each one costs more than to read it.
 */
export const createEndOfTurn = () => {
  let end: Promise<void> | undefined
  const settled = (): void => {
    end = undefined
  }
  return (): Promise<void> => {
    if (end === undefined) {
      end = nextTurn()
      end.then(settled)
    }
    return end
  }
}
