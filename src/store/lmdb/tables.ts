/** The tables of the LMDB environment. */
import type { Database, RootDatabase } from 'lmdb'

export type Table = Database<Buffer, Buffer>

export type Environment = {
  readonly root: RootDatabase
  readonly sessions: Table
  readonly expiries: Table
  readonly lapses: Table
  readonly outcomes: Table
  readonly secrets: Table
  readonly handoffs: Table
  readonly listings: Table
  readonly meta: Table
}
