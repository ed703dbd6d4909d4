/**
 * For pages that cannot share a stream, such as those of plain HTTP on a LAN. Over HTTP/1.1 a browser has six connections to a
 * host for all its pages, so streams give way: none is open while its page is hidden, nor while a page makes a call, nor long.
 */
import type { Page } from './page.ts'
import { unlessAborted } from './waiting.ts'

/** Another page says when its call is over. One that cannot any more is not waited for longer. In ms. */
const LONGEST_MS = 3_000

/** So many tabs may be in sight that their streams take turns. In ms. */
const TURN_MS = 10_000

/** What a stream asks before it is opened, and while it is. */
export type Way = {
  /** Settles when nothing else wants the connection. */
  isFree(signal: AbortSignal): Promise<void>
  /** @param stop called, perhaps often, when something does @returns what undoes it */
  onTaken(stop: () => void): () => void
}

export type Yielding = ReturnType<typeof createYielding>

export const createYielding = ({ document, open }: Page, url: string) => {
  const streams = new Set<() => void>()
  const waiting = new Set<() => void>()
  let calls = 0
  let othersUntil = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const isFree = (): boolean => calls === 0 && performance.now() >= othersUntil && document.visibilityState !== 'hidden'

  const look = (): void => {
    const free = isFree()
    for (const go of free ? waiting : streams) go()
    if (free) waiting.clear()
  }

  const channel = open?.(`coatcheck-1 ${url}`)
  if (channel) {
    channel.onmessage = ({ data }) => {
      const wait = data === 'begin' ? LONGEST_MS : 0
      othersUntil = performance.now() + wait
      clearTimeout(timer)
      timer = setTimeout(look, wait)
      look()
    }
  }
  document.addEventListener('visibilitychange', look)

  return {
    way: {
      async isFree(signal) {
        if (isFree()) return
        await unlessAborted(new Promise<void>((resolve) => waiting.add(resolve)), signal)
      },
      onTaken(stop) {
        streams.add(stop)
        const turn = setTimeout(stop, TURN_MS)
        return () => {
          streams.delete(stop)
          clearTimeout(turn)
        }
      },
    } satisfies Way as Way,

    /** Makes a call while no stream is open. */
    async during<Answer>(call: () => Promise<Answer>): Promise<Answer> {
      calls++
      channel?.postMessage('begin')
      look()
      try {
        return await call()
      } finally {
        calls--
        if (calls === 0) channel?.postMessage('end')
        look()
      }
    },

    close(): void {
      channel?.close()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', look)
    },
  }
}
