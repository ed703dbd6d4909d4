/**
 * A reader of a session's events as an app would write it: it folds what it is told into a state, and when the stream ends
 * it waits as long as it was told and comes back with the ETag that it holds. What must never happen it writes down: a
 * change that does not go on from the state it has, or a stream that tells of another session's end.
 */
import { type ClientRequest, request } from 'node:http'

export type FollowedState = { readonly etag: string; readonly settings: Readonly<Record<string, unknown>> }

export type Follower = {
  readonly id: string
  /** What it holds; null as long as it was told nothing. */
  state(): FollowedState | null
  /** Why the session ended, when it was told so; it then does not come back. */
  ended(): string | null
  /** How many streams were opened, how many events came. */
  streams(): number
  events(): number
  /** How the last stream ended: `whole` after its last piece, `cut` in the middle; null while it is open. */
  closed(): 'whole' | 'cut' | null
  /** The last field of the last stream that was told whole. */
  lastField(): string
  readonly faults: readonly string[]
  stop(): void
}

export type FollowerOptions = {
  readonly port: number
  readonly id: string
  readonly key: string
  /** Whether it comes back when its stream ends. */
  readonly returns?: boolean
  /** Told of every state that it comes to. */
  readonly onState?: (id: string, state: FollowedState) => void
}

type Data = {
  revision: number
  settings: Record<string, unknown>
  set: Record<string, unknown>
  removed: string[]
  reason: string
}

const FIRST_RETRY_MS = 500

const revisionOf = (etag: string): number => Number.parseInt(etag, 10)

export const follow = ({ port, id, key, returns = true, onState = () => {} }: FollowerOptions): Follower => {
  let held: FollowedState | null = null
  let why: string | null = null
  let stopped = false
  let retryMs = FIRST_RETRY_MS
  let outgoing: ClientRequest | undefined
  let timer: NodeJS.Timeout | undefined
  let streams = 0
  let events = 0
  let closed: 'whole' | 'cut' | null = null
  let lastField = ''
  const faults: string[] = []

  const hold = (etag: string, settings: Record<string, unknown>): void => {
    held = { etag, settings }
    onState(id, held)
  }

  const take = (event: string, etag: string | undefined, data: Data): void => {
    events += 1
    if (event === 'ended') why = data.reason
    else if (event === 'snapshot') hold(etag ?? '', data.settings)
    else if (event === 'change') {
      if (held === null) faults.push('a change came before any state')
      else if (data.revision !== revisionOf(held.etag) + 1) faults.push(`${etag} was told to who held ${held.etag}`)
      const settings = { ...held?.settings, ...data.set }
      for (const key of data.removed) delete settings[key]
      hold(etag ?? '', settings)
    }
  }

  const takeBlock = (block: string): void => {
    let event = 'message'
    let etag: string | undefined
    const data: string[] = []
    for (const line of block.split('\n')) {
      const colon = line.indexOf(': ')
      const [field, value] = [line.slice(0, colon), line.slice(colon + 2)]
      if (colon < 1) continue
      lastField = field
      if (field === 'event') event = value
      else if (field === 'id') etag = value
      else if (field === 'data') data.push(value)
      else if (field === 'retry') retryMs = Number(value)
    }
    if (data.length > 0) take(event, etag, JSON.parse(data.join('\n')))
  }

  const again = (): void => {
    if (!stopped && returns && why === null) timer = setTimeout(open, retryMs)
  }

  const open = (): void => {
    const headers = { authorization: `Bearer ${key}`, ...(held && { 'last-event-id': held.etag }) }
    outgoing = request({ host: '127.0.0.1', port, path: `/v1/sessions/${id}/events`, headers, agent: false })
    outgoing.on('error', () => {})
    // A refused or broken connection has no answer; with one, this comes after it.
    outgoing.once('close', again)
    outgoing.once('response', (incoming) => {
      if (incoming.statusCode !== 200) {
        incoming.resume()
        return
      }
      streams += 1
      closed = null
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (piece: string) => {
        const blocks = (text + piece).split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) takeBlock(block)
      })
      incoming.on('error', () => {})
      incoming.once('close', () => {
        closed = incoming.complete ? 'whole' : 'cut'
      })
    })
    outgoing.end()
  }

  open()
  return {
    id,
    state: () => held,
    ended: () => why,
    streams: () => streams,
    events: () => events,
    closed: () => closed,
    lastField: () => lastField,
    faults,
    stop() {
      stopped = true
      clearTimeout(timer)
      outgoing?.destroy()
    },
  }
}
