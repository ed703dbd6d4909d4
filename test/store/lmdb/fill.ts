/** Fills a store until it refuses more, in a process of its own: the folder is its argument. Prints what became of it. */
import { randomUUID } from 'node:crypto'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'

const store = await openLmdbStore({ path: process.argv[2] as string, freeBytes: () => 2 ** 50 })

const write = async (id: string): Promise<string> => {
  const write = {
    credential: null,
    create: 'if-missing',
    clocks: { idleTimeoutSeconds: 3600, lifetimeSeconds: 3600 },
    set: new Map([['text', `"${'x'.repeat(16_384)}"`]]),
    writes: true,
    limits: { bytes: 65_536, keys: 10 },
    use: true,
  } as const
  try {
    return (await store.write({ namespace: 'app', id }, write)).state
  } catch (error) {
    return (error as Error).name
  }
}

const refs: { namespace: string; id: string }[] = []
let outcome = 'written'
while (refs.length < 1000) {
  const id = randomUUID()
  outcome = await write(id)
  if (outcome !== 'written') break
  refs.push({ namespace: 'app', id })
}
const afterwards = [(await store.read(refs[0]!)).state, await write(randomUUID())]
await store.close()
console.log(JSON.stringify({ refs, failure: outcome, afterwards }))
