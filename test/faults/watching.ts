/** Readers of events beside the callers: a stream of each shared session and a feed of the namespace, on every replica. */
import { KEYS } from '../helpers/app.ts'
import { follow } from '../helpers/follower.ts'
import { until } from '../helpers/until.ts'
import type { Caller } from './calling.ts'
import { followFeed } from './feed.ts'
import { type Held, type Reading, settingsText } from './history.ts'

/** The fault of before may have left something broken. */
const BEGIN_MS = 20_000

export type Watching = {
  readonly readings: readonly Reading[]
  /** Has the feeds hold this session, too. */
  track(session: string): void
  /** Opens the streams of these sessions, and waits until each has begun. */
  open(sessions: readonly string[]): Promise<void>
  held(): Held[]
  /** What must never happen. */
  faults(): string[]
  stop(): void
}

export const watch = (ports: readonly number[], callers: readonly Caller[]): Watching => {
  const readings: Reading[] = []
  const note = (one: Reading): void => void readings.push(one)
  const feeds = ports.map((port, at) => followFeed(port, `feed ${at}`, callers[at] as Caller, note))

  const openStream = (port: number, reader: string, id: string) => {
    const onState = (session: string, state: { etag: string; settings: Readonly<Record<string, unknown>> }): void =>
      note({ reader, session, etag: state.etag, settings: settingsText(state.settings), at: performance.now() })
    return { reader, ...follow({ port, id, key: KEYS.shop, onState }) }
  }
  let streams: ReturnType<typeof openStream>[] = []

  return {
    readings,
    track(session) {
      for (const feed of feeds) feed.track(session)
    },
    async open(sessions) {
      streams = ports.flatMap((port, at) => sessions.map((id) => openStream(port, `stream ${at}`, id)))
      await until(() => streams.every((one) => one.state() !== null), 'every stream has begun', BEGIN_MS)
    },
    held: () => [
      ...feeds.flatMap((feed) => feed.held()),
      ...streams.map(({ reader, id, state, ended }) => {
        const held = state()
        const settings = held && settingsText(held.settings)
        return { reader, session: id, etag: held?.etag ?? null, settings, ended: ended() !== null }
      }),
    ],
    faults: () => streams.flatMap(({ reader, id, faults }) => faults.map((fault) => `${reader} of ${id}: ${fault}`)),
    stop() {
      for (const one of [...streams, ...feeds]) one.stop()
    },
  }
}
