/** Sites in Express and Fastify whose pages use the visitor's session, and their visitors. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import fastifyCookie from '@fastify/cookie'
import fastifySession, { type FastifySessionOptions } from '@fastify/session'
import express from 'express'
import session, { type SessionOptions } from 'express-session'
import fastify from 'fastify'
import type { Test } from 'tap'
import { type CoatcheckStore, uuidOf } from '../../src/client/express-session.ts'
import { createGate, newVisitor } from './visitor.ts'

declare module 'express-session' {
  interface SessionData {
    [key: string]: unknown
  }
}

declare module 'fastify' {
  interface Session {
    [key: string]: unknown
  }
}

/** Visitors who can see and change their session. */
const visitorsOf = (url: string, store: CoatcheckStore) => (cookies?: Map<string, string>) => {
  const visitor = newVisitor(url, cookies)
  const headers = { 'content-type': 'application/json' }
  const id = async () => (await visitor.open('/id')).text
  return {
    ...visitor,
    id,
    post: (path: string, body: object = {}) =>
      visitor.open(path, { method: 'POST', body: JSON.stringify(body), headers }),
    /** What the page sees of the session, but its cookie. */
    async see(): Promise<Record<string, unknown>> {
      const { cookie: _, ...rest } = JSON.parse((await visitor.open('/see')).text)
      return rest
    },
    /** The same session in the service. */
    kept: async () => store.client.session(uuidOf(await id())),
  }
}

export type Site = {
  readonly store: CoatcheckStore
  readonly options?: Partial<SessionOptions>
  readonly make?: typeof express
}

/** Pages of Express that change the session as their paths say. */
export const serveExpress = async (t: Test, { store, options = {}, make = express }: Site) => {
  const gate = createGate()
  const failures: unknown[] = []
  const app = make()
  app.use(session({ secret: 'a secret', resave: false, saveUninitialized: false, store, ...options }))
  app.use(make.json())
  app.get('/see', (request, answer) => void answer.json(request.session))
  app.get('/id', (request, answer) => void answer.send(request.sessionID))
  app.post('/change', (request, answer) => {
    const { set = {}, remove = [], hold } = request.body as { set?: object; remove?: string[]; hold?: string }
    const change = () => {
      Object.assign(request.session, set)
      for (const key of remove) delete request.session[key]
      answer.send('changed')
    }
    if (hold === undefined) change()
    else gate.hold(hold).then(change, () => {})
  })
  app.post('/login', (request, answer, next) => {
    request.session.regenerate((error) => {
      Object.assign(request.session, request.body)
      if (error) next(error)
      else answer.send('logged in')
    })
  })
  app.post('/logout', (request, answer, next) => {
    request.session.destroy((error) => (error ? next(error) : void answer.send('logged out')))
  })
  app.post('/reload', (request, answer, next) => {
    request.session.lost = true
    request.session.reload((error) => {
      if (error) return next(error)
      request.session.reloaded = true
      answer.send('reloaded')
    })
  })
  app.post('/save', (request, answer, next) => {
    request.session.step = 1
    request.session.early = true
    request.session.save((error) => {
      if (error) return next(error)
      request.session.step = 2
      answer.send('saved')
    })
  })
  app.use((error: Error & { status?: number }, _: express.Request, answer: express.Response, next: () => void) => {
    failures.push(error)
    if (answer.headersSent) next()
    else answer.status(error.status ?? 500).send(error.message)
  })
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  const visit = visitorsOf(url, store)
  return { gate, failures, visit }
}

type Change = { set?: object; remove?: string[]; hold?: string }

/** Pages of Fastify that do, too. */
export const serveFastify = async (t: Test, store: CoatcheckStore, options: Partial<FastifySessionOptions> = {}) => {
  const gate = createGate()
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(fastifyCookie)
  await app.register(fastifySession, { secret: 'x'.repeat(32), cookie: { secure: false }, store, ...options })
  app.get('/see', async ({ session }) => session)
  app.get('/id', async ({ session }) => session.sessionId)
  app.post<{ Body: Change }>('/change', async ({ body: { set = {}, remove = [], hold }, session }) => {
    if (hold !== undefined) await gate.hold(hold)
    Object.assign(session, set)
    for (const key of remove) delete session[key]
    return 'changed'
  })
  app.post<{ Body: Record<string, unknown> }>('/login', async (request) => {
    const { body } = request
    Object.assign(request.session, body)
    await request.session.regenerate(Object.keys(body))
    request.session.after = true
    return 'logged in'
  })
  app.post('/logout', async (request) => {
    await request.session.destroy()
    return 'logged out'
  })
  app.post('/save', async (request) => {
    request.session.step = 1
    await request.session.save()
    request.session.lost = true
    await request.session.reload()
    request.session.step = 2
    delete request.session.early
    return 'saved'
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as { port: number }).port}`
  const visit = visitorsOf(url, store)
  return { gate, visit }
}
