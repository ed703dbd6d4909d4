/** Who may see what is for operators: the description of the API, and the metrics. */
import type { FastifyRequest } from 'fastify'
import { CoatcheckError } from '../errors.ts'

export type OperatorAccess =
  | { readonly kind: 'open' }
  | { readonly kind: 'api-key' }
  /** Only what arrives on this port. */
  | { readonly kind: 'port'; readonly port: number }

/** A hook: on any other port than that for operators there is no such route. */
export const onlyOnPort =
  (access: OperatorAccess) =>
  async (request: FastifyRequest): Promise<void> => {
    if (access.kind === 'port' && request.socket.localPort !== access.port) throw new CoatcheckError('not_found')
  }
