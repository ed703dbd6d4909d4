/** A precondition is honoured or refused, by every call that changes something: the calls are those of the document. */
import t from 'tap'
import { type Api, idOf, newSession, onEachStore } from '../helpers/app.ts'
import { callOf, isProblem, nameOf, type Operation, operationsOf, pathOf, takesKey } from '../helpers/operations.ts'

const takesPreconditions = ({ parameters = [] }: Operation): boolean =>
  parameters.some(({ in: place, name }) => place === 'header' && name === 'if-match')

const changes = (api: Api): Operation[] => operationsOf(api).filter(({ method }) => !['GET', 'HEAD'].includes(method))

/** A session with a key on which every call that takes preconditions can be done. */
const begin = async (api: Api) => {
  const session = newSession()
  await api.call('PATCH', `${session}/settings`, { body: { theme: 1 } })
  const { headers } = await api.call('GET', `${session}/settings`)
  const key = await api.call('GET', `${session}/settings/theme`)
  return { id: idOf(session), session, whole: String(headers.etag), key: String(key.headers.etag) }
}

const isOfKey = ({ template, operationId }: Operation): boolean =>
  template.includes('{key}') || operationId.endsWith('KeyByName')

await onEachStore(t, async (t, api) => {
  await t.test('a call that takes none refuses them, and does nothing', async (t) => {
    const refusing = changes(api).filter((operation) => !takesPreconditions(operation) && takesKey(operation))
    t.ok(refusing.length > 10)
    const { id, session } = await begin(api)
    const before = (await api.call('GET', `${session}?touch=false`)).json
    for (const operation of refusing) {
      for (const [name, value] of [
        ['if-match', '"x"'],
        ['if-none-match', '*'],
      ] as const) {
        const call = callOf(operation)
        const answer = await api.call(operation.method, pathOf(operation, id), { ...call, headers: { [name]: value } })
        isProblem(t, operation, answer, 'invalid_request', `${nameOf(operation)} ${name}`)
        t.match(answer.json.errors, [{ pointer: `#/headers/${name}` }])
      }
    }
    t.same((await api.call('GET', `${session}?touch=false`)).json, before)
  })

  await t.test('a call that takes them honours them', async (t) => {
    const honouring = changes(api).filter(takesPreconditions)
    t.strictSame(honouring.map(({ operationId }) => operationId).sort(), [
      'deleteKey',
      'incrementKey',
      'incrementKeyByName',
      'patchSettings',
      'putKey',
      'replaceSettings',
      'takeKey',
      'takeKeyByName',
    ])
    for (const operation of honouring) {
      const { id, session, whole, key } = await begin(api)
      const present = isOfKey(operation) ? key : whole
      const send = (headers: Record<string, string>) =>
        api.call(operation.method, pathOf(operation, id), { ...callOf(operation), headers })
      const unfit: Record<string, string>[] = [
        { 'if-match': '"9-abcdefgh"' },
        { 'if-none-match': present },
        { 'if-none-match': '*' },
      ]
      for (const headers of unfit) {
        const answer = await send(headers)
        isProblem(t, operation, answer, 'precondition_failed', `${nameOf(operation)} ${JSON.stringify(headers)}`)
        t.equal(answer.headers.etag, present, 'with the present ETag')
      }
      t.same((await api.call('GET', `${session}/settings`)).json, { theme: 1 }, 'and nothing was done')
      const done = await send({ 'if-match': `"other", W/${present}` })
      t.ok(done.status < 300, `${nameOf(operation)}: a tag that a proxy has made weak is still ours: ${done.status}`)
    }
  })

  await t.test('what is taken or added to is judged by the key', async (t) => {
    const { session } = await begin(api)
    const take = (headers: Record<string, string>, key = 'theme') =>
      api.call('POST', `${session}/settings/${key}/take`, { headers })
    t.equal((await take({ 'if-match': '*' }, 'none')).status, 412)
    t.equal((await take({ 'if-none-match': '*' }, 'none')).status, 404)
    const repeated = { 'if-match': '*', 'idempotency-key': 'one' }
    t.same((await take(repeated)).json, { value: 1 })
    t.same((await take(repeated)).json, { value: 1 }, 'a repeat gets the first outcome')
    const add = (headers: Record<string, string>) =>
      api.call('POST', `${session}/settings/count/increment`, { body: { by: 2 }, headers })
    t.equal((await add({ 'if-match': '*' })).status, 412)
    t.same((await add({ 'if-none-match': '*' })).json, { value: 2 })
  })

  await t.test('an id in upper case under the same Idempotency-Key is the same call', async (t) => {
    const { id } = await begin(api)
    const add = (name: string) =>
      api.call('POST', `/v1/sessions/${name}/settings/count/increment`, { headers: { 'idempotency-key': 'two' } })
    t.same((await add(id)).json, { value: 1 })
    t.same((await add(id.toUpperCase())).json, { value: 1 })
  })
})
