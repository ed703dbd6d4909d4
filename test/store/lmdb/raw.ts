/** Looks at a closed store's databases with LMDB alone, byte by byte. */
import { open } from 'lmdb'

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const

export type Dump = Record<
  'sessions' | 'expiries' | 'lapses' | 'outcomes' | 'handoffs' | 'listings' | 'meta',
  Record<string, string>
>

/** Each database as pairs of a key and a value, both in hex; the keys of `meta` as text. */
export const dump = async (folder: string): Promise<Dump> => {
  const root = open<Buffer, Buffer>({ path: folder, noSubdir: false, overlappingSync: false, ...BINARY })
  const read = (name: keyof Dump): Record<string, string> =>
    Object.fromEntries(
      [...root.openDB<Buffer, Buffer>(name, BINARY).getRange({})].map(({ key, value }) => [
        Buffer.from(key).toString(name === 'meta' ? 'latin1' : 'hex'),
        value.toString('hex'),
      ]),
    )
  const all = {
    sessions: read('sessions'),
    expiries: read('expiries'),
    lapses: read('lapses'),
    outcomes: read('outcomes'),
    handoffs: read('handoffs'),
    listings: read('listings'),
    meta: read('meta'),
  }
  await root.close()
  return all
}
