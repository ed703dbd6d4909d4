/** `coatcheck/client`: the types of every call. */
export type { components, operations, paths } from './api.ts'
