/**
 * One of the twins: a store, and what it has answered so far. It does a step that is given as data, and answers in words
 * that can be compared: drawn values by the order in which they appeared, times in seconds since the beginning.
 */
import { createHash } from 'node:crypto'
import { idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import {
  type Credential,
  type HandoffRef,
  type Listed,
  type Notice,
  type SessionRef,
  type Store,
  StoreFull,
  type Version,
  type Write,
} from '../../src/store/port.ts'
import { type Call, CODES, SUBJECTS } from './steps.ts'

const NAMESPACE = 'twins'
const COLLECTION = 'twins'
const UNKNOWN = 'AAECAwQFBgcICQoL'
const UNWRITTEN: Version = { revision: 0, tag: '' }

const DRAWN = new Set(['life', 'gen', 'tag'])
const TIMES = new Set(['createdAt', 'lastSeenAt', 'expiresAt', 'endsAt', 'endedAt', 'keepUntil', 'boundAt'])

type Known = { readonly life: string; readonly gen: string }
type Named = { readonly of: number; readonly back: number }

/** Without the members that are undefined: to the port they are not there. */
const given = (members: object): unknown =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

export type TwinOptions = {
  readonly store: Store
  /** The ids of the steps, all of one partition. */
  readonly ids: readonly string[]
  /** The instant from which times are counted, in the store's ms. */
  readonly began: () => number
  /** Whether the texts in notices are left out of the comparison, since one of the two does not tell them. */
  readonly hidesTexts?: boolean
}

export const createTwin = async ({ store, ids, began, hidesTexts = false }: TwinOptions) => {
  const partition = partitionOf(idBytes(ids[0] as string))
  const drawn = new Map<string, string>()
  const credentials = ids.map((): Known[] => [])
  const versions = ids.map((): Version[] => [])
  const heard = new Map<string, unknown[]>(ids.map((id) => [id, []]))

  const refOf = (at: number): SessionRef => ({ namespace: NAMESPACE, id: ids[at] as string })
  const hex = (text: string, length: number): string =>
    createHash('sha256').update(`${partition} ${ids[0]} ${text}`).digest('hex').slice(0, length)
  const codeRef = (code: string): HandoffRef => ({ namespace: NAMESPACE, partition, hash: hex(code, 64) })
  const subjectRef = (subject: string) => ({ namespace: NAMESPACE, subject: `${subject} ${ids[0]}` })

  const nameOf = (kind: string, value: string): string => {
    if (value === '' || /^A*$/.test(value) || value === UNKNOWN) return value
    const name = drawn.get(value) ?? `${kind} ${drawn.size}`
    drawn.set(value, name)
    return name
  }

  /** An answer in words that can be compared. */
  const inWords = (value: unknown, member = ''): unknown => {
    // Time passes in what is stored, and not in what was told before.
    if (member === 'at') return typeof value
    if (typeof value === 'number' && TIMES.has(member)) return Math.round((value - began()) / 1000)
    if (typeof value === 'string' && DRAWN.has(member)) return nameOf(member, value)
    if (typeof value === 'string' && member === 'subject') return value.split(' ')[0]
    if (value instanceof Map) return [...value].map(([name, one]) => [name, inWords(one)])
    if (Array.isArray(value)) return value.map((one) => inWords(one))
    if (typeof value !== 'object' || value === null) return value
    // How many bytes are stored and the like are of one store alone, and no part of the port.
    const {
      size: _,
      idleUntilWritten: __,
      lapsesAt: ___,
      keyDeadlines: ____,
      ...members
    } = value as Record<string, unknown>
    return Object.fromEntries(Object.entries(members).map(([name, one]) => [name, inWords(one, name)]))
  }

  const leave = await store.subscribe(partition, {
    notice: (notice: Notice) => {
      if (!heard.has(notice.ref.id)) return
      const set =
        hidesTexts && notice.kind === 'changed' ? new Map([...notice.set.keys()].map((key) => [key, null])) : null
      heard.get(notice.ref.id)?.push(set === null ? notice : { ...notice, set })
    },
    lapsed: () => {},
  })

  /** Reads all, and remembers the credentials and versions that the sessions have now. */
  const look = async (): Promise<unknown> => {
    const found = await store.readMany(ids.map((_, at) => refOf(at)))
    for (const [at, one] of found.entries()) {
      if (one.state !== 'live') continue
      const { life, gen, revision, tag } = one.record
      const last = credentials[at]?.at(-1)
      if (last?.life !== life || last.gen !== gen) credentials[at]?.push({ life, gen })
      if (versions[at]?.at(-1)?.tag !== tag && revision > 0) versions[at]?.push({ revision, tag })
    }
    return inWords(found)
  }

  const known = ({ of, back }: Named): Known => credentials[of]?.at(-1 - back) ?? { life: UNKNOWN, gen: UNKNOWN }
  const credentialOf = (named: Named | null): Credential => (named === null ? null : known(named))
  const versionsOf = (at: number, wanted: '*' | readonly number[]) =>
    wanted === '*' ? wanted : wanted.map((back) => (back < 0 ? UNWRITTEN : (versions[at]?.at(-1 - back) ?? UNWRITTEN)))
  const repeatOf = (repeat: { key: string; fingerprint: string } | undefined) =>
    repeat && { key: hex(repeat.key, 32), fingerprint: hex(`fingerprint ${repeat.fingerprint}`, 32) }
  const bound = (subject: string | undefined) => subject && subjectRef(subject).subject

  const toWrite = ({ call: _, id, ...step }: Extract<Call, { call: 'write' }>): Write => {
    const { credential, subject, precondition, expect, set, repeat, ...rest } = step
    const { ifMatch, ifNoneMatch } = precondition ?? {}
    return {
      ...(given(rest) as Omit<Write, 'credential'>),
      credential: credentialOf(credential),
      set: new Map(set),
      ...(subject === undefined ? {} : { subject: bound(subject) as string }),
      ...(expect === undefined ? {} : { expect: new Map(expect) }),
      ...(repeat === undefined ? {} : { repeat: repeatOf(repeat) as NonNullable<Write['repeat']> }),
      ...(precondition === undefined
        ? {}
        : {
            precondition: {
              ...(ifMatch === undefined ? {} : { ifMatch: versionsOf(id, ifMatch) }),
              ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: versionsOf(id, ifNoneMatch) }),
            },
          }),
    }
  }

  const call = async (step: Call): Promise<unknown> => {
    switch (step.call) {
      case 'write':
        return store.write(refOf(step.id), toWrite(step))
      case 'touch':
        return store.touch(refOf(step.id), credentialOf(step.credential))
      case 'end': {
        const { id, credential, subject, reason, tombstoneSeconds } = step
        const whose = subject === undefined ? {} : { subject: bound(subject) as string }
        return store.end(refOf(id), { credential: credentialOf(credential), reason, tombstoneSeconds, ...whose })
      }
      case 'rotate': {
        const { call: _, id, newId, life, subject, boundTo, handoff, repeat, result, ...rest } = step
        return store.rotate(refOf(id), {
          ...rest,
          newId: newId === null || newId === id ? null : (ids[newId] as string),
          life: life === null ? null : known(life).life,
          ...(subject === undefined ? {} : { subject: bound(subject) as string }),
          ...(boundTo === undefined ? {} : { boundTo: boundTo === null ? null : (bound(boundTo) as string) }),
          ...(handoff === undefined ? {} : { handoff: hex(handoff, 64) }),
          ...(repeat === undefined ? {} : { repeat: repeatOf(repeat) as NonNullable<Write['repeat']> }),
          ...(result === undefined ? {} : { result }),
        })
      }
      case 'revoke':
        return store.revoke(refOf(step.id))
      case 'addHandoff': {
        const { code, id, life, payload, bind, seconds } = step
        const moves = bind && { subject: bound(bind.subject) as string, newId: ids[bind.newId] as string }
        return store.addHandoff(
          codeRef(code),
          { sessionId: ids[id] as string, life: known(life).life, payload, bind: moves },
          seconds,
        )
      }
      case 'readHandoff':
        return store.readHandoff(codeRef(step.code))
      case 'list': {
        const { subject, id, keepSeconds, lifetimeSeconds } = step
        return store.list(subjectRef(subject), { id: ids[id] as string, keepSeconds, lifetimeSeconds })
      }
      case 'unlist':
        return store.unlist(
          subjectRef(step.subject),
          step.ids.map((at) => ids[at] as string),
        )
      case 'admit': {
        const { call: _, subject, id, replaced, counted, ...rest } = step
        const state = await store.admit(subjectRef(subject), {
          ...rest,
          id: ids[id] as string,
          replaced: replaced === null ? null : (ids[replaced] as string),
          lifetimeSeconds: 34_560_000,
          counted: counted?.map((at) => ids[at] as string) ?? null,
        })
        return { state }
      }
      case 'dismiss':
        return store.dismiss(
          subjectRef(step.subject),
          step.ids.map((at) => ids[at] as string),
        )
      case 'isKept':
        return { state: await store.isKept(refOf(step.id), { key: hex(step.key, 32), fingerprint: '' }) }
      case 'addSecret':
        return store.addSecret(COLLECTION, `${ids[0]} ${step.place}`, step.text)
      case 'replaceSecret':
        return store.replaceSecret(COLLECTION, `${ids[0]} ${step.place}`, step.text)
      case 'removeSecret':
        return store.removeSecret(COLLECTION, `${ids[0]} ${step.place}`)
      case 'sweep':
        return { swept: await store.sweep(), count: await store.count() }
    }
  }

  const isFull = (error: unknown) => {
    if (!(error instanceof StoreFull)) throw error
    return { state: 'full' }
  }

  /** Those that must still be listed, by parts and as a sample of all: the port leaves open when others go. */
  const allListed = async (subject: string, now: number) => {
    const found: Listed[] = []
    for (let after: string | null = null; ; ) {
      const { entries, next } = await store.listed(subjectRef(subject), { after, limit: 2 })
      found.push(...entries)
      if (next === null) break
      after = next
    }
    const sampled = await store.sampleListed(subjectRef(subject), 100)
    const kept = (all: readonly Listed[]) =>
      all
        .filter(({ keepUntil }) => keepUntil - began() > now)
        .map((entry) => JSON.stringify(inWords(entry)))
        .sort()
    return { listed: kept(found), sampled: kept(sampled) }
  }

  const allAdmitted = async (subject: string) =>
    (await store.admitted(subjectRef(subject))).map((entry) => JSON.stringify(inWords(entry))).sort()

  return {
    /** Does a step and answers, in words: the call's answer, and every session after it. */
    async take(step: Call): Promise<unknown> {
      const answer = inWords(await call(step).catch(isFull))
      return { answer, sessions: await look() }
    },

    look,

    /** What else there is at the end, `now` ms after the beginning: lists, hand-offs, secrets, the ids of the namespace, and all that was told. */
    async end(now: number): Promise<unknown> {
      const listed = await Promise.all(SUBJECTS.map((subject) => allListed(subject, now)))
      const admitted = await Promise.all(SUBJECTS.map(allAdmitted))
      const handoffs = inWords(await Promise.all(CODES.map((code) => store.readHandoff(codeRef(code)))))
      const secrets = [...(await store.secrets(COLLECTION))]
        .filter(([place]) => place.startsWith(ids[0] as string))
        .sort()
      const living: string[] = []
      for (let after: string | null = null; ; ) {
        const page = await store.sessionIds(NAMESPACE, { after, limit: 100 })
        const found = await store.readMany(page.ids.map((id) => ({ namespace: NAMESPACE, id })))
        living.push(...page.ids.filter((id, at) => ids.includes(id) && found[at]?.state === 'live'))
        if (page.next === null) break
        after = page.next
      }
      const notices = ids.map((id) => inWords(heard.get(id)))
      const count = await store.count()
      return { listed, admitted, handoffs, secrets, living: [...new Set(living)].sort(), count, notices }
    },

    /** Begins the session of the last id, so that its notice comes after all others. */
    beginLast: () =>
      store.write(refOf(ids.length - 1), {
        credential: null,
        create: 'if-missing',
        clocks: { idleTimeoutSeconds: 998, lifetimeSeconds: 998 },
        writes: true,
        use: true,
        limits: { bytes: 0, keys: 0 },
      }),
    hasToldLast: () => (heard.get(ids.at(-1) as string)?.length ?? 0) > 0,
    leave,
  }
}

export type Twin = Awaited<ReturnType<typeof createTwin>>
