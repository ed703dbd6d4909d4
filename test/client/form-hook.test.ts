/** The hook for live views on a page that is played here; test/e2e/examples.test.ts has it in a browser. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createClient } from '../../src/client/index.ts'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { startFront } from '../helpers/front.ts'
import { until } from '../helpers/until.ts'

/** A field that is its own form, as far as the hook looks. */
class Field extends EventTarget {
  readonly type = 'text'
  readonly dataset = {}
  name = ''
  value = ''
  typed(name: string, value: string): void {
    Object.assign(this, { name, value })
    this.dispatchEvent(new Event('input'))
  }
}

type View = { readonly el: Field; pushEvent(event: string, payload: object): unknown }
type Options = {
  readonly url: string
  readonly credential: object
  readonly debounceMs: number
  readonly onError?: (error: unknown) => void
}
type Module = { coatcheckHook(options: Options): Record<'mounted' | 'reconnected' | 'destroyed', (this: View) => void> }

/** Its types are those of a page, which tests have not. */
const name: string = 'liveview'
const { coatcheckHook }: Module = await import(`../../src/client/${name}.ts`)

const nothing = class {}
const page = new EventTarget()
Object.assign(globalThis, {
  HTMLInputElement: Field,
  HTMLSelectElement: nothing,
  HTMLTextAreaElement: nothing,
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
})

const api = await onLmdb(t)
// A hook that is destroyed saves first, and lets go of its stream a moment later.
t.teardown(() => api.app.server.closeAllConnections())
const url = `http://127.0.0.1:${api.port}`

/** A mounted hook, with a token that may write some keys. */
const mount = async (t: Test, write: string[], options: Partial<Options> = {}) => {
  const client = createClient({ url, credential: KEYS.shop, origin: 'another' })
  const session = client.session(randomUUID())
  const credential = await session.token({ scope: 'read write events', keys: { read: ['*'], write } })
  const pushed: { event: string; payload: object }[] = []
  const el = new Field()
  const view: View = { el, pushEvent: (event: string, payload: object) => pushed.push({ event, payload }) }
  const hook = coatcheckHook({ url, credential, debounceMs: 10, ...options })
  hook.mounted.call(view)
  t.teardown(() => {
    hook.destroyed.call(view)
    client.close()
  })
  await until(() => pushed.length === 1, 'the view is told what there is')
  return { el, session, pushed, reconnect: () => hook.reconnected.call(view) }
}

t.test('what is typed here stands in what the view is told of the changes of others', async (t) => {
  const { el, session, pushed, reconnect } = await mount(t, ['username'])
  el.typed('username', 'henrik')
  await until(async () => (await session.get()).username === 'henrik', 'it is saved')
  await session.set('theme', 'dark')
  await until(() => pushed.length === 2, 'the view is told')
  const payload = { username: 'henrik', theme: 'dark' }
  t.strictSame(pushed[1], { event: 'changed', payload }, 'and of its own echo it was not')
  el.typed('username', 'hanna')
  await until(async () => (await session.get()).username === 'hanna', 'it is saved')
  await until(() => {
    reconnect()
    return JSON.stringify(pushed.at(-1)?.payload).includes('hanna')
  }, 'a view that joins again is told what was typed')
  t.strictSame(pushed.at(-1), { event: 'restore', payload: { ...payload, username: 'hanna' } })
})

t.test('a fast typist far away from the service never sees a step back', async (t) => {
  const front = await startFront(t, api.port)
  front.slowDown(200)
  const { el, session, pushed, reconnect } = await mount(t, ['username'], { url: front.url })
  const text = 'a name that takes a while to type'
  // One after the other: what is sent at once may come in any order.
  let others: Promise<unknown> = Promise.resolve()
  for (let length = 1; length <= text.length; length++) {
    el.typed('username', text.slice(0, length))
    others = others.then(() => session.set('theme', length))
    await delay(20)
    if (length % 5 === 0) reconnect()
    const { username } = (pushed.at(-1)?.payload ?? {}) as { username?: string }
    t.ok(pushed.length < 2 || text.slice(0, length).startsWith(username ?? 'nothing'), `${username}`)
  }
  await others
  await until(async () => (await session.get()).username === text, 'it is saved')
  await until(
    () => (pushed.at(-1)?.payload as { theme?: number } | undefined)?.theme === text.length,
    'the view is told',
  )
  const told = pushed.map(({ payload }) => payload as { username?: string; theme?: number })
  const lengths = told.map(({ username = '' }) => username.length)
  const themes = told.map(({ theme = 0 }) => theme)
  for (const numbers of [lengths, themes])
    t.strictSame(
      numbers,
      [...numbers].sort((a, b) => a - b),
    )
  t.equal(lengths.at(-1), text.length)
})

t.test('a key that may not be written takes no other along', async (t) => {
  const refused: unknown[] = []
  const { el, session } = await mount(t, ['a', 'b'], { onError: (error) => refused.push(error) })
  for (const name of ['a', 'role', 'b']) el.typed(name, 'typed')
  await until(() => refused.length === 1, 'it is told of the refusal')
  await until(async () => Object.keys(await session.get()).length === 2, 'the others are saved')
  t.match(refused, [{ code: 'key_not_allowed' }])
  t.strictSame(await session.get(), { a: 'typed', b: 'typed' })
})
