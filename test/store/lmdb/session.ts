/** The few words in which the adapter's own tests speak of sessions. */
import { randomUUID } from 'node:crypto'
import type { SessionRef, Store, Write, WriteOutcome } from '../../../src/store/port.ts'

export const newRef = (namespace = 'app'): SessionRef => ({ namespace, id: randomUUID() })

/** A write by an API key that begins what is missing; `over` says what is peculiar to it. */
export const aWrite = (over: Partial<Write> = {}): Write => ({
  credential: null,
  create: 'if-missing',
  clocks: { idleTimeoutSeconds: 3600, lifetimeSeconds: 7200 },
  writes: true,
  limits: { bytes: 65_536, keys: 256 },
  use: true,
  ...over,
})

export const texts = (object: Readonly<Record<string, string>>): Map<string, string> => new Map(Object.entries(object))

export const put = (
  store: Store,
  ref: SessionRef,
  object: Readonly<Record<string, string>>,
  over: Partial<Write> = {},
): Promise<WriteOutcome> => store.write(ref, aWrite({ set: texts(object), ...over }))

export const DELETED = { credential: null, reason: 'deleted', tombstoneSeconds: 86_400 } as const
