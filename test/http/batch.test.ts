import { randomUUID } from 'node:crypto'
import t from 'tap'
import { type Api, idOf, newSession, onEachStore } from '../helpers/app.ts'

const begin = async (api: Api, settings?: object): Promise<string> => {
  const { json } = await api.call('POST', '/v1/sessions', { body: { settings } })
  return json.id
}

const end = async (api: Api): Promise<string> => {
  const session = newSession()
  await api.call('DELETE', session)
  return idOf(session)
}

await onEachStore(t, async (t, api) => {
  const batch = (body: object) => api.call('POST', '/v1/sessions/batch', { body })

  await t.test('a batch sorts into living, missing and gone, each in the order asked', async (t) => {
    const [one, two] = [await begin(api, { n: 1 }), await begin(api)]
    const [lost, lostToo] = [randomUUID(), randomUUID()]
    const [over, overToo] = [await end(api), await end(api)]
    const ids = [lost, two, over, one, overToo, lostToo]
    const { status, json } = await batch({ ids })
    t.equal(status, 200)
    t.strictSame(Object.keys(json), ['sessions', 'missing', 'gone'])
    t.strictSame(Object.keys(json.sessions), [two, one])
    for (const id of [one, two]) t.strictSame(json.sessions[id], (await api.call('GET', `/v1/sessions/${id}`)).json)
    t.strictSame(json.missing, [lost, lostToo])
    t.strictSame(
      json.gone.map(({ id }) => id),
      [over, overToo],
    )
    for (const { id, reason, endedAt } of json.gone) {
      const { json } = await api.call('GET', `/v1/sessions/${id}`)
      t.strictSame({ reason, endedAt }, { reason: json.reason, endedAt: json.endedAt })
    }
  })

  await t.test('an id asked for twice, or in upper case, is answered once', async (t) => {
    const [id, lost, over] = [await begin(api), randomUUID(), await end(api)]
    const ids = [id, lost, over].flatMap((one) => [one, one.toUpperCase(), one])
    const { json } = await batch({ ids })
    t.strictSame([Object.keys(json.sessions), json.missing, json.gone.map(({ id }) => id)], [[id], [lost], [over]])
  })

  await t.test('no ids are no sessions', async (t) => {
    t.strictSame((await batch({ ids: [] })).json, { sessions: {}, missing: [], gone: [] })
  })

  await t.test('a hundred ids may be asked for, one more is refused', async (t) => {
    const ids = Array.from({ length: 101 }, () => randomUUID())
    t.strictSame((await batch({ ids: ids.slice(1) })).json.missing, ids.slice(1))
    for (const touch of [true, false]) {
      const answer = await batch({ ids, touch })
      t.hasStrict(answer, { status: 422, json: { code: 'limit_exceeded', limit: 100 } })
      t.equal(answer.json.errors[0]?.pointer, '#/ids')
    }
  })

  await t.test('values come as they were sent', async (t) => {
    const id = randomUUID()
    await api.call('PUT', `/v1/sessions/${id}/settings/n`, { text: '[ 1.10, 12345678901234567890 ]' })
    t.ok((await batch({ ids: [id] })).text.includes('"settings":{"n":[ 1.10, 12345678901234567890 ]}'))
  })

  await t.test('what is no list of UUIDs is refused', async (t) => {
    for (const wrong of [
      {},
      { ids: 'a' },
      { ids: [1] },
      { ids: ['current'] },
      { ids: [], touch: 'true' },
      { ids: [], more: 1 },
    ]) {
      t.hasStrict(await batch(wrong), { status: 400, json: { code: 'invalid_request' } }, JSON.stringify(wrong))
    }
  })
})
