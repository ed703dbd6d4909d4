/** What an API key may do, beside belonging to a namespace. */
export const PERMISSIONS = [
  'create',
  'read',
  'write',
  'take',
  'events',
  'touch',
  'end',
  'rotate',
  'tokens',
  'handoffs',
  'subjects',
  'list',
  'signing-keys',
] as const

export type Permission = (typeof PERMISSIONS)[number]

/**
 * What an API key may do of which nothing is said: everything within its namespace. Signing keys are shared by all
 * namespaces, so that has to be said.
 */
export const DEFAULT_PERMISSIONS: readonly Permission[] = PERMISSIONS.filter((one) => one !== 'signing-keys')
