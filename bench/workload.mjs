// @ts-check
/** What is asked of every server: which sessions, what is in them, which requests. */
import { createHash } from 'node:crypto'

/** @typedef {'read' | 'patch' | 'known' | 'take' | 'create' | 'batch'} Call */
/** @typedef {'small' | 'large'} Size */
/** @typedef {{ readonly name: string, readonly call: Call, readonly size: Size }} Workload */

/** @type {readonly Workload[]} */
export const WORKLOADS = [
  { name: 'read small', call: 'read', size: 'small' },
  { name: 'patch small', call: 'patch', size: 'small' },
  { name: 'read large', call: 'read', size: 'large' },
  { name: 'patch large', call: 'patch', size: 'large' },
  { name: 'not modified', call: 'known', size: 'small' },
  { name: 'put, and take', call: 'take', size: 'small' },
  { name: 'create', call: 'create', size: 'small' },
  { name: 'batch of 100', call: 'batch', size: 'small' },
]

/** The calls that every server takes. @type {readonly Call[]} */
export const COMMON_CALLS = ['read', 'patch']

export const BATCH = 100

export const SESSIONS = 1000
export const API_KEY = 'ck_bench_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
/** What `coatcheck key new` proposes. Its length counts for memory: it stands twice in each session's keys. */
export const NAMESPACE = 'app'

const SMALL = {
  theme: 'plain',
  username: 'henrik',
  locale: 'en-GB',
  sidebar: true,
  lastViewed: '2026-11-21T20:00Z',
}

/** 15 keys more, with values as apps keep them: strings of some words, numbers, an object, a list. */
const LARGE = {
  ...SMALL,
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`preference-${i}`, `${'lorem ipsum dolor sit amet, '.repeat(4)}${i}`]),
  ),
  cart: { currency: 'EUR', items: [4, 8, 15, 16, 23, 42].map((article) => ({ article, amount: 1, price: '19.90' })) },
  recent: ['/articles/4', '/articles/8', '/articles/15', '/articles/16', '/articles/23', '/articles/42'],
  visits: 108,
}

/** @type {Record<Size, object>} */
const SETTINGS = { small: SMALL, large: LARGE }

/** The settings of every session of a size, as JSON text. @param {Size} size */
export const settingsText = (size) => JSON.stringify(SETTINGS[size])

/** The same, each key's text by itself. @param {Size} size @returns {Map<string, string>} */
export const settingsTexts = (size) =>
  new Map(Object.entries(SETTINGS[size]).map(([key, value]) => [key, JSON.stringify(value)]))

/** The UUID of a session: the same in every process, spread evenly. @param {Size} size @param {number} index */
export const sessionId = (size, index) => {
  const hex = createHash('sha256').update(`${size} ${index}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/** @param {Size} size @returns {string[]} */
export const sessionIds = (size) => Array.from({ length: SESSIONS }, (_, i) => sessionId(size, i))

/** @param {string} id */
export const settingsPath = (id) => `/v1/sessions/${id}/settings`

/** @param {string} credential */
export const authorization = (credential) => ({ authorization: `Bearer ${credential}` })

/** @type {Record<Call, readonly number[]>} */
const STATUSES = { read: [200], patch: [204], known: [304], take: [200, 201, 204], create: [201], batch: [200] }

/** The statuses that a call must be answered with. @param {Call} call @param {Kind} kind */
export const statusesOf = (call, kind) => (kind === 'webdis' ? [200] : STATUSES[call])

/** Texts of one length; no turn has those of another, so that a patch always changes something. @param {number} turn */
const themes = (turn) => [2 * turn, 2 * turn + 1].map((number) => `"t${number.toString(36).padStart(4, '0')}"`)

/** @typedef {{ method: 'GET' | 'PATCH' | 'PUT' | 'POST', path: string, headers: Record<string, string>, body?: string }} Request */
/** webdis has paths of its own. @typedef {'sessions' | 'webdis'} Kind */
/**
 * How a server is asked: with these headers, or with others for each session.
 *
 * @typedef {{ readonly kind: Kind, readonly headers: Record<string, string | Record<string, string>> }} Asked
 */

const JSON_TYPE = { 'content-type': 'application/json' }

/** @typedef {{ readonly id: string, readonly path: string, readonly headers: Record<string, string> }} Place */

/** What is asked of one server that keeps sessions. @type {Record<Call, (places: Place[], themes: string[], size: Size) => Request[]>} */
const REQUESTS = {
  read: (places) => places.map(({ path, headers }) => ({ method: 'GET', path, headers })),
  known: (places) =>
    places.map(({ path, headers }) => ({ method: 'GET', path, headers: { ...headers, 'if-none-match': '*' } })),
  patch: (places, texts) =>
    texts.flatMap((text) =>
      places.map(({ path, headers }) => ({
        method: 'PATCH',
        path,
        headers: { ...headers, ...JSON_TYPE },
        body: `{"theme":${text}}`,
      })),
    ),
  take: (places) =>
    places.flatMap(({ path, headers }) => [
      { method: 'PUT', path: `${path}/once`, headers: { ...headers, ...JSON_TYPE }, body: '"a flash message"' },
      { method: 'POST', path: `${path}/once/take`, headers },
    ]),
  create: ([place], _texts, size) => [
    {
      method: 'POST',
      path: '/v1/sessions',
      headers: { ...place?.headers, ...JSON_TYPE },
      body: `{"settings":${settingsText(size)}}`,
    },
  ],
  batch: ([place], _texts, size) => [
    {
      method: 'POST',
      path: '/v1/sessions/batch',
      headers: { ...place?.headers, ...JSON_TYPE },
      body: JSON.stringify({ ids: sessionIds(size).slice(0, BATCH) }),
    },
  ],
}

/** The same of webdis, which knows no patch: the whole text is set. @param {Call} call @param {Place[]} places @param {string[]} texts @param {Size} size @returns {Request[]} */
const webdisRequests = (call, places, texts, size) =>
  call === 'read'
    ? places.map(({ id }) => ({ method: 'GET', path: `/GET/${id}`, headers: {} }))
    : texts.flatMap((text) =>
        places.map(({ id }) => ({
          method: 'PUT',
          path: `/SET/${id}`,
          headers: {},
          body: settingsText(size).replace('"plain"', text),
        })),
      )

/**
 * What one connection asks for, again and again. Each has sessions of its own, so that two never write to one session at
 * the same time.
 *
 * @param {Workload} workload @param {number} turn @param {number} connection @param {number} connections
 * @param {Asked} asked
 * @returns {Request[]}
 */
export const requestsOf = ({ call, size }, turn, connection, connections, { kind, headers }) => {
  const places = sessionIds(size)
    .filter((_, i) => i % connections === connection)
    .map((id) => ({
      id,
      path: settingsPath(id),
      headers: /** @type {Record<string, string>} */ (typeof headers[id] === 'object' ? headers[id] : headers),
    }))
  const texts = themes(turn)
  return kind === 'webdis' ? webdisRequests(call, places, texts, size) : REQUESTS[call](places, texts, size)
}
