/**
 * Where a browser's call comes from. A cookie is sent by the browser whoever asks it to; so a call that changes something
 * must come from a page of an allowed origin, or from one of the service's own. Scripts can set neither header.
 */
import type { FastifyRequest } from 'fastify'
import { CoatcheckError } from '../errors.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

export const changesSomething = ({ method }: { method: string }): boolean => !SAFE_METHODS.has(method)

/** The error for a call from a page that is not among these origins, nor of the service's own. */
export const originRefusal = ({ headers }: FastifyRequest, origins: readonly string[]): CoatcheckError | undefined => {
  if (headers['sec-fetch-site'] === 'same-origin') return undefined
  if (headers.origin !== undefined && origins.includes(headers.origin)) return undefined
  return new CoatcheckError('origin_not_allowed')
}
