/** ETags and the preconditions on them as headers write them, RFC 9110 §8.8.3 and §13.1. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Condition } from '../domain/settings/preconditions.ts'
import { CoatcheckError } from '../errors.ts'

export const quoted = (tag: string): string => `"${tag}"`

/**
 * A proxy that compresses makes our tags weak, and clients send them back so. Our tags are drawn at random or hash the text,
 * so a weak one names the same state. It is taken for the strong one, which RFC 9110 §13.1.1 does not foresee.
 */
const ITEM = /[\s,]*(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,[\s,]*|$)/y
const MAX_TAGS = 100

type Tags = '*' | readonly string[]

const parseTags = (header: string, name: string): Tags => {
  if (header.trim() === '*') return '*'
  const tags: string[] = []
  ITEM.lastIndex = 0
  while (ITEM.lastIndex < header.length && tags.length < MAX_TAGS) {
    const match = ITEM.exec(header)
    if (!match) break
    tags.push(match[1] ?? '')
    if (ITEM.lastIndex === header.length) return tags
  }
  throw new CoatcheckError('invalid_request', undefined, {
    errors: [{ pointer: `#/headers/${name}`, detail: `must be * or up to ${MAX_TAGS} ETags in double quotes` }],
  })
}

const headerOf = (request: FastifyRequest, name: 'if-match' | 'if-none-match'): Tags | undefined => {
  const value = request.headers[name]
  return value === undefined ? undefined : parseTags(String(value), name)
}

export const conditionOf = (request: FastifyRequest): Condition => ({
  ifMatch: headerOf(request, 'if-match'),
  ifNoneMatch: headerOf(request, 'if-none-match'),
})

/** Whether a GET may be answered 304: what it has is what there is. `tag` is undefined where there is nothing yet. */
export const isNotModified = (request: FastifyRequest, tag: string, exists: boolean): boolean => {
  const none = headerOf(request, 'if-none-match')
  if (none === undefined) return false
  return none === '*' ? exists : none.includes(tag)
}

export const notModified = (reply: FastifyReply): FastifyReply => reply.code(304).send()
