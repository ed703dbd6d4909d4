// @ts-check
/** What is measured: Coatcheck on either store, and what each is held against. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { API_KEY, authorization, COMMON_CALLS, NAMESPACE, sessionIds, settingsPath, settingsText } from './workload.mjs'

/** @typedef {'bare' | 'express' | 'lmdb' | 'lmdbBefore' | 'lmdbTokens' | 'redis' | 'redisBefore' | 'redisTokens' | 'webdis'} SubjectName */
/**
 * @typedef {object} Subject
 * @property {SubjectName} name
 * @property {string} url
 * @property {number} pid
 * @property {{ readonly url: string, readonly pid: number }} [engine] the Redis that it keeps its sessions in
 * @property {import('./workload.mjs').Asked} asked
 * @property {(call: import('./workload.mjs').Call) => boolean} takes whether it has such a call
 * @property {() => Promise<void>} stop
 */

/** @type {Record<SubjectName, string>} */
export const TITLES = {
  bare: 'bare Fastify',
  redis: 'Coatcheck, Redis',
  redisTokens: 'Coatcheck, Redis, by token',
  lmdb: 'Coatcheck, LMDB',
  lmdbTokens: 'Coatcheck, LMDB, by token',
  express: 'express-session, connect-redis',
  webdis: 'webdis',
  lmdbBefore: 'the other Coatcheck, LMDB',
  redisBefore: 'the other Coatcheck, Redis',
}

const at = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

/** As `coatcheck serve` runs in earnest, with all its defaults, but silent. @param {string} store */
const configuration = (store) => ({
  COATCHECK_STORE: store,
  COATCHECK_API_KEYS: `${NAMESPACE}:${createHash('sha256').update(API_KEY).digest('hex')}`,
  COATCHECK_LOG_LEVEL: 'silent',
})

const PUTS_AT_ONCE = 20
const READY_MS = 10_000

/** @type {import('./workload.mjs').Asked} */
const BY_API_KEY = { kind: 'sessions', headers: authorization(API_KEY) }
const JSON_TYPE = { 'content-type': 'application/json' }

const all = /** @type {const} */ (['small', 'large']).flatMap((size) => sessionIds(size).map((id) => ({ id, size })))

/** Sends one request for each session, some at once. @param {(session: typeof all[number]) => Promise<Response>} ask @param {number} status */
const forEach = async (ask, status) => {
  for (let i = 0; i < all.length; i += PUTS_AT_ONCE) {
    const answers = await Promise.all(all.slice(i, i + PUTS_AT_ONCE).map(ask))
    const wrong = answers.find((answer) => answer.status !== status)
    if (wrong) throw new Error(`A session could not be made: ${wrong.status}.`)
  }
}

/** A server listens before its store is there. @param {Subject} subject */
const untilReady = async ({ name, url }) => {
  const end = performance.now() + READY_MS
  while (!(await fetch(`${url}/readyz`)).ok) {
    if (performance.now() > end) throw new Error(`${TITLES[name]} does not become ready.`)
    await sleep(50)
  }
}

/** Makes every session, through the API. @param {Subject} subject */
const fill = async (subject) => {
  await untilReady(subject)
  const headers = { ...authorization(API_KEY), ...JSON_TYPE, 'if-none-match': '*' }
  const put = (/** @type {typeof all[number]} */ { id, size }) =>
    fetch(subject.url + settingsPath(id), { method: 'PUT', headers, body: settingsText(size) })
  await forEach(put, 201)
}

/** The same of express-session, which gives each a cookie. @param {string} url @returns {Promise<import('./workload.mjs').Asked>} */
const fillExpress = async (url) => {
  /** @type {Record<string, Record<string, string>>} */
  const headers = {}
  const put = async (/** @type {typeof all[number]} */ { id, size }) => {
    const answer = await fetch(url + settingsPath(id), { method: 'PUT', headers: JSON_TYPE, body: settingsText(size) })
    headers[id] = { cookie: answer.headers.get('set-cookie')?.split(';', 1)[0] ?? '' }
    return answer
  }
  await forEach(put, 201)
  return { kind: 'sessions', headers }
}

/** The same server, asked with a session token for each session. @param {Subject} subject @param {SubjectName} name @returns {Promise<Subject>} */
const byToken = async (subject, name) => {
  const body = JSON.stringify({ keys: { read: ['*'], write: ['*'] }, expiresInSeconds: 86_400 })
  /** @type {Record<string, Record<string, string>>} */
  const headers = {}
  const mint = async (/** @type {typeof all[number]} */ { id }) => {
    const answer = await fetch(`${subject.url}/v1/sessions/${id}/tokens`, {
      method: 'POST',
      headers: { ...authorization(API_KEY), ...JSON_TYPE },
      body,
    })
    headers[id] = authorization(/** @type {{ access_token: string }} */ (await answer.json()).access_token)
    return answer
  }
  await forEach(mint, 201)
  return { ...subject, name, asked: { kind: 'sessions', headers }, takes: isCommon }
}

