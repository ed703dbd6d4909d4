/** Log-ins by passport, in Express and in Fastify, with sessions that are bound to their user. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import fastifyCookie from '@fastify/cookie'
import { Authenticator as FastifyAuthenticator, Strategy as FastifyStrategy } from '@fastify/passport'
import fastifySession, { type FastifySessionOptions } from '@fastify/session'
import express from 'express'
import expressSession from 'express-session'
import fastify from 'fastify'
import passport, { type AuthenticateOptions } from 'passport'
import t, { type Test } from 'tap'
import { CoatcheckStore, uuidOf } from '../../src/client/express-session.ts'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { newVisitor } from '../helpers/visitor.ts'

const api = await onLmdb(t)

const openStore = (t: Test): CoatcheckStore => {
  const store = new CoatcheckStore({
    url: `http://127.0.0.1:${api.port}`,
    credential: KEYS.shop,
    // Express keeps the user in an object of passport's, Fastify bare.
    subject: ({ passport }) => (typeof passport === 'string' ? passport : (passport as { user?: string })?.user),
  })
  t.teardown(() => store.close())
  return store
}

type Options = { readonly keepSessionInfo?: boolean; readonly session?: Partial<FastifySessionOptions> }

type SiteOf = (t: Test, store: CoatcheckStore, options: Options) => Promise<string>

/** Each has pages that put something into the session, log in as somebody, show what there is, and log out. */
const inExpress: SiteOf = async (t, store, { keepSessionInfo, session = {} }) => {
  const authenticator = new passport.Passport()
  class ByName extends passport.Strategy {
    override name = 'name'
    override authenticate(request: express.Request): void {
      this.success({ name: String(request.query.user) })
    }
  }
  authenticator.use(new ByName())
  authenticator.serializeUser((user, done) => done(null, (user as { name: string }).name))
  authenticator.deserializeUser((name: string, done) => done(null, { name }))
  const options: AuthenticateOptions = keepSessionInfo === undefined ? {} : { keepSessionInfo }
  const { saveUninitialized = true } = session
  const app = express()
  app.use(expressSession({ store, secret: 'x', resave: false, saveUninitialized }), authenticator.session())
  app.get('/put', (request, answer) => {
    request.session.cart = [1]
    answer.end()
  })
  app.get('/login', authenticator.authenticate('name', options), (_, answer) => void answer.end())
  app.get('/see', (request, answer) => {
    answer.json({ id: request.sessionID, user: (request.user as { name?: string })?.name, cart: request.session.cart })
  })
  app.get('/logout', (request, answer, next) => request.logout((error) => (error ? next(error) : void answer.end())))
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

const inFastify: SiteOf = async (t, store, { keepSessionInfo, session = {} }) => {
  const authenticator = new FastifyAuthenticator()
  class ByName extends FastifyStrategy {
    override authenticate(request: { query: unknown }): void {
      this.success({ name: (request.query as { user: string }).user })
    }
  }
  authenticator.use('name', new ByName('name'))
  authenticator.registerUserSerializer(async (user: { name: string }) => user.name)
  authenticator.registerUserDeserializer(async (name: string) => ({ name }))
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(fastifyCookie)
  await app.register(fastifySession, { secret: 'x'.repeat(32), cookie: { secure: false }, store, ...session })
  await app.register(authenticator.initialize())
  await app.register(authenticator.secureSession())
  app.get('/put', async (request) => {
    request.session.cart = [1]
    return ''
  })
  const options = keepSessionInfo === undefined ? {} : { keepSessionInfo }
  app.get('/login', { preValidation: authenticator.authenticate('name', options) }, async () => '')
  app.get('/see', async ({ session, user }) => ({
    id: session.sessionId,
    user: (user as { name?: string } | null)?.name,
    cart: session.cart,
  }))
  app.get('/logout', async (request) => {
    await request.logout()
    return ''
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as { port: number }).port}`
}

for (const [name, serve] of [
  ['passport in Express', inExpress],
  ['@fastify/passport in Fastify', inFastify],
] as const) {
  for (const [how, options, cart] of [
    ['', {}, undefined],
    ['where nothing is saved uninitialised', { session: { saveUninitialized: false } }, undefined],
    ['where the session is kept', { keepSessionInfo: true }, [1]],
  ] as const) {
    t.test(`${name}: a log-in binds the session to its user, ${how}`, async (t) => {
      const store = openStore(t)
      const url = await serve(t, store, options)
      const visitor = newVisitor(url)
      const see = async () =>
        JSON.parse((await visitor.open('/see')).text) as { id: string; user?: string; cart?: unknown }
      await visitor.open('/put')
      const before = await see()
      t.strictSame(before.cart, [1])
      const user = `user-${randomUUID()}`
      const page = await visitor.open(`/login?user=${user}`)
      t.equal(page.status, 200, page.text)
      const after = await see()
      t.strictSame([after.user, after.cart], [user, cart])
      t.not(after.id, before.id, 'under another id')
      t.equal((await store.client.session(uuidOf(after.id)).view()).subject, user)
      await t.rejects(store.client.session(uuidOf(before.id)).get(), { code: 'session_gone' })

      const other = newVisitor(url)
      await other.open(`/login?user=${user}`)
      t.equal(await store.client.subject(user).end(), 2, 'a log-out everywhere finds both')
      t.notOk((await see()).user)

      await visitor.open(`/login?user=${user}`)
      t.equal((await visitor.open('/logout')).status, 200)
      t.notOk((await see()).user)
    })
  }
}
