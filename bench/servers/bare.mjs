// @ts-check
/** The least that Fastify can do: the same bodies, types, ETags and statuses as Coatcheck, from memory, for anybody. */
import fastify from 'fastify'
import { sessionIds, settingsText } from '../workload.mjs'

const ETAG = '"1-AAAAAAAA"'

/** @type {Map<string, string>} */
const texts = new Map()
for (const size of /** @type {const} */ (['small', 'large'])) {
  for (const id of sessionIds(size)) texts.set(id, settingsText(size))
}

const app = fastify()

app.get('/v1/sessions/:id/settings', async (request, reply) => {
  const { id } = /** @type {{ id: string }} */ (request.params)
  return reply.header('etag', ETAG).type('application/json').send(texts.get(id))
})

app.patch('/v1/sessions/:id/settings', async (_request, reply) => reply.header('etag', ETAG).code(204).send())

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
process.once('SIGTERM', () => process.exit())
