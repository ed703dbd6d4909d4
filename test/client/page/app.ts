/** A page as an app of Phoenix has it, with LiveView's own JavaScript and our hook. It is bundled by its test, and type-checked. */
import { Socket } from 'phoenix'
import { type HooksOptions, LiveSocket } from 'phoenix_live_view'
import { coatcheckHook } from '../../../src/client/liveview.ts'

declare global {
  interface Window {
    readonly url: string
    readonly token: string
    refusals: string[]
  }
}

window.refusals = []

const hooks: HooksOptions = {
  Settings: coatcheckHook({
    url: window.url,
    credential: window.token,
    debounceMs: 150,
    takeOver: ['nickname', { from: 'old.cart', key: 'cart', read: (text) => JSON.parse(text) }],
    onError: (error) => window.refusals.push(String((error as { code?: string }).code)),
    onEnded: (reason) => {
      document.title = `ended: ${reason}`
    },
  }),
}

new LiveSocket('/live', Socket, { hooks }).connect()
