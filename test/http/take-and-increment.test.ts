import t from 'tap'
import { type Api, fileRedis, newSession, openFor, serve } from '../helpers/app.ts'
import { onEachForm } from '../helpers/by-name.ts'

/** A value, what is added (nothing if undefined), and the text of the sum. */
const SUMS: [text: string | undefined, by: string | undefined, sum: string][] = [
  [undefined, undefined, '1'],
  [undefined, '5', '5'],
  [undefined, '-0.5', '-0.5'],
  ['0', undefined, '1'],
  ['41', '1', '42'],
  ['1', '-3', '-2'],
  ['1.5', '2.25', '3.75'],
  ['0.5', '0.25', '0.75'],
  ['1e2', '1', '101'],
  ['9007199254740991', '1', '9007199254740992'],
  ['-9007199254740992', '1', '-9007199254740991'],
  ['1e21', '0', '1e+21'],
  ['5', '-5', '0'],
]

/** What cannot be counted: rounding, and what is no number. */
const REFUSED: [text: string, by: string][] = [
  ['0.1', '0.2'],
  ['9007199254740992', '1'],
  ['9007199254740993', '0'],
  ['1e308', '1e308'],
  ['1e400', '1'],
  ['1', '0.00000000000000000001'],
  ['12345678901234567890', '1'],
  ['"1"', '1'],
  ['null', '1'],
  ['true', '1'],
  ['[]', '1'],
  ['{"n":1}', '1'],
]

const increment = (api: Api, path: string, by?: string) =>
  api.call('POST', `${path}/increment`, by === undefined ? {} : { text: `{"by":${by}}` })

await onEachForm(t, async (t, api) => {
  await t.test('a value is taken once, however many ask', async (t) => {
    const settings = `${newSession()}/settings`
    await api.call('PATCH', settings, { body: { flash: { code: 'once' }, other: 1 } })
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => api.call('POST', `${settings}/flash/take`, { body: {} })),
    )
    const won = answers.filter(({ status }) => status === 200)
    t.equal(won.length, 1)
    t.equal(won[0]?.text, '{"value":{"code":"once"}}')
    t.equal(won[0]?.headers['cache-control'], 'no-store', 'which nobody may keep')
    for (const lost of answers.filter((answer) => answer !== won[0])) {
      t.hasStrict(lost, { status: 404, json: { code: 'key_not_found' } })
    }
    t.strictSame((await api.call('GET', settings)).json, { other: 1 })
  })

  await t.test('of those who put and those who take nobody loses or doubles a value', async (t) => {
    const path = `${newSession()}/settings/v`
    const sent = Array.from({ length: 50 }, (_, n) => n)
    const taken: unknown[] = []
    const take = async () => {
      const { status, json } = await api.call('POST', `${path}/take`)
      if (status === 200) taken.push(json.value)
    }
    const puts = sent.map(async (body) => {
      const { status } = await api.call('PUT', path, { body, headers: { 'if-none-match': '*' } })
      return status === 201 ? body : undefined
    })
    await Promise.all([...puts, ...sent.map(take)])
    await take()
    const put = (await Promise.all(puts)).filter((n) => n !== undefined)
    t.strictSame(taken.map(Number).sort(), put.sort())
    t.ok(put.length > 0)
  })

  await t.test('a number is added to, and an absent one counts as 0', async (t) => {
    for (const [text, by, sum] of SUMS) {
      const session = newSession()
      const path = `${session}/settings/n`
      if (text !== undefined) await api.call('PUT', path, { text })
      const answer = await increment(api, path, by)
      t.strictSame([answer.status, answer.text], [200, `{"value":${sum}}`], `${text} + ${by}`)
      const read = await api.call('GET', path)
      t.strictSame([read.text, read.headers.etag], [sum, answer.headers.etag])
      if (text === undefined) t.equal((await api.call('GET', session)).json.revision, 1)
    }
  })

  await t.test('what would be rounded, or is no number, is left as it is', async (t) => {
    for (const [text, by] of REFUSED) {
      const path = `${newSession()}/settings/n`
      await api.call('PUT', path, { text })
      const answer = await increment(api, path, by)
      t.hasStrict(answer, { status: 409, json: { code: 'not_incrementable' } }, `${text} + ${by}`)
      t.equal((await api.call('GET', path)).text, text)
    }
    const session = newSession()
    t.equal((await increment(api, `${session}/settings/n`, '12345678901234567890')).status, 409)
    t.equal((await api.call('GET', session)).status, 404, 'and nothing begins')
  })

  await t.test('by must be a number', async (t) => {
    const path = `${newSession()}/settings/n`
    for (const by of ['"1"', 'null', '[1]', '1e400']) t.equal((await increment(api, path, by)).status, 400, by)
    t.equal((await api.call('POST', `${path}/increment`, { body: { by: 1, more: 1 } })).status, 400)
    t.equal((await api.call('POST', `${path}/increment`, { body: 1 })).status, 400)
    t.equal((await api.call('GET', path)).json.code, 'session_not_found')
  })

  await t.test('400 who count at once each count once', async (t) => {
    const path = `${newSession()}/settings/n`
    const answers = await Promise.all(Array.from({ length: 400 }, () => increment(api, path)))
    const values = answers.map(({ json }) => json.value as number).sort((a, b) => a - b)
    t.strictSame(
      values,
      Array.from({ length: 400 }, (_, n) => n + 1),
      'and each is told another number',
    )
    t.equal((await api.call('GET', path)).text, '400')
  })
})

t.test('on two replicas over one Redis, all who count are counted within the deadline', async (t) => {
  const { url } = await fileRedis()
  const replicas = [await serve(t, await openFor(t, url)), await serve(t, await openFor(t, url))]
  const path = `${newSession()}/settings/n`
  const answers = await Promise.all(Array.from({ length: 400 }, (_, n) => increment(replicas[n % 2] as Api, path)))
  t.strictSame(
    answers.filter(({ status }) => status !== 200).map(({ status, text }) => `${status} ${text}`),
    [],
  )
  const values = new Set(answers.map(({ json }) => json.value))
  t.equal(values.size, 400)
  t.equal((await (replicas[0] as Api).call('GET', path)).text, '400')
})
