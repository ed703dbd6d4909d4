/** The store's own data in its database: its layout, the last stored time, the folder's owner. */
import type { Table } from './tables.ts'

const LAYOUT_VERSION = 1
const LAYOUT = Buffer.from('layout')
const TIME = Buffer.from('time')
const OWNER = Buffer.from('owner')
const COMPACT = Buffer.from('compact')

export type Meta = ReturnType<typeof createMeta>

export const createMeta = (table: Table) => ({
  /** Throws an Error if the database is of a layout that this version does not know; a new one has none yet. */
  checkLayout: (): void => {
    const layout = table.getBinary(LAYOUT)?.[0]
    if (layout !== undefined && layout !== LAYOUT_VERSION) {
      throw new Error(`its layout is ${layout}, which this version does not know; run the version that wrote it`)
    }
  },
  putLayout: (): void => {
    table.putSync(LAYOUT, Buffer.of(LAYOUT_VERSION))
  },

  /** In ms since 1970; 0 if none was stored. */
  time: (): number => table.getBinary(TIME)?.readUIntBE(0, 6) ?? 0,
  putTime: (time: number): void => {
    const value = Buffer.alloc(6)
    value.writeUIntBE(time, 0, 6)
    table.putSync(TIME, value)
  },

  /** Whether the file has to be made anew when it is opened next. */
  isCompactionDue: (): boolean => table.getBinary(COMPACT) !== undefined,
  putCompaction: (isDue: boolean): void => {
    if (isDue) table.putSync(COMPACT, Buffer.of(1))
    else table.removeSync(COMPACT)
  },

  owner: (): string | null => table.getBinary(OWNER)?.toString('latin1') ?? null,
  putOwner: (name: string): void => {
    table.putSync(OWNER, Buffer.from(name, 'latin1'))
  },
})
