// @ts-check
/** What is asked of every server: which sessions, what is in them, which requests. */
import { createHash } from 'node:crypto'

/** @typedef {'read' | 'patch'} Call */
/** @typedef {'small' | 'large'} Size */
/** @typedef {{ readonly name: string, readonly call: Call, readonly size: Size }} Workload */

/** @type {readonly Workload[]} */
export const WORKLOADS = [
  { name: 'read small', call: 'read', size: 'small' },
  { name: 'patch small', call: 'patch', size: 'small' },
  { name: 'read large', call: 'read', size: 'large' },
  { name: 'patch large', call: 'patch', size: 'large' },
]

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
const authorization = (credential) => ({ authorization: `Bearer ${credential}` })

/** The status that every server must answer with. @type {Record<Call, number>} */
export const STATUS = { read: 200, patch: 204 }

/** Texts of one length; no turn has those of another, so that a patch always changes something. @param {number} turn */
const themes = (turn) => [2 * turn, 2 * turn + 1].map((number) => `"t${number.toString(36).padStart(4, '0')}"`)

/**
 * What one connection asks for, again and again. Each has sessions of its own, so that two never write to one session at
 * the same time.
 *
 * @param {Workload} workload @param {number} turn @param {number} connection @param {number} connections
 * @param {Record<string, string>} [tokens] by session; without them the API key is sent
 * @returns {{ method: 'GET' | 'PATCH', path: string, headers: Record<string, string>, body?: string }[]}
 */
export const requestsOf = ({ call, size }, turn, connection, connections, tokens) => {
  const sessions = sessionIds(size)
    .filter((_, i) => i % connections === connection)
    .map((id) => ({ path: settingsPath(id), headers: authorization(tokens?.[id] ?? API_KEY) }))
  if (call === 'read') return sessions.map((session) => ({ method: 'GET', ...session }))
  return themes(turn).flatMap((theme) =>
    sessions.map(({ path, headers }) => ({
      method: 'PATCH',
      path,
      headers: { ...headers, 'content-type': 'application/json' },
      body: `{"theme":${theme}}`,
    })),
  )
}
