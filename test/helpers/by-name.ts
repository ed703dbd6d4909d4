/** The two forms of take and increment: with the key in the path, and with the key in the body. */
import type { Test } from 'tap'
import { type Api, type Call, onEachStore } from './app.ts'

const IN_PATH = /^(.*)\/settings\/([^/?]+)(\/(?:take|increment))(\?.*)?$/

/** A call with its key in the body in place of its path; undefined if it is neither take nor increment. */
export const named = (path: string, text = '{}'): { path: string; text: string } | undefined => {
  const [, session, key = '', step, query = ''] = IN_PATH.exec(path) ?? []
  if (step === undefined) return undefined
  const member = `"key":${JSON.stringify(decodeURIComponent(key))}`
  const body = text.startsWith('{') ? `{${member}${/^\{\s*\}$/.test(text) ? '' : ','}${text.slice(1)}` : text
  return { path: `${session}${step}${query}`, text: body }
}

/** Makes each take and increment in the other form. */
const byName = (api: Api): Api => ({
  ...api,
  call: (method, path, call: Call = {}) => {
    const text = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body))
    const other = named(path, text?.toString())
    return other ? api.call(method, other.path, { ...call, text: other.text }) : api.call(method, path, call)
  },
})

/** Runs the same tests on each store, in either form. */
export const onEachForm = (t: Test, tests: (t: Test, api: Api) => Promise<unknown>): Promise<void> =>
  onEachStore(t, async (t, api) => {
    await t.test('by path', (t) => tests(t, api))
    await t.test('by name', (t) => tests(t, byName(api)))
  })
