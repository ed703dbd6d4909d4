/** ETags and the preconditions on them as headers write them, RFC 9110 §8.8.3 and §13.1. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Condition } from '../domain/settings/preconditions.ts'
import { CoatcheckError } from '../errors.ts'

export const quoted = (tag: string): string => `"${tag}"`

const ITEM = /[\s,]*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,[\s,]*|$)/y
const MAX_TAGS = 100

type Tags = '*' | readonly { readonly weak: boolean; readonly tag: string }[]

const parseTags = (header: string, name: string): Tags => {
  if (header.trim() === '*') return '*'
  const tags: { weak: boolean; tag: string }[] = []
  ITEM.lastIndex = 0
  while (ITEM.lastIndex < header.length && tags.length < MAX_TAGS) {
    const match = ITEM.exec(header)
    if (!match) break
    tags.push({ weak: match[1] !== undefined, tag: match[2] ?? '' })
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

/** If-Match compares strongly: a weak tag matches nothing. If-None-Match compares weakly. */
export const conditionOf = (request: FastifyRequest): Condition => {
  const match = headerOf(request, 'if-match')
  const none = headerOf(request, 'if-none-match')
  return {
    ...(match === undefined
      ? {}
      : { ifMatch: match === '*' ? '*' : match.filter(({ weak }) => !weak).map(({ tag }) => tag) }),
    ...(none === undefined ? {} : { ifNoneMatch: none === '*' ? '*' : none.map(({ tag }) => tag) }),
  }
}

/** Whether a GET may be answered 304: what it has is what there is. `tag` is undefined where there is nothing yet. */
export const isNotModified = (request: FastifyRequest, tag: string, exists: boolean): boolean => {
  const none = headerOf(request, 'if-none-match')
  if (none === undefined) return false
  return none === '*' ? exists : none.some((one) => one.tag === tag)
}

export const notModified = (reply: FastifyReply): FastifyReply => reply.code(304).send()
