/** Secrets by collection and place: key the collection, a 0 byte, the place; value the text in UTF-8. */
import type { Change } from './batches.ts'
import type { Environment } from './tables.ts'

const keyOf = (collection: string, place: string): Buffer => Buffer.from(`${collection}\0${place}`)

export const createSecretTable = ({ secrets }: Environment) => ({
  all: (collection: string): Map<string, string> => {
    const found = new Map<string, string>()
    const start = keyOf(collection, '')
    for (const { key, value } of secrets.getRange({ start, end: Buffer.from(`${collection}\x01`) })) {
      found.set(String(key.subarray(start.length)), String(value))
    }
    return found
  },
  has: (collection: string, place: string): boolean => secrets.getBinary(keyOf(collection, place)) !== undefined,
  put: (collection: string, place: string, text: string): void => {
    secrets.putSync(keyOf(collection, place), Buffer.from(text))
  },
  remove: (collection: string, place: string): void => {
    secrets.removeSync(keyOf(collection, place))
  },
})

type RunChange = <T>(decide: () => Change<T>) => Promise<T>

/** The port's methods that change secrets, each a job in the next batch. */
export const createSecretChanges = (change: RunChange, secrets: ReturnType<typeof createSecretTable>) => ({
  addSecret: (collection: string, place: string, text: string) =>
    change(() =>
      secrets.has(collection, place)
        ? { answer: undefined }
        : { answer: undefined, put: () => secrets.put(collection, place, text) },
    ),
  replaceSecret: (collection: string, place: string, text: string) =>
    change(() => ({ answer: undefined, put: () => secrets.put(collection, place, text) })),
  removeSecret: (collection: string, place: string) =>
    change(() => ({ answer: undefined, put: () => secrets.remove(collection, place) })),
})
