// @ts-check
/**
 * What most would take in Node: Express, express-session and connect-redis as they come. A PUT without a cookie begins a session.
 */
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'
import { settingsPath } from '../workload.mjs'

const client = createClient({ url: process.env.REDIS_URL ?? '' })
await client.connect()

/** @typedef {session.Session & { settings?: Record<string, unknown> }} Kept */

const app = express()
app.use(
  session({
    store: new RedisStore({ client }),
    secret: 'a secret of the bench',
    resave: false,
    saveUninitialized: false,
  }),
)

app
  .route(settingsPath(':id'))
  .put(express.json(), (request, response) => {
    const kept = /** @type {Kept} */ (request.session)
    kept.settings = request.body
    response.status(201).end()
  })
  .get((request, response) => {
    response.json(/** @type {Kept} */ (request.session).settings)
  })
  .patch(express.json(), (request, response) => {
    Object.assign(/** @type {Kept} */ (request.session).settings ?? {}, request.body)
    response.status(204).end()
  })

app.listen(Number(process.env.PORT), '127.0.0.1')
process.once('SIGTERM', () => process.exit())
