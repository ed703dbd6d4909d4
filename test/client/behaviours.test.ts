/**
 * The table that all clients share, `clients/behaviours.json`: what this one does with each answer. A client believes nobody
 * but Coatcheck: whatever else answers at its address, no call of it succeeds, and none takes a refusal for one of the service.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Client, CoatcheckError, createClient, type Session } from '../../src/client/index.ts'
import { type Front, type Harm, OURS, startFront } from '../helpers/front.ts'
import { freePort } from '../helpers/redis-server.ts'
import { root } from '../scripts/project.ts'

type Answer =
  | 'close'
  | {
      readonly right?: boolean
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      readonly json?: string
      readonly text?: string
      readonly foreign?: boolean
      readonly cut?: boolean
    }
type Call = {
  readonly repeat: 'always' | 'keyed' | 'refused'
  readonly right: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly json?: string
  }
  readonly result: unknown
}
type Case = {
  readonly name: string
  readonly calls: 'every' | 'answered with a body' | readonly string[]
  readonly answers: readonly Answer[]
  readonly then: Readonly<Record<string, unknown>>
  readonly tries?: number | 'more'
}
type Table = {
  readonly id: string
  readonly bodies: Readonly<Record<string, unknown>>
  readonly calls: Readonly<Record<string, Call>>
  readonly cases: readonly Case[]
}

const table: Table = JSON.parse(readFileSync(join(root, 'clients/behaviours.json'), 'utf8'))
const CODE = table.calls.handoff?.result as string

type Settings = { theme: string; hits: number; flash: string }
type CallOf = (session: Session<Settings>, client: Client) => Promise<unknown>

const none = (done: Promise<unknown>): Promise<null> => done.then(() => null)

const CALLS: Readonly<Record<string, CallOf>> = {
  view: async (session) => {
    const { settings, etag, revision } = await session.view()
    return { settings, etag, revision }
  },
  settings: (session) => session.get(),
  key: async (session) => (await session.get('theme')) ?? null,
  put: async (session) => (await session.set('theme', 'dark')).etag,
  patch: async (session) => (await session.patch({ theme: 'dark' })).etag,
  replace: async (session) => (await session.replace({ theme: 'dark', hits: 1, flash: '' }, { ifMatch: '*' })).etag,
  remove: (session) => none(session.remove('theme')),
  take: async (session) => (await session.take('flash')) ?? null,
  increment: (session) => session.increment('hits'),
  touch: (session) => none(session.touch()),
  end: (session) => none(session.end()),
  rotate: async (session) => (await session.rotate()).id,
  revokeTokens: (session) => none(session.revokeTokens()),
  token: async (session) => (await session.token()).access_token,
  handoff: async (session) => (await session.handoff()).code,
  redeem: async ({ id }, client) => (await client.redeem({ code: CODE, sessionId: id })).session.id,
  create: async ({ id }, client) => (await client.create({ id })).id,
  batch: async ({ id }, client) => Object.keys((await client.batch([id])).sessions),
  subjectSessions: async (_session, client) => {
    const ids: string[] = []
    for await (const { id } of client.subject('user-42').sessions()) ids.push(id)
    return ids
  },
  endSubject: (_session, client) => client.subject('user-42').end(),
}

const namesOf = ({ calls }: Case): readonly string[] => {
  if (calls === 'every') return Object.keys(table.calls)
  if (calls !== 'answered with a body') return calls
  return Object.entries(table.calls).flatMap(([name, { right }]) => (right.json === undefined ? [] : [name]))
}

const harmOf = (answer: Answer, { right: own }: Call): Harm => {
  if (answer === 'close') return 'refuse'
  const right = answer.right ? own : { status: 0 }
  const { status, json, text, foreign, cut } = { ...right, ...answer } as Exclude<Answer, 'close'>
  const body = text ?? (json === undefined ? '' : JSON.stringify(table.bodies[json]))
  const headers = { ...(foreign ? {} : OURS), ...right.headers, ...answer.headers }
  return { status: status ?? 0, headers, body, ...(cut && { cut }) }
}

/** What came of a call, with those members of a refusal that are asked for. */
const outcomeOf = (work: Promise<unknown>, members: readonly string[]): Promise<Readonly<Record<string, unknown>>> =>
  work.then(
    (value) => ({ value }),
    (error) => {
      if (!(error instanceof CoatcheckError)) throw error
      const told = members.filter((name) => name !== 'error').map((name) => [name, error[name as keyof CoatcheckError]])
      return { error: error.code, ...Object.fromEntries(told) }
    },
  )

/** How long a call is tried that is never answered. A machine that is too busy for two tries gets more time. In ms. */
const PATIENCE_MS = [300, 3_000, 30_000]

const runCase = async (
  t: Test,
  front: Front,
  one: Case,
  name: string,
  [timeoutMs = 0, ...longer] = PATIENCE_MS,
): Promise<void> => {
  const call = table.calls[name] as Call
  const { then } = one
  const left = [...one.answers]
  front.harm(() => harmOf((left.length > 1 ? left.shift() : left[0]) as Answer, call))
  // What an earlier case has left on its way is not of this one.
  const credential = `ck_case_${randomUUID()}`
  const client = createClient({
    url: front.url,
    credential,
    timeoutMs: then.error === 'unreachable' ? timeoutMs : 20_000,
  })
  const session = client.session<Settings>(table.id)
  const came = await outcomeOf((CALLS[name] as CallOf)(session, client), Object.keys(then))
  client.close()
  // A call that is repeated until its time is over ends at either.
  const { error } = came
  const outcome =
    then.error === 'unreachable' && error === 'deadline_exceeded' ? { ...came, error: 'unreachable' } : came
  const sent = front.sent.filter(({ headers }) => headers.authorization === `Bearer ${credential}`)
  const tries = sent.length
  const least = one.tries === 'more' && call.repeat !== 'refused' ? 2 : 1
  if (tries < least && longer.length > 0) return runCase(t, front, one, name, longer)
  t.strictSame(outcome, then.right ? { value: call.result } : then, `${one.name}: ${name}`)
  if (one.tries === 'more') t.equal(tries > 1, call.repeat !== 'refused', `${one.name}: ${name} is sent ${tries} times`)
  else if (one.tries !== undefined) t.equal(tries, one.tries, `${one.name}: ${name} is sent ${tries} times`)
  const keys = new Set(sent.map(({ headers }) => headers['idempotency-key']))
  t.equal(keys.size, 1, `${one.name}: ${name} has one key`)
  t.equal(keys.has(undefined), call.repeat !== 'keyed', `${one.name}: ${name} has a key`)
}

t.strictSame(Object.keys(CALLS).sort(), Object.keys(table.calls).sort(), 'every call of the table is made')

t.test('each call does with each answer what the table says', { jobs: 20 }, async (t) => {
  const nobody = await freePort()
  await Promise.all(
    Object.keys(CALLS).map((name) =>
      t.test(name, { buffered: true }, async (t) => {
        const front = await startFront(t, nobody)
        for (const one of table.cases) if (namesOf(one).includes(name)) await runCase(t, front, one, name)
      }),
    ),
  )
})
