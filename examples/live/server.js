/**
 * A live-view server of one screen, so that the examples need no framework: a page is rendered on the server, first as the
 * answer to a GET, then again and again over a WebSocket whenever something changes, and morphed in the browser.
 *
 * A view is `{ mount?, render, on }`. `mount(live)` runs before the first render and again when the socket joins;
 * `render(live)` gives the HTML; `on[event](live, params)` answers what a form or a button sends. A `live` has:
 *
 * - `settings`, `subject`: what Coatcheck keeps of the visitor, kept current while the page is open;
 * - `connected`: whether this is the page's socket, rather than its first render;
 * - `session`: the visitor's session in Coatcheck, to write to;
 * - `put(key, value)`: writes a setting, and shows it from now on, however far away the service is;
 * - `assigns`: whatever the view wants to remember while the page is open;
 * - `update()` renders again, `post(path, fields)` lets the browser leave by a POST, `hear(emitter, event, listener)` listens
 *   until the page is closed.
 */
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import cookie from '@fastify/cookie'
import websocket from '@fastify/websocket'
import closeWithGrace from 'close-with-grace'
import { createClient } from 'coatcheck/client'
import { createSaver } from 'coatcheck/saver'
import fastify from 'fastify'
import { html } from './html.js'
import { idIn, visitorOf } from './visitor.js'

const FILES = {
  '/style.css': new URL('style.css', import.meta.url),
  '/live.js': new URL('page.js', import.meta.url),
  '/idiomorph.js': import.meta.resolve('idiomorph'),
  '/coatcheck-client.min.js': new URL('../../dist/coatcheck-client.min.js', import.meta.url),
  '/coatcheck-liveview.min.js': new URL('../../dist/coatcheck-liveview.min.js', import.meta.url),
}
const TYPES = { '.js': 'text/javascript', '.css': 'text/css' }

/** The service that this app keeps its visitors' settings with, by the environment. */
export const COATCHECK_URL = process.env.COATCHECK_URL

/** The API key from the file that a first start of Coatcheck makes; it is read from there and never in an argument. */
const apiKey = () =>
  readFileSync(process.env.COATCHECK_API_KEY_FILE, 'utf8')
    .replace(/^Authorization: Bearer /, '')
    .trim()

/** A view lives as long as its page, so what somebody has typed waits a minute for a store that is away. */
const PATIENCE_MS = 60_000

export const coatcheck = createClient({ url: COATCHECK_URL, credential: apiKey, timeoutMs: PATIENCE_MS })

/** A page without a socket. */
export const page = (title, body, head = '') =>
  String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${head}
<link rel="stylesheet" href="/style.css">
</head>
<body><main id="live">${body}</main></body>
</html>
`)

const SCRIPT = html`<script type="module" src="/live.js"></script>`

/** What stands in the page until the cookie of a login in another tab is there. */
const WAIT = page('One moment', html`<h1>One moment …</h1>`, html`<meta http-equiv="refresh" content="1">`)

/** Whether it comes from a page of this address. Browsers say who asks; other sites could, with the visitor's cookie. */
const isOwn = ({ headers }) => headers.origin === `http://${headers.host}`

const LONGEST_MESSAGE = 65_536

/**
 * Serves one view on `/`. More, if there is: `head(live)`, for what goes into the page's head; `files`, served by their paths;
 * `routes(app)`, for routes of one's own; `connects`, another origin that the page's scripts call.
 */
export const serve = async ({ title, view, head = () => '', files = {}, routes = () => {}, connects = '' }) => {
  const app = fastify({ forceCloseConnections: true })
  const feed = coatcheck.feed()
  await app.register(cookie)
  await app.register(websocket, { options: { maxPayload: LONGEST_MESSAGE } })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async (_, body) =>
    Object.fromEntries(new URLSearchParams(body)),
  )
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'POST' && request.headers.origin && !isOwn(request)) return reply.code(403).send()
    reply.header('content-security-policy', `default-src 'self'; connect-src 'self' ${connects}; form-action 'self'`)
  })
  for (const [path, file] of Object.entries({ ...FILES, ...files })) {
    const text = readFileSync(fileURLToPath(file))
    app.get(path, (_, reply) => reply.type(TYPES[extname(path)]).send(text))
  }

  app.get('/favicon.ico', (_, reply) => reply.code(204).send())

  const liveFor = (visitor, more = {}) => ({
    ...visitor,
    session: coatcheck.session(visitor.id),
    assigns: {},
    update() {},
    hear() {},
    ...more,
  })

  app.get('/', async (request, reply) => {
    reply.type('text/html').header('cache-control', 'no-store')
    const visitor = await visitorOf(coatcheck, request, reply)
    if (visitor.wait) return WAIT
    const live = liveFor(visitor)
    await view.mount?.(live)
    // While the store is away there is no token for the page's scripts, and a page all the same.
    return page(title, view.render(live), html`${visitor.away ? '' : await head(live)}${SCRIPT}`)
  })

  app.get('/live', { websocket: true }, async (socket, request) => {
    const id = idIn(request)
    if (id === undefined || !isOwn(request)) return socket.close(4403)
    const left = new AbortController()
    const send = (message) => socket.send(JSON.stringify(message))
    let shown = ''
    let joined
    const isJoined = new Promise((resolve) => {
      joined = resolve
    })
    let present = { settings: {}, revision: 0 }
    const fail = (error) => {
      if (left.signal.aborted) return
      console.error(`The view failed: ${error.message}`)
      send({ error: error.message })
    }
    const saver = createSaver({ session: coatcheck.session(id), onError: fail })
    const live = liveFor(
      { id, settings: {}, subject: null },
      {
        connected: true,
        put(key, value) {
          saver.put(key, value)
          live.settings = saver.over(present.settings, present.revision)
        },
        update() {
          const next = String(view.render(live))
          if (next !== shown) send({ html: next })
          shown = next
        },
        post: (path, fields) => send({ post: path, fields }),
        hear(emitter, event, listener) {
          emitter.on(event, listener)
          left.signal.addEventListener('abort', () => emitter.off(event, listener))
        },
      },
    )
    socket.on('close', () => {
      left.abort()
      void saver.flush().finally(saver.stop)
    })
    // Whatever somebody sends, and before the view knows who it is it answers nothing.
    const answer = async (data) => {
      const { event, params } = JSON.parse(data)
      await isJoined
      if (Object.hasOwn(view.on, event)) await view.on[event](live, params)
      live.update()
    }
    socket.on('message', (data) => answer(data).catch(fail))

    try {
      for await (const event of feed.changes(id, { signal: left.signal })) {
        if (event.type === 'ended') return send({ ended: event.reason })
        if (!('settings' in event)) continue
        const isFirst = shown === ''
        present = event
        live.settings = saver.over(event.settings, event.revision)
        if (isFirst) {
          live.subject = (await coatcheck.batch([id])).sessions[id]?.subject ?? null
          await view.mount?.(live)
        }
        live.update()
        joined()
      }
    } catch (error) {
      fail(error)
      socket.close(1011)
    }
  })

  await routes(app)
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 4000) })
  closeWithGrace({ delay: 3000 }, async () => {
    coatcheck.close()
    await app.close()
  })
  return app
}
