import t from 'tap'
import { newSession, onEachStore } from '../helpers/app.ts'

type Operation = { op: string; path?: string; from?: string; value?: unknown }

/** What each operation makes of `{"a":1,"o":{"x":1,"y":[1,2]},"l":[1,2,3]}`. */
const BEFORE = { a: 1, o: { x: 1, y: [1, 2] }, l: [1, 2, 3] }
const RESULTS: [string, Operation[], object][] = [
  ['add a key', [{ op: 'add', path: '/b', value: { c: null } }], { ...BEFORE, b: { c: null } }],
  ['add a null', [{ op: 'add', path: '/b', value: null }], { ...BEFORE, b: null }],
  ['add over a key', [{ op: 'add', path: '/a', value: 2 }], { ...BEFORE, a: 2 }],
  ['add a member', [{ op: 'add', path: '/o/z', value: 1 }], { ...BEFORE, o: { ...BEFORE.o, z: 1 } }],
  ['add an element', [{ op: 'add', path: '/l/1', value: 9 }], { ...BEFORE, l: [1, 9, 2, 3] }],
  ['add at the end', [{ op: 'add', path: '/o/y/-', value: 9 }], { ...BEFORE, o: { x: 1, y: [1, 2, 9] } }],
  ['remove a key', [{ op: 'remove', path: '/a' }], { o: BEFORE.o, l: BEFORE.l }],
  ['remove an element', [{ op: 'remove', path: '/l/0' }], { ...BEFORE, l: [2, 3] }],
  ['replace a key by an object', [{ op: 'replace', path: '/o', value: { n: null } }], { ...BEFORE, o: { n: null } }],
  ['replace an element', [{ op: 'replace', path: '/o/y/1', value: [] }], { ...BEFORE, o: { x: 1, y: [1, []] } }],
  ['move a key', [{ op: 'move', from: '/a', path: '/b' }], { o: BEFORE.o, l: BEFORE.l, b: 1 }],
  ['move into another', [{ op: 'move', from: '/a', path: '/l/-' }], { o: BEFORE.o, l: [1, 2, 3, 1] }],
  ['copy', [{ op: 'copy', from: '/o', path: '/o/x' }], { ...BEFORE, o: { x: BEFORE.o, y: [1, 2] } }],
  ['test', [{ op: 'test', path: '/o', value: { y: [1, 2.0], x: 1 } }], BEFORE],
  [
    'one after the other',
    [
      { op: 'test', path: '/a', value: 1 },
      { op: 'remove', path: '/a' },
      { op: 'add', path: '/b', value: [] },
      { op: 'add', path: '/b/-', value: 1 },
      { op: 'move', from: '/b', path: '/c' },
      { op: 'test', path: '/c/0', value: 1 },
    ],
    { o: BEFORE.o, l: BEFORE.l, c: [1] },
  ],
  ['nothing', [], BEFORE],
]

/** Each fails, with the index of the operation that does. */
const REFUSALS: [string, Operation[], number, string, number][] = [
  ['a test of another value', [{ op: 'test', path: '/a', value: 2 }], 409, 'test_failed', 0],
  ['a test of another type', [{ op: 'test', path: '/a', value: '1' }], 409, 'test_failed', 0],
  ['a test of what is not there', [{ op: 'test', path: '/none', value: null }], 409, 'path_not_found', 0],
  ['a remove of what is not there', [{ op: 'remove', path: '/o/none' }], 409, 'path_not_found', 0],
  ['a replace of what is not there', [{ op: 'replace', path: '/none', value: 1 }], 409, 'path_not_found', 0],
  ['an add below what is not there', [{ op: 'add', path: '/none/x', value: 1 }], 409, 'path_not_found', 0],
  ['an add below a number', [{ op: 'add', path: '/a/x', value: 1 }], 409, 'path_not_found', 0],
  ['an index beyond the end', [{ op: 'add', path: '/l/4', value: 1 }], 409, 'path_not_found', 0],
  ['an index with a zero before it', [{ op: 'replace', path: '/l/01', value: 1 }], 409, 'path_not_found', 0],
  ['a move from what is not there', [{ op: 'move', from: '/none', path: '/b' }], 409, 'path_not_found', 0],
  ['the whole document', [{ op: 'replace', path: '', value: {} }], 422, 'invalid_patch', 0],
  ['a copy of the whole document', [{ op: 'copy', from: '', path: '/b' }], 422, 'invalid_patch', 0],
  ['a move into itself', [{ op: 'move', from: '/o', path: '/o/x' }], 422, 'invalid_patch', 0],
  ['an operation that is not known', [{ op: 'increment', path: '/a' }], 400, 'invalid_request', 0],
  ['a path that is no pointer', [{ op: 'remove', path: 'a' }], 400, 'invalid_request', 0],
  ['a pointer with a wrong escape', [{ op: 'remove', path: '/a~2' }], 400, 'invalid_request', 0],
  ['no path', [{ op: 'remove' }], 400, 'invalid_request', 0],
  ['no value', [{ op: 'add', path: '/b' }], 400, 'invalid_request', 0],
  ['no from', [{ op: 'copy', path: '/b' }], 400, 'invalid_request', 0],
]

