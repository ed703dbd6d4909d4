/** A tab that follows its session and writes to it. It is bundled by its test, and type-checked. */
import { createClient, isCoatcheckError } from '../../../src/client/index.ts'

declare global {
  interface Window {
    readonly url: string
    readonly token: string
    /** Types of events, in their order. */
    events: string[]
    /** What the tab shows, and what it has shown. */
    settings: object
    past: object[]
    /** Why it follows no more. */
    fault: string
    put(key: string, value: unknown): Promise<void>
  }
}

const client = createClient({ url: window.url, ...(window.token && { credential: window.token }) })
const session = client.session('current')

const follow = async (): Promise<void> => {
  for await (const event of session.changes()) {
    window.events.push(event.type)
    if (!('settings' in event)) continue
    window.settings = event.settings
    window.past.push(event.settings)
  }
}

Object.assign(window, { events: [], settings: {}, past: [], fault: '' })
window.put = async (key, value) => {
  await session.set(key, value)
}
follow().catch((error) => {
  window.fault = isCoatcheckError(error) ? error.code : String(error)
})
