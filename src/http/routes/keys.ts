/** Single keys of the settings, and what is done to one key in one step: take, increment. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type TProperties, Type } from 'typebox'
import { keyVersion } from '../../domain/etag.ts'
import { members } from '../../domain/json/json-text.ts'
import type { Keys } from '../../domain/settings/settings-keys.ts'
import { isNotModified, notModified, quoted } from '../etags.ts'
import { bodyText, countsAsUse, preferenceApplied, sessionId, writeOptions } from '../request.ts'
import * as schemas from '../schemas.ts'
import { sendJson } from '../send-json.ts'

const TAGS = ['Keys']

/**
 * How take and increment are told their key: by the path, or by the body, for what a proxy may make another path of. The
 * call is the same.
 */
const NAMED = [
  {
    path: '/v1/sessions/:id/settings/:key',
    params: schemas.KeyParams,
    member: {} as TProperties,
    emptyBodyIsObject: true,
    idOf: (name: string) => name,
    hint: '',
  },
  {
    path: '/v1/sessions/:id',
    params: schemas.SessionParams,
    member: { key: Type.String({ minLength: 1, description: 'The key, as it is.', examples: ['a/b'] }) },
    emptyBodyIsObject: false,
    idOf: (name: string) => `${name}ByName`,
    hint: ' The same as the call that has the key in its path, for any key and through any proxy.',
  },
]

/** The key that the call names; its schema requires it in one of the two places. */
const keyOf = ({ params, body }: { params: { id: string; key?: string }; body: object }): string =>
  params.key ?? (body as { key: string }).key

const JsonValue = Type.Unknown({ description: 'Any JSON value, bare.', examples: ['dark'] })
const ValueAnswer = Type.Object({ value: Type.Unknown({ description: 'The value.' }) })

export const keyRoutes: FastifyPluginAsyncTypebox<{ keys: Keys }> = async (app, { keys }) => {
  app.get(
    '/v1/sessions/:id/settings/:key',
    {
      config: { access: ['read'], refusals: ['key_not_found'] },
      schema: {
        tags: TAGS,
        operationId: 'getKey',
        summary: 'Read one key',
        description: 'The bare JSON value, as it was sent, with an ETag of its own.',
        params: schemas.KeyParams,
        querystring: schemas.UseQuery,
        headers: schemas.Headers(schemas.IfNoneMatch),
        response: {
          200: schemas.answersWithEtag('The value.', JsonValue),
        },
      },
    },
    async (request, reply) => {
      const use = request.method === 'GET' && countsAsUse(request)
      const text = await keys.get(request.caller, sessionId(request), request.params.key, use)
      const tag = keyVersion(text)
      const isKnown = isNotModified(request, tag, true)
      reply.header('etag', quoted(tag))
      if (isKnown) return notModified(reply)
      return sendJson(reply, text)
    },
  )

  app.put(
    '/v1/sessions/:id/settings/:key',
    {
      config: { access: ['write'], writesSettings: true, isBodyOfSettings: true },
      schema: {
        tags: TAGS,
        operationId: 'putKey',
        summary: 'Put one key',
        description:
          'The body is the bare JSON value. The other keys stay as they are, whoever writes them meanwhile. With a token a precondition tells what is there: it needs the scope `read` and the key readable.',
        params: schemas.KeyParams,
        querystring: schemas.UseQuery,
        headers: schemas.Headers(schemas.Preconditions, schemas.IdempotencyKey, schemas.Prefer, schemas.Origin),
        body: JsonValue,
        response: {
          200: schemas.answersWithEtag('The value, if it was asked for.', JsonValue),
          201: schemas.answersWithEtag('The key is new; its value is shown if it was asked for.', JsonValue),
          204: schemas.noBodyWithEtag('Written.'),
        },
      },
    },
    async (request, reply) => {
      const text = bodyText(request).trim()
      const options = writeOptions(request)
      const isNew = await keys.put(request.caller, sessionId(request), request.params.key, text, options)
      reply.header('etag', quoted(keyVersion(text)))
      if (!options.readBack) return reply.code(isNew ? 201 : 204).send()
      return sendJson(preferenceApplied(reply).code(isNew ? 201 : 200), text)
    },
  )

  app.delete(
    '/v1/sessions/:id/settings/:key',
    {
      config: { access: ['write'] },
      schema: {
        tags: TAGS,
        operationId: 'deleteKey',
        summary: 'Remove one key',
        description:
          'A key that is not there stays away: 204 as well. Nothing is ever made by removing. With a token a precondition needs the scope `read` and the key readable.',
        params: schemas.KeyParams,
        querystring: schemas.UseQuery,
        headers: schemas.Headers(schemas.Preconditions, schemas.IdempotencyKey, schemas.Origin),
        response: {
          204: schemas.noBody('It is not there any more.'),
        },
      },
    },
    async (request, reply) => {
      await keys.remove(request.caller, sessionId(request), request.params.key, writeOptions(request))
      return reply.code(204).send()
    },
  )

  for (const { path, params, member, emptyBodyIsObject, idOf, hint } of NAMED) {
    app.post(
      `${path}/take`,
      {
        config: { access: ['take'], emptyBodyIsObject, refusals: ['key_not_found'] },
        schema: {
          tags: TAGS,
          operationId: idOf('takeKey'),
          summary: 'Read and remove one key in one step',
          description: `For what is to be had once: a flash message, a one-time code. Of any number of callers at the same moment exactly one gets the value, the others 404. With an \`Idempotency-Key\` a lost answer can be asked for again. A precondition is on the key; with a token it needs the scope \`read\`.${hint}`,
          params,
          querystring: schemas.UseQuery,
          headers: schemas.Headers(schemas.Preconditions, schemas.IdempotencyKey, schemas.Origin),
          body: Type.Object(member, { additionalProperties: false }),
          response: {
            200: schemas.answers('The value, which is the caller’s alone.', ValueAnswer),
          },
        },
      },
      async (request, reply) => {
        const options = writeOptions(request)
        const text = await keys.take(request.caller, sessionId(request), keyOf(request), options)
        return sendJson(reply, `{"value":${text}}`)
      },
    )

    app.post(
      `${path}/increment`,
      {
        config: {
          access: ['read', 'write'],
          emptyBodyIsObject,
          writesSettings: true,
          refusals: ['not_incrementable'],
        },
        schema: {
          tags: TAGS,
          operationId: idOf('incrementKey'),
          summary: 'Add to a number in one step',
          description: `An absent key counts as 0. None of any number of increments at the same moment is lost. Computed in doubles; where that would round, 409 and nothing changes. A precondition is on the key.${hint}`,
          params,
          querystring: schemas.UseQuery,
          headers: schemas.Headers(schemas.Preconditions, schemas.IdempotencyKey, schemas.Origin),
          body: Type.Object(
            {
              ...member,
              by: Type.Optional(Type.Number({ default: 1, description: 'What to add.', examples: [1] })),
            },
            { additionalProperties: false },
          ),
          response: {
            200: schemas.answersWithEtag('The sum.', ValueAnswer),
          },
        },
      },
      async (request, reply) => {
        const by =
          request.jsonText === undefined ? undefined : members(request.jsonText).find(([name]) => name === 'by')?.[1]
        const options = writeOptions(request)
        const sum = await keys.increment(request.caller, sessionId(request), keyOf(request), by ?? '1', options)
        reply.header('etag', quoted(keyVersion(sum)))
        return sendJson(reply, `{"value":${sum}}`)
      },
    )
  }
}