const isCommon = (/** @type {import('./workload.mjs').Call} */ call) => COMMON_CALLS.includes(call)

/** Holds the answers against each other: what is compared must do the same. @param {readonly Subject[]} subjects */
const compare = async (subjects) => {
  for (const size of /** @type {const} */ (['small', 'large'])) {
    const wanted = JSON.parse(settingsText(size))
    for (const { name, url, asked } of subjects) {
      const [id = ''] = sessionIds(size)
      const own = asked.headers[id] ?? asked.headers
      const answer = await fetch(url + settingsPath(id), { headers: /** @type {Record<string, string>} */ (own) })
      const settings = /** @type {object} */ (await answer.json())
      const differs = Object.entries(wanted).some(
        ([key, value]) => JSON.stringify(value) !== JSON.stringify(/** @type {any} */ (settings)[key]),
      )
      if (differs || Object.keys(settings).length !== Object.keys(wanted).length || !answer.headers.has('etag')) {
        throw new Error(`${TITLES[name]} does not answer what the others do.`)
      }
    }
  }
}

/**
 * Starts all that is measured, each in a process of its own, and fills it.
 *
 * @param {import('./processes.mjs').Processes} processes
 * @param {{ profiles?: string | undefined, against?: string | undefined }} options a folder for a CPU profile of each
 *   server; the folder of another Coatcheck, built, which this one is held against in place of all else
 * @returns {Promise<Subject[]>}
 */
export const startSubjects = async (processes, { profiles, against }) => {
  const newRedis = async () => {
    const { port, pid } = await processes.startRedis()
    return { url: `redis://127.0.0.1:${port}`, port, pid }
  }

  /** @param {SubjectName} name @param {string} file @param {string[]} args @param {Record<string, string>} env @returns {Promise<Subject>} */
  const start = async (name, file, args, env) => {
    const flags = profiles ? ['--cpu-prof', '--cpu-prof-dir', profiles, '--cpu-prof-name', `${name}.cpuprofile`] : []
    const { port, pid, stop } = await processes.startNode([...flags, file, ...args], env)
    return { name, url: `http://127.0.0.1:${port}`, pid, stop, asked: BY_API_KEY, takes: isCommon }
  }

  if (profiles) mkdirSync(profiles, { recursive: true })
  const coatcheck = at('../dist/cli.js')
  /** @param {SubjectName} name @param {string} command @param {string | Awaited<ReturnType<typeof newRedis>>} store @returns {Promise<Subject>} */
  const startCoatcheck = async (name, command, store) => {
    const url = typeof store === 'string' ? store : store.url
    const started = { ...(await start(name, command, ['serve'], configuration(url))), takes: () => true }
    const subject = typeof store === 'string' ? started : { ...started, engine: store }
    await fill(subject)
    return subject
  }
  if (against !== undefined) {
    const before = resolve(against, 'dist/cli.js')
    return [
      await startCoatcheck('lmdb', coatcheck, `lmdb:${processes.path('data')}`),
      await startCoatcheck('lmdbBefore', before, `lmdb:${processes.path('data-before')}`),
      await startCoatcheck('redis', coatcheck, await newRedis()),
      await startCoatcheck('redisBefore', before, await newRedis()),
    ]
  }

  /** @returns {Promise<Subject>} */
  const startExpress = async () => {
    const engine = await newRedis()
    const subject = await start('express', at('./servers/express.mjs'), [], { REDIS_URL: engine.url })
    return { ...subject, engine, asked: await fillExpress(subject.url) }
  }

  /** @param {string} program @returns {Promise<Subject>} */
  const startWebdis = async (program) => {
    const engine = await newRedis()
    const { port, pid, stop } = await processes.startProgram(program, (httpPort) => {
      const file = processes.path('webdis.json')
      const where = { redis_host: '127.0.0.1', redis_port: engine.port, http_host: '127.0.0.1', http_port: httpPort }
      writeFileSync(file, JSON.stringify({ ...where, threads: 2, verbosity: 0, logfile: '/dev/null' }))
      // It tells of each connection that is closed.
      return { args: [file], isQuiet: true }
    })
    const url = `http://127.0.0.1:${port}`
    await forEach(({ id, size }) => fetch(`${url}/SET/${id}`, { method: 'PUT', body: settingsText(size) }), 200)
    return { name: 'webdis', url, pid, stop, engine, asked: { kind: 'webdis', headers: {} }, takes: isCommon }
  }

  const bare = await start('bare', at('./servers/bare.mjs'), [], {})
  const redis = await startCoatcheck('redis', coatcheck, await newRedis())
  const lmdb = await startCoatcheck('lmdb', coatcheck, `lmdb:${processes.path('data')}`)
  const express = await startExpress()
  await compare([bare, redis, lmdb, express])
  return [
    ...[bare, redis, await byToken(redis, 'redisTokens'), lmdb, await byToken(lmdb, 'lmdbTokens'), express],
    ...(process.env.WEBDIS ? [await startWebdis(process.env.WEBDIS)] : []),
  ]
}
