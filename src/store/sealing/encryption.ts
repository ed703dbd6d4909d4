/** How a store is to be encrypted. */
import type { MasterKeys } from './master-keys.ts'

export type Encryption = {
  readonly keys: MasterKeys
  /** Whether what is plain is refused. */
  readonly required: boolean
  /** Whether what is new is encrypted; true if left out. */
  readonly encrypts?: boolean
}
