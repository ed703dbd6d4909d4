/**
 * What no other session store does, held against real concurrency: two replicas on one Redis, and the one process that
 * LMDB allows.
 */
import t, { type Test } from 'tap'
import { type Answer, type Api, fileRedis, newSession, onLmdb, onRedis } from '../helpers/app.ts'
import { counted, resetCommands } from '../helpers/redis-commands.ts'

const WRITERS = 100
const JSON_PATCH = 'application/json-patch+json'

type Replicas = readonly [one: Api, two: Api]

const onLmdbAlone = async (t: Test): Promise<Replicas> => {
  const api = await onLmdb(t)
  return [api, api]
}

const onTwoReplicas = async (t: Test): Promise<Replicas> => [await onRedis(t), await onRedis(t)]

/** Calls so many times at once, each replica in turn. */
const atOnce = (replicas: Replicas, count: number, call: (api: Api, n: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => call(replicas[n % 2] as Api, n)))

const numbered = (name: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${name} ${n}`, n]))

const promises = async (t: Test, replicas: Replicas): Promise<void> => {
  const [api] = replicas

  await t.test('two writers never lose each other’s keys', async (t) => {
    const settings = `${newSession()}/settings`
    const answers = await atOnce(replicas, WRITERS, (api, n) => {
      const key = `key ${n}`
      if (n % 4 === 0) return api.call('PUT', `${settings}/${encodeURIComponent(key)}`, { body: n })
      if (n % 4 === 1) return api.call('PATCH', settings, { body: { [key]: n } })
      const body = [{ op: 'add', path: `/${key}`, value: n }]
      if (n % 4 === 2) return api.call('PATCH', settings, { body, type: JSON_PATCH })
      const by = { text: n === 0 ? '{"by":0}' : `{"by":${n}}` }
      return api.call('POST', `${settings}/${encodeURIComponent(key)}/increment`, by)
    })
    t.strictSame(
      answers.filter(({ status }) => status >= 300),
      [],
    )
    const { json, headers } = await api.call('GET', settings)
    t.same(json, numbered('key', WRITERS))
    t.match(headers.etag, new RegExp(`^"${WRITERS}-`), 'each made a revision of its own')
  })

  await t.test('nor do they lose members of one value, whichever way they write', async (t) => {
    const settings = `${newSession()}/settings`
    await api.call('PATCH', settings, { body: { filters: { deep: {} } } })
    const answers = await atOnce(replicas, WRITERS, (api, n) => {
      const name = `member ${n}`
      if (n % 2 === 0) return api.call('PATCH', settings, { body: { filters: { deep: { [name]: n } } } })
      const body = [{ op: 'add', path: `/filters/deep/${name}`, value: n }]
      return api.call('PATCH', settings, { body, type: JSON_PATCH })
    })
    t.strictSame(
      answers.filter(({ status }) => status !== 204),
      [],
    )
    t.same((await api.call('GET', settings)).json, { filters: { deep: numbered('member', WRITERS) } })
    t.equal(new Set(answers.map(({ headers }) => headers.etag)).size, WRITERS, 'each state has an ETag of its own')
  })

  await t.test('of a hundred who replace the same settings one does, and the others are told', async (t) => {
    const settings = `${newSession()}/settings`
    const first = await api.call('PATCH', settings, { body: { n: -1 } })
    const headers = { 'if-match': first.headers.etag ?? '' }
    const answers = await atOnce(replicas, WRITERS, (api, n) => api.call('PUT', settings, { body: { n }, headers }))
    const winner = answers.findIndex(({ status }) => status === 204)
    const now = await api.call('GET', settings)
    t.strictSame(now.json, { n: winner } as object)
    for (const [n, answer] of answers.entries()) {
      if (n !== winner) t.strictSame([answer.status, answer.headers.etag], [412, now.headers.etag])
    }
  })

  await t.test('of a hundred who begin the settings one does', async (t) => {
    const settings = `${newSession()}/settings`
    const answers = await atOnce(replicas, WRITERS, (api, n) => api.call('PATCH', settings, { body: { [`k${n}`]: n } }))
    t.equal(answers.filter(({ status }) => status === 201).length, 1)
    t.equal(answers.filter(({ status }) => status === 204).length, WRITERS - 1)
  })

  await t.test('a one-time value is taken once', async (t) => {
    const settings = `${newSession()}/settings`
    await api.call('PATCH', settings, { body: { code: 'once' } })
    const answers = await atOnce(replicas, WRITERS, (api) => api.call('POST', `${settings}/code/take`))
    t.strictSame(
      answers.filter(({ status }) => status !== 404).map(({ text }) => text),
      ['{"value":"once"}'],
    )
  })

  await t.test('logged out stays logged out, however late writes come', async (t) => {
    const late: Promise<Answer>[] = []
    for (let round = 0; round < 20; round++) {
      const session = newSession()
      const settings = `${session}/settings`
      let ended = false
      const write = (api: Api, n: number) =>
        n % 5 === 0
          ? api.call('PATCH', settings, { body: { a: n } })
          : n % 5 === 1
            ? api.call('PATCH', settings, { body: { o: { n } } })
            : n % 5 === 2
              ? api.call('PUT', `${settings}/b`, { body: n })
              : n % 5 === 3
                ? api.call('POST', `${settings}/c/increment`)
                : api.call('PUT', settings, { body: { n }, headers: { 'if-match': '*' } })
      const writers = Array.from({ length: 10 }, async (_, n) => {
        while (!ended) await write(replicas[n % 2] as Api, n)
        late.push(write(replicas[n % 2] as Api, n))
      })
      await write(api, 0)
      const { status } = await (replicas[round % 2] as Api).call('DELETE', session)
      ended = true
      t.equal(status, 204)
      late.push(...replicas.map((api) => api.call('GET', session)))
      await Promise.all(writers)
      late.push(...replicas.map((api) => api.call('GET', settings)))
    }
    const answers = await Promise.all(late)
    t.strictSame([...new Set(answers.map(({ status }) => status))], [410])
    t.equal(answers.length, 20 * 14)
  })
}

t.test('on LMDB', async (t) => promises(t, await onLmdbAlone(t)))

t.test('on two replicas over one Redis', async (t) => promises(t, await onTwoReplicas(t)))

t.test('a read is not a write', async (t) => {
  const api = await onRedis(t)
  const server = await fileRedis()
  const session = newSession()
  await api.call('PATCH', `${session}/settings`, { body: { a: 1 } })
  await resetCommands(server)
  const reads = ['', '/settings', '/settings/a'].flatMap((path) =>
    ['GET', 'HEAD'].map((method) => [method, path] as const),
  )
  for (const [method, path] of reads) {
    for (let time = 0; time < 5; time++) t.equal((await api.call(method, session + path)).status, 200)
  }
  t.strictSame(await counted(server), { hgetall: 30 }, 'one HGETALL each and nothing else')
})
