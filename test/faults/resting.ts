/** What is there when all is over: what each replica answers, and what its process holds. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Replica } from '../helpers/replica.ts'
import { until } from '../helpers/until.ts'
import type { Caller } from './calling.ts'
import type { Found, FoundToken, Sample } from './history.ts'
import { MORE_FDS } from './judge-service.ts'

const CHUNK = 100
/** So many of those that are over are asked for one by one as well. */
const ENDED = 20

const findChunk = async (caller: Caller, replica: number, ids: readonly string[]): Promise<Found[]> => {
  const { status, code, json } = await caller.call('POST', '/v1/sessions/batch', { body: { ids } })
  if (status !== 200) throw new Error(`Replica ${replica} answers ${status} ${code} when all is over.`)
  const gone = new Set(json.gone.map(({ id }: { id: string }) => id))
  return ids.map((session) => {
    const one = json.sessions[session]
    const status = one ? 200 : gone.has(session) ? 410 : 404
    return { replica, session, status, etag: one?.etag ?? null, settings: one?.settings ?? null }
  })
}

/** What a replica answers of these sessions. */
export const findAll = async (caller: Caller, replica: number, sessions: readonly string[]): Promise<Found[]> => {
  const found: Found[] = []
  for (let at = 0; at < sessions.length; at += CHUNK) {
    found.push(...(await findChunk(caller, replica, sessions.slice(at, at + CHUNK))))
  }
  const ended = found.filter(({ status }) => status === 410).slice(-ENDED)
  const alone = ended.map(async ({ session }) => {
    const { status } = await caller.call('GET', `/v1/sessions/${session}`)
    return { replica, session, status, etag: null, settings: null }
  })
  return [...found, ...(await Promise.all(alone))]
}

const AT_ONCE = 8

/** What a replica answers to these tokens. */
export const findTokens = async (
  caller: Caller,
  replica: number,
  tokens: ReadonlyMap<string, string>,
): Promise<FoundToken[]> => {
  const found: FoundToken[] = []
  const waiting = [...tokens]
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const [token, key] = one
      const { status } = await caller.call('GET', '/v1/sessions/current', { key })
      found.push({ replica, token, status })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return found
}

const fdsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length
const rssOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024

/** Looks at the processes now, before anybody has called them, and compares them later. */
export const weigh = (replicas: readonly Replica[]) => {
  const before = replicas.map((one, replica) => ({ replica, pid: one.pid(), fds: fdsOf(one.pid()), rss: 0 }))
  return {
    /** Memory is compared with this moment, when all code is warm. */
    warm(): void {
      for (const one of before) one.rss = rssOf(one.pid)
    },
    /** What those have that are still there; a moment is given to what is being closed. */
    async after(deadlineMs: number): Promise<Sample[]> {
      const same = before.filter(({ replica, pid }) => replicas[replica]?.pid() === pid)
      const areClosed = (): boolean => same.every(({ pid, fds }) => fdsOf(pid) <= fds + MORE_FDS)
      await until(areClosed, 'files and sockets are closed', deadlineMs).catch(() => {})
      return same.map(({ replica, pid, fds, rss }) => ({
        ...{ replica, rssBefore: rss, rssAfter: rssOf(pid), fdsBefore: fds, fdsAfter: fdsOf(pid) },
      }))
    },
  }
}