await onEachStore(t, async (t, api) => {
  const patch = (settings: string, body: unknown, headers = {}) =>
    api.call('PATCH', settings, { body, type: 'application/json-patch+json', headers })

  const begin = async () => {
    const settings = `${newSession()}/settings`
    const { headers } = await api.call('PATCH', settings, { body: BEFORE })
    return { settings, etag: headers.etag ?? '' }
  }

  await t.test('the operations of RFC 6902', async (t) => {
    for (const [name, operations, after] of RESULTS) {
      const { settings } = await begin()
      const answer = await patch(settings, operations)
      t.equal(answer.status, 204, name)
      const now = await api.call('GET', settings)
      t.strictSame(now.json, after, name)
      t.equal(answer.headers.etag, now.headers.etag)
    }
  })

  await t.test('a patch that fails says where, and has changed nothing', async (t) => {
    const { settings, etag } = await begin()
    for (const [name, failing, status, code, index] of REFUSALS) {
      for (const before of [
        [],
        [
          { op: 'add', path: '/new', value: 1 },
          { op: 'remove', path: '/a/none' },
        ].slice(0, 1),
      ]) {
        const operations = [...before, ...failing, { op: 'add', path: '/after', value: 1 }]
        const answer = await patch(settings, operations)
        t.hasStrict(answer, { status, json: { code } }, name)
        t.match(answer.json.errors[0]?.pointer, new RegExp(`^#/${before.length + index}(/|$)`))
      }
    }
    t.hasStrict(await api.call('GET', settings), { headers: { etag }, json: BEFORE })
  })

  await t.test('a test holds under the same conditions in the same step', async (t) => {
    const { settings } = await begin()
    const claim = (n: number) =>
      patch(settings, [
        { op: 'test', path: '/o/x', value: 1 },
        { op: 'replace', path: '/o/x', value: `claimed by ${n}` },
        { op: 'add', path: '/winner', value: n },
      ])
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => claim(n)))
    t.strictSame(answers.map(({ status }) => status).sort(), [204, ...Array(19).fill(409)])
    const winner = answers.findIndex(({ status }) => status === 204)
    t.hasStrict((await api.call('GET', settings)).json, { winner, o: { x: `claimed by ${winner}` } })
  })

  await t.test('pointers reach names with slashes, tildes and none at all', async (t) => {
    const settings = `${newSession()}/settings`
    await api.call('PATCH', settings, { body: { 'a/b': { 'm~n': { '': 1 } } } })
    t.equal((await patch(settings, [{ op: 'replace', path: '/a~1b/m~0n/', value: 2 }])).status, 204)
    t.strictSame((await api.call('GET', settings)).json, { 'a/b': { 'm~n': { '': 2 } } })
  })

  await t.test('a patch of unwritten settings begins them, if it can be applied to none', async (t) => {
    for (const operations of [[], [{ op: 'add', path: '/a', value: 1 }]]) {
      const session = newSession()
      const answer = await patch(`${session}/settings`, operations)
      t.equal(answer.status, 201)
      t.equal((await api.call('GET', session)).json.revision, 1)
    }
    const session = newSession()
    t.equal((await patch(`${session}/settings`, [{ op: 'remove', path: '/a' }])).json.code, 'path_not_found')
    t.equal((await patch(`${session}/settings`, [{ op: 'test', path: '/a', value: 1 }])).json.code, 'path_not_found')
    t.equal((await api.call('GET', session)).status, 404, 'a patch that failed began no session')
  })

  await t.test('a precondition is judged before the patch', async (t) => {
    const { settings, etag } = await begin()
    const failing = [{ op: 'test', path: '/a', value: 2 }]
    t.equal((await patch(settings, failing, { 'if-match': '"0"' })).status, 412)
    t.equal((await patch(settings, failing, { 'if-match': etag })).status, 409)
    t.equal((await patch(settings, [{ op: 'remove', path: '/a' }], { 'if-match': etag })).status, 204)
    t.equal((await patch(settings, [{ op: 'remove', path: '/a' }], { 'if-match': etag })).status, 412)
  })

  await t.test('what is no array of operations is refused', async (t) => {
    const { settings } = await begin()
    for (const body of [{}, { op: 'remove', path: '/a' }, 'a', null, [1], [[]], [null]]) {
      t.hasStrict(await patch(settings, body), { status: 400, json: { code: 'invalid_request' } }, JSON.stringify(body))
    }
  })

  await t.test('nothing is quoted of what is there', async (t) => {
    const settings = `${newSession()}/settings`
    await api.call('PATCH', settings, { body: { a: 'a secret' } })
    for (const operations of [[{ op: 'test', path: '/a', value: 'guess' }], [{ op: 'remove', path: '/a/x' }]]) {
      t.notMatch((await patch(settings, operations)).text, /secret|guess/)
    }
  })
})
