/** The settings of a session as a whole. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { members, objectText } from '../../domain/json/json-text.ts'
import { readMergePatch } from '../../domain/settings/merge-patch.ts'
import { readJsonPatch } from '../../domain/settings/read-json-patch.ts'
import type { SettingsCalls, SettingsWritten } from '../../domain/settings/settings.ts'
import { isNotModified, notModified, quoted } from '../etags.ts'
import { isMediaType, JSON_PATCH_TYPE, JSON_TYPE, MERGE_PATCH_TYPE } from '../plugins/json-body.ts'
import { bodyText, countsAsUse, preferenceApplied, sessionId, writeOptions } from '../request.ts'
import * as schemas from '../schemas.ts'
import { sendJson } from '../send-json.ts'

const TAGS = ['Settings']

const PatchOperations = Type.Array(
  Type.Object(
    {
      op: schemas.oneOf(['add', 'remove', 'replace', 'move', 'copy', 'test']),
      path: Type.String({ examples: ['/cart/items/-'] }),
      from: Type.Optional(Type.String()),
      value: Type.Optional(Type.Unknown()),
    },
    { additionalProperties: true },
  ),
  {
    description: 'A JSON Patch, RFC 6902.',
    examples: [
      [
        { op: 'test', path: '/theme', value: 'light' },
        { op: 'replace', path: '/theme', value: 'dark' },
      ],
    ],
  },
)

const WRITTEN = {
  200: schemas.answersWithEtag('The settings, if they were asked for.', schemas.Settings),
  201: schemas.answersWithEtag(
    'This write began the settings; they are shown if they were asked for.',
    schemas.Settings,
  ),
  204: schemas.noBodyWithEtag('Written.'),
}

const answer = (reply: FastifyReply, { etag, began, settings }: SettingsWritten): FastifyReply => {
  reply.header('etag', quoted(etag))
  if (settings === null) return reply.code(began ? 201 : 204).send()
  return sendJson(preferenceApplied(reply).code(began ? 201 : 200), objectText(settings))
}

/** A body that must be a JSON object, as texts by key. */
const objectIn = (request: FastifyRequest): Map<string, string> => new Map(members(bodyText(request)))

export const settingsRoutes: FastifyPluginAsyncTypebox<{ settings: SettingsCalls }> = async (app, { settings }) => {
  app.get(
    '/v1/sessions/:id/settings',
    {
      config: { access: ['read'] },
      schema: {
        tags: TAGS,
        operationId: 'getSettings',
        summary: 'Read the settings',
        description:
          'The settings alone. A session that is missing reads as `{}` with the ETag `"0"`, so that a first render needs no special case.',
        params: schemas.SessionParams,
        querystring: schemas.UseQuery,
        headers: schemas.Headers(schemas.IfNoneMatch),
        response: {
          200: schemas.answersWithEtag('The settings.', schemas.Settings),
        },
      },
    },
    async (request, reply) => {
      const use = request.method === 'GET' && countsAsUse(request)
      const { etag, exists, settings: texts } = await settings.get(request.caller, sessionId(request), use)
      const isKnown = isNotModified(request, etag, exists)
      reply.header('etag', quoted(etag))
      if (isKnown) return notModified(reply)
      return sendJson(reply, objectText(texts))
    },
  )

  app.put(
    '/v1/sessions/:id/settings',
    {
      config: { access: ['write'], writesSettings: true, isBodyOfSettings: true, refusals: ['precondition_required'] },
      schema: {
        tags: TAGS,
        operationId: 'replaceSettings',
        summary: 'Replace all settings',
        description:
          'Must say what it replaces, or it is 428: `If-Match` with the ETag that was read, `If-None-Match: *` to begin them, `If-Match: *` to overwrite whatever is there. To change some keys, PATCH.',
        params: schemas.SessionParams,
        querystring: schemas.UseQuery,
        headers: schemas.Headers(schemas.Preconditions, schemas.IdempotencyKey, schemas.Prefer, schemas.Origin),
        body: schemas.Settings,
        response: {
          ...WRITTEN,
        },
      },
    },
    async (request, reply) =>
      answer(
        reply,
        await settings.replace(request.caller, sessionId(request), objectIn(request), writeOptions(request)),
      ),
  )

  app.patch(
    '/v1/sessions/:id/settings',
    {
      config: {
        access: ['write'],
        mediaTypes: [MERGE_PATCH_TYPE, JSON_PATCH_TYPE, JSON_TYPE],
        writesSettings: true,
        isBodyOfSettings: true,
        refusals: ['test_failed', 'path_not_found', 'invalid_patch'],
      },
      schema: {
        tags: TAGS,
        operationId: 'patchSettings',
        summary: 'Change some keys',
        description:
          'With a merge patch (RFC 7396; plain `application/json` is taken as one) the keys named are set, or removed by `null`, at any depth, and the others stay as they are. With a JSON Patch (RFC 6902) values are set as they are, `null` among them, and `test` is a condition. Either is applied whole or not at all, and never loses what somebody else writes at the same time.',
        params: schemas.SessionParams,
        querystring: schemas.UseQuery,
        headers: schemas.Headers(schemas.Preconditions, schemas.IdempotencyKey, schemas.Prefer, schemas.Origin),
        body: {
          content: {
            [MERGE_PATCH_TYPE]: { schema: schemas.Settings },
            [JSON_TYPE]: { schema: schemas.Settings },
            [JSON_PATCH_TYPE]: { schema: PatchOperations },
          },
        },
        response: {
          ...WRITTEN,
        },
      },
    },
    async (request, reply) => {
      const id = sessionId(request as typeof request & { params: { id: string } })
      const options = writeOptions(request)
      const text = bodyText(request)
      const written = isMediaType(request, JSON_PATCH_TYPE)
        ? await settings.patch(request.caller, id, readJsonPatch(request.body, text), options)
        : await settings.merge(request.caller, id, readMergePatch(text), options)
      return answer(reply, written)
    },
  )
}
