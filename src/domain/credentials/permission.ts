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
  'operate',
] as const

export type Permission = (typeof PERMISSIONS)[number]

/**
 * What goes beyond the namespace of the API key: signing keys are shared by all, and a backup holds the sessions of all. So
 * each of these has to be said.
 */
export const BEYOND_NAMESPACE: readonly Permission[] = ['signing-keys', 'operate']

/** What an API key may do of which nothing is said: everything within its namespace. */
export const DEFAULT_PERMISSIONS: readonly Permission[] = PERMISSIONS.filter((one) => !BEYOND_NAMESPACE.includes(one))
