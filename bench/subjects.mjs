// @ts-check
/** What is measured: Coatcheck on either store, and what each is held against. */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { API_KEY, NAMESPACE, sessionIds, settingsPath, settingsText } from './workload.mjs'

/** @typedef {'bare' | 'lmdb' | 'lmdbBefore' | 'lmdbTokens' | 'minimal' | 'redis' | 'redisBefore' | 'redisTokens'} SubjectName */
/**
 * @typedef {object} Subject
 * @property {SubjectName} name
 * @property {string} url
 * @property {number} pid
 * @property {Record<string, string>} [tokens] a session token for each session; without them it is asked with the API key
 * @property {() => Promise<void>} stop
 */

/** @type {Record<SubjectName, string>} */
export const TITLES = {
  bare: 'bare Fastify',
  lmdb: 'Coatcheck, LMDB',
  minimal: 'minimal, Redis',
  redis: 'Coatcheck, Redis',
  lmdbTokens: 'Coatcheck, LMDB, by token',
  redisTokens: 'Coatcheck, Redis, by token',
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
  const puts = /** @type {const} */ (['small', 'large']).flatMap((size) =>
    sessionIds(size).map((id) => ({ path: settingsPath(id), body: settingsText(size) })),
  )
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', 'if-none-match': '*' }
  for (let i = 0; i < puts.length; i += PUTS_AT_ONCE) {
    const answers = await Promise.all(
      puts
        .slice(i, i + PUTS_AT_ONCE)
        .map(({ path, body }) => fetch(subject.url + path, { method: 'PUT', headers, body })),
    )
    for (const { status } of answers) if (status !== 201) throw new Error(`A session could not be made: ${status}.`)
  }
}

/** The same server, asked with a session token for each session. @param {Subject} subject @param {SubjectName} name */
const byToken = async (subject, name) => {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ keys: { read: ['*'], write: ['*'] }, expiresInSeconds: 86_400 })
  /** @type {Record<string, string>} */
  const tokens = {}
  for (const id of /** @type {const} */ (['small', 'large']).flatMap((size) => sessionIds(size))) {
    const answer = await fetch(`${subject.url}/v1/sessions/${id}/tokens`, { method: 'POST', headers, body })
    if (answer.status !== 201) throw new Error(`A token could not be minted: ${answer.status}.`)
    tokens[id] = /** @type {{ access_token: string }} */ (await answer.json()).access_token
  }
  return { ...subject, name, tokens }
}

/** Holds the answers against each other: what is compared must do the same. @param {readonly Subject[]} subjects */
const compare = async (subjects) => {
  for (const size of /** @type {const} */ (['small', 'large'])) {
    const wanted = JSON.parse(settingsText(size))
    for (const { name, url } of subjects) {
      const [id] = sessionIds(size)
      const answer = await fetch(url + settingsPath(id ?? ''), { headers: { authorization: `Bearer ${API_KEY}` } })
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
  const newRedis = async () => `redis://127.0.0.1:${(await processes.startRedis()).port}`
  const redis = await newRedis()

  /** @param {SubjectName} name @param {string} file @param {string[]} args @param {Record<string, string>} env */
  const start = async (name, file, args, env) => {
    const flags = profiles ? ['--cpu-prof', '--cpu-prof-dir', profiles, '--cpu-prof-name', `${name}.cpuprofile`] : []
    const { port, pid, stop } = await processes.startNode([...flags, file, ...args], env)
    return { name, url: `http://127.0.0.1:${port}`, pid, stop }
  }

  if (profiles) mkdirSync(profiles, { recursive: true })
  const coatcheck = at('../dist/cli.js')
  /** @param {SubjectName} name @param {string} command @param {string} store */
  const startCoatcheck = async (name, command, store) => {
    const subject = await start(name, command, ['serve'], configuration(store))
    await fill(subject)
    return subject
  }
  if (against !== undefined) {
    const before = resolve(against, 'dist/cli.js')
    return [
      await startCoatcheck('lmdb', coatcheck, `lmdb:${processes.path('data')}`),
      await startCoatcheck('lmdbBefore', before, `lmdb:${processes.path('data-before')}`),
      await startCoatcheck('redis', coatcheck, redis),
      await startCoatcheck('redisBefore', before, await newRedis()),
    ]
  }
  const subjects = [
    await start('bare', at('./servers/bare.mjs'), [], {}),
    await startCoatcheck('lmdb', coatcheck, `lmdb:${processes.path('data')}`),
    await startCoatcheck('redis', coatcheck, redis),
    await start('minimal', at('./servers/minimal.mjs'), [], { REDIS_URL: redis }),
  ]
  await compare(subjects)
  /** @param {SubjectName} wanted */
  const find = (wanted) => /** @type {Subject} */ (subjects.find(({ name }) => name === wanted))
  return [...subjects, await byToken(find('lmdb'), 'lmdbTokens'), await byToken(find('redis'), 'redisTokens')]
}
