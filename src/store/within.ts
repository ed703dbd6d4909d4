/** Waits for a promise, and rejects with StoreUnavailable after so many ms. The call goes on, and its outcome is lost. */
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
