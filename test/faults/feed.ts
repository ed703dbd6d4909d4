/**
 * A reader of a namespace's feed, as simple as one can be: what follows the state that it holds it takes, and otherwise it
 * reads the session again. So it ends with the state if the feed tells of everything, or says that it has not.
 */
import { type ClientRequest, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { KEYS } from '../helpers/app.ts'
import { eventParser } from '../helpers/events.ts'
import type { Caller } from './calling.ts'
import { type Held, type Reading, revisionOf, settingsText } from './history.ts'

export type FeedReader = {
  /** Holds this session from now on. */
  track(session: string): void
  held(): Held[]
  stop(): void
}

type Settings = Readonly<Record<string, unknown>>
type Told = { id: string; etag: string; previousEtag?: string; settings: Settings; set: Settings; removed: string[] }
type Event = { readonly event: string; readonly told: Told }
type State = {
  etag: string | null
  settings: Settings | null
  ended: boolean
  isStale: boolean
  /** What was told while it is being read; null while it is not. */
  meanwhile: Event[] | null
}

/** What of that which was told meanwhile comes after the state that was read. */
const unseen = (meanwhile: readonly Event[], etag: string): readonly Event[] => {
  const last = meanwhile.findLastIndex(({ told }) => told.etag === etag)
  if (last !== -1) return meanwhile.slice(last + 1)
  return meanwhile.filter(({ event, told }) => event === 'gap' || revisionOf(told.etag) > revisionOf(etag))
}

const BATCH = 100
const RETRY_MS = 100

export const followFeed = (
  port: number,
  reader: string,
  caller: Caller,
  onReading: (one: Reading) => void,
): FeedReader => {
  const states = new Map<string, State>()
  let outgoing: ClientRequest | undefined
  let again: NodeJS.Timeout | undefined
  let isOpen = false
  let isReading = false
  let stopped = false

  const hold = (session: string, state: State, etag: string, settings: Settings): void => {
    if (state.etag !== etag || settingsText(state.settings ?? {}) !== settingsText(settings))
      onReading({ reader, session, etag, settings: settingsText(settings), at: performance.now() })
    Object.assign(state, { etag, settings })
  }

  const readSome = async (ids: readonly string[]): Promise<void> => {
    const asked = ids.map((id) => [id, states.get(id) as State] as const)
    for (const [, state] of asked) Object.assign(state, { isStale: false, meanwhile: [] })
    const { status, json } = await caller.call('POST', '/v1/sessions/batch', { body: { ids } })
    const gone = status === 200 ? new Set(json.gone.map(({ id }: { id: string }) => id)) : new Set()
    const missing = new Set<string>(status === 200 ? json.missing : [])
    for (const [id, state] of asked) {
      const meanwhile = state.meanwhile ?? []
      state.meanwhile = null
      const found = status === 200 ? json.sessions[id] : undefined
      if (status !== 200) state.isStale = true
      if (gone.has(id)) state.ended = true
      // Nothing is there, as before the first write.
      if (missing.has(id)) Object.assign(state, { etag: null, settings: null })
      if (found) hold(id, state, found.etag, found.settings)
      for (const one of found ? unseen(meanwhile, found.etag) : meanwhile) hear(state, one)
    }
    if (status !== 200) await delay(RETRY_MS)
  }

  /** Reads what is stale until nothing is. */
  const readStale = async (): Promise<void> => {
    if (isReading) return
    isReading = true
    while (!stopped && isOpen) {
      const ids = [...states].filter(([, { isStale, ended }]) => isStale && !ended).map(([id]) => id)
      if (ids.length === 0) break
      await readSome(ids.slice(0, BATCH))
    }
    isReading = false
  }

  const stale = (some: Iterable<State>): void => {
    for (const state of some) state.isStale = true
    void readStale()
  }

  const hear = (state: State, one: Event): void => {
    const { event, told } = one
    if (event === 'ended') state.ended = true
    else if (state.meanwhile !== null) state.meanwhile.push(one)
    else if (event === 'gap') stale([state])
    else if (state.isStale) return
    else if (event === 'snapshot') hold(told.id, state, told.etag, told.settings)
    else if (event === 'change' && told.etag !== state.etag) {
      if (told.previousEtag !== state.etag) {
        stale([state])
        return
      }
      const settings: Record<string, unknown> = { ...state.settings, ...told.set }
      for (const key of told.removed) delete settings[key]
      hold(told.id, state, told.etag, settings)
    }
  }

  const take = (event: string, data: string): void => {
    const told = JSON.parse(data) as Partial<Told>
    if (event === 'gap' && told.id === undefined) {
      isOpen = true
      stale(states.values())
      return
    }
    const state = states.get(told.id ?? '')
    if (state) hear(state, { event, told: told as Told })
  }

  const open = (): void => {
    isOpen = false
    const headers = { authorization: `Bearer ${KEYS.shop}` }
    outgoing = request({ host: '127.0.0.1', port, path: '/v1/events', headers, agent: false })
    outgoing.on('error', () => {})
    outgoing.once('close', () => {
      if (!stopped) again = setTimeout(open, RETRY_MS)
    })
    outgoing.once('response', (incoming) => {
      incoming.on('error', () => {})
      if (incoming.statusCode !== 200) return void incoming.resume()
      const parser = eventParser()
      let taken = 0
      incoming.setEncoding('utf8').on('data', (piece: string) => {
        parser.push(piece)
        for (; taken < parser.events.length; taken++) {
          const { event, data } = parser.events[taken] as { event: string; data: string }
          take(event, data)
        }
      })
    })
    outgoing.end()
  }

  open()
  return {
    track(session) {
      const state = states.get(session) ?? { etag: null, settings: null, ended: false, isStale: false, meanwhile: null }
      states.set(session, state)
      if (isOpen) stale([state])
    },
    held: () =>
      [...states].map(([session, { etag, settings, ended }]) => ({
        ...{ reader, session, etag, ended },
        settings: settings && settingsText(settings),
      })),
    stop() {
      stopped = true
      clearTimeout(again)
      outgoing?.destroy()
    },
  }
}
