/** What comes of a promise, or StoreUnavailable if that takes too long; what is under way goes on, and nobody hears of it. */
import { StoreUnavailable } from './port.ts'

export const within = async <T>(promise: Promise<T>, ms: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable()), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
