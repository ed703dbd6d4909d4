/** Secrets by collection and place: key the collection, a 0 byte, the place; value the text in UTF-8, or sealed. */
import { INDEX_KEYS, isInClear } from '../sealing/index-key.ts'
import type { Sealing } from '../sealing/sealing.ts'
import type { Change } from './batches.ts'
import type { Environment } from './tables.ts'

const keyOf = (collection: string, place: string): Buffer => Buffer.from(`${collection}\0${place}`)

const nameOf = (collection: string, place: string): string => `${collection}\0${place}`

export const createSecretTable = ({ secrets }: Environment, withKeys: Sealing | null) => {
  const sealingOf = (collection: string): Sealing | null => (isInClear(collection) ? null : withKeys)

  const open = (collection: string, place: string, value: Buffer): string =>
    sealingOf(collection)?.openAlone('secret', nameOf(collection, place), value) ?? String(value)

  const seal = (collection: string, place: string, text: string): Buffer =>
    sealingOf(collection)?.sealAlone('secret', nameOf(collection, place), text) ?? Buffer.from(text)

  return {
    all: (collection: string): Map<string, string> => {
      const found = new Map<string, string>()
      const start = keyOf(collection, '')
      for (const { key, value } of secrets.getRange({ start, end: Buffer.from(`${collection}\x01`) })) {
        const place = String(key.subarray(start.length))
        found.set(place, open(collection, place, value))
      }
      return found
    },
    /** Puts all under the key that encrypts now, and drops the index keys of master keys that are configured no more. */
    resealed: () => {
      const fresh: [Buffer, Buffer][] = []
      const over: Buffer[] = []
      let looked = 0
      for (const { key, value } of secrets.getRange({})) {
        const [collection, place] = String(key).split('\0') as [string, string]
        looked += 1
        if (collection === INDEX_KEYS) {
          if (withKeys !== null && !withKeys.kids.includes(place)) over.push(Buffer.from(key))
          continue
        }
        if (isInClear(collection)) continue
        const to = withKeys?.resealed(nameOf(collection, place), value) ?? null
        if (to !== null) fresh.push([Buffer.from(key), to])
      }
      const put = (): void => {
        for (const [key, value] of fresh) secrets.putSync(key, value)
        for (const key of over) secrets.removeSync(key)
      }
      return { looked, changed: fresh.length, put }
    },
    has: (collection: string, place: string): boolean => secrets.getBinary(keyOf(collection, place)) !== undefined,
    put: (collection: string, place: string, text: string): void => {
      secrets.putSync(keyOf(collection, place), seal(collection, place, text))
    },
    remove: (collection: string, place: string): void => {
      secrets.removeSync(keyOf(collection, place))
    },
  }
}

export type SecretTable = ReturnType<typeof createSecretTable>

type RunChange = <T>(decide: () => Change<T>) => Promise<T>

/** The port's methods that change secrets, each a job in the next batch. */
export const createSecretChanges = (change: RunChange, secrets: SecretTable) => ({
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
