/** An API key as it is configured: a service's credential for every session of one namespace. */
import type { Permission } from './permission.ts'

export type ApiKey = {
  readonly namespace: string
  /** Says in the log which key called, if the configuration names it. */
  readonly name?: string
  /** SHA-256 of the API key. */
  readonly hash: Buffer
  readonly permissions: readonly Permission[]
}
