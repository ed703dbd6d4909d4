// @ts-check
/**
 * What somebody would write who only wants this: Fastify and ioredis as they come, the commands that Coatcheck sends to
 * Redis, on Coatcheck's own sessions, and nothing else: no credentials, checks, limits, deadlines or security headers.
 */
import fastify from 'fastify'
import { Redis } from 'ioredis'
import { importSource } from '../../scripts/import-source.mjs'
import { NAMESPACE, sessionIds } from '../workload.mjs'

/** @typedef {typeof import('../../src/store/redis/keys.ts') & typeof import('../../src/store/redis/scripts.ts')} Adapter */
const { keysOf, packArgs, scriptTexts } = /** @type {Adapter} */ (
  await importSource('src/store/redis/keys.ts', 'src/store/redis/scripts.ts')
)

const redis = new Redis(process.env.REDIS_URL ?? '', {
  scripts: { write: { lua: scriptTexts().write, numberOfKeys: 2 } },
})
const commands =
  /** @type {{ writeBuffer(...args: (string | number | Buffer)[]): Promise<[Buffer, number, Buffer]> }} */ (
    /** @type {unknown} */ (redis)
  )

/** The script's arguments, all of them fixed but the member, the time and the text. */
const WRITE = /** @type {const} */ ({
  life: '',
  gen: '',
  create: 'if-missing',
  idle: 8_640_000,
  idleUntilWritten: 0,
  lifetime: 34_560_000,
  subject: '',
  newLife: Buffer.alloc(12, 1),
  newGen: Buffer.alloc(12, 2),
  newTag: Buffer.alloc(6, 3),
  ifMatch: '',
  ifNoneMatch: '',
  options: 'wu',
  maxBytes: 65_536,
  maxKeys: 256,
  fingerprint: '',
  take: '',
  result: '',
  origin: '',
  expected: 0,
  set: 1,
})

/** Everything that can be known of a session beforehand. @param {string} id */
const prepare = (id) => {
  const { session, expiries, member } = keysOf({ namespace: NAMESPACE, id })
  return { session, expiries, args: packArgs('write', 0, { ...WRITE, member }) }
}

/** @type {Map<string, ReturnType<typeof prepare>>} */
const sessions = new Map()
for (const size of /** @type {const} */ (['small', 'large'])) {
  for (const id of sessionIds(size)) sessions.set(id, prepare(id))
}

/** @param {import('fastify').FastifyRequest} request */
const sessionOf = ({ params }) => {
  const session = sessions.get(/** @type {{ id: string }} */ (params).id)
  if (session === undefined) throw new Error('There is no such session.')
  return session
}

const app = fastify()

app.get('/v1/sessions/:id/settings', async (request, reply) => {
  const fields = await redis.hgetallBuffer(sessionOf(request).session)
  const record = /** @type {Buffer} */ (fields.r)
  let text = ''
  for (const field in fields) {
    if (field !== 'r') text += `${text === '' ? '{' : ','}"${field.slice(1)}":${fields[field]}`
  }
  return reply
    .header('etag', `"${record.readUIntBE(32, 5)}-${record.toString('base64url', 26, 32)}"`)
    .type('application/json')
    .send(`${text}}`)
})

app.patch('/v1/sessions/:id/settings', async (request, reply) => {
  const { session, expiries, args } = sessionOf(request)
  const { theme } = /** @type {{ theme: string }} */ (request.body)
  // The time is the first of the packed arguments.
  args.writeUIntBE(Date.now(), 0, 6)
  const [, , outcome] = await commands.writeBuffer(session, expiries, args, 'theme', JSON.stringify(theme))
  return reply
    .header('etag', `"${outcome.readUIntBE(6, 5)}-${outcome.toString('base64url', 0, 6)}"`)
    .code(204)
    .send()
})

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
process.once('SIGTERM', () => process.exit())
