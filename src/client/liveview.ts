/**
 * A hook for a form in a live view (`phx-hook`, Phoenix LiveView 1.x and whatever has hooks of that shape). What is typed into
 * the form is saved, a moment after the last keystroke; the view is told what there is (`restore`) and what others change
 * (`changed`). What older pages left in localStorage is taken over, once.
 *
 *     const hooks = { Settings: coatcheckHook({ url, credential, takeOver: ['username'] }) }
 *     <form id="settings" phx-hook="Settings">
 */
import { type EndReason, isEcho } from './changes.ts'
import { type ClientOptions, connect } from './connect.ts'
import { isCoatcheckError } from './errors.ts'
import { fieldValue, keyOf } from './form-fields.ts'
import { createSaver } from './saver.ts'

/** What the hook uses of LiveView's. */
export type HookView = {
  readonly el: HTMLElement
  pushEvent(event: string, payload: object): unknown
}

/** Something that older pages kept in localStorage. */
export type Legacy = {
  /** Its name there. */
  readonly from: string
  /** The settings key; the same name if left out. */
  readonly key?: string
  /** What its text means; the text itself if left out. */
  readonly read?: (text: string) => unknown
}

export type HookOptions = Pick<ClientOptions, 'url' | 'credential' | 'renew'> & {
  /** The keys that are saved; every field of the form with a name if left out. Passwords, files and hidden fields never are. */
  readonly keys?: readonly string[]
  /** How long after the last keystroke; 300 if left out. The first one after a pause is saved at once. In ms. */
  readonly debounceMs?: number
  /** What is taken over from localStorage, unless the session has it already, and then removed there. */
  readonly takeOver?: readonly (string | Legacy)[]
  /** When the session has ended. If left out the page is loaded anew: after a login, when its cookie is there. */
  readonly onEnded?: (reason: EndReason) => void
  /** A refusal that stays, such as a key that the credential may not write. If left out it is written to the console. */
  readonly onError?: (error: unknown) => void
}

/** What goes into LiveView's `hooks`. */
export type CoatcheckHook = {
  mounted(this: HookView): void
  reconnected(this: HookView): void
  destroyed(this: HookView): void
}

const DEBOUNCE_MS = 300
/** After a login the answer with the new cookie is on its way; and not all tabs ask at the same moment. */
const RELOAD_MS = 1000

const reload = (reason: EndReason): void => {
  setTimeout(() => location.reload(), reason === 'rotated' ? RELOAD_MS * (1 + Math.random()) : 0)
}

/** What is sent while the page goes away arrives all the same. */
const lasting: typeof fetch = (input, init) =>
  fetch(input, init?.body === undefined ? init : { ...init, keepalive: true })

/** One form, from `mounted` on; what it gives undoes it, and tells the view again what there is. */
const attend = (view: HookView, options: HookOptions) => {
  const { url, credential, renew, keys, debounceMs = DEBOUNCE_MS, takeOver = [], onEnded = reload } = options
  const { onError = (error) => console.error('Coatcheck:', error) } = options
  const origin = `hook-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`
  const client = connect({ url, credential, renew, origin, fetch: lasting })
  const session = client.session('current')
  const saver = createSaver({ session, debounceMs, onError })
  let present: { readonly settings: object; readonly revision: number } | null = null

  /** LiveView refuses while it is not connected; when it is again it is told all. */
  const push = (event: string, payload: object): void => {
    void (async () => view.pushEvent(event, payload))().catch(() => {})
  }

  const tell = (event: string): void => {
    if (present !== null) push(event, saver.over(present.settings, present.revision))
  }

  /** What the session has already, perhaps from another tab or device, is newer. */
  const takeOverOne = async ({ from, key = from, read = String }: Legacy, present: object): Promise<void> => {
    const text = localStorage.getItem(from)
    if (text === null) return
    if (!Object.hasOwn(present, key)) {
      await session.set(key, read(text), { ifNoneMatch: '*' }).catch((error) => {
        if (!isCoatcheckError(error, 'precondition_failed')) throw error
      })
    }
    localStorage.removeItem(from)
  }

  const takeOverAll = async (): Promise<void> => {
    const legacies = takeOver.map((one) => (typeof one === 'string' ? { from: one } : one))
    if (legacies.every(({ from }) => localStorage.getItem(from) === null)) return
    const present = await session.get()
    await Promise.all(legacies.map((one) => takeOverOne(one, present)))
  }

  const follow = async (): Promise<void> => {
    await takeOverAll().catch(onError)
    for await (const event of session.changes()) {
      if (event.type === 'ended') return onEnded(event.reason)
      if (event.type !== 'snapshot' && event.type !== 'change') continue
      const isFirst = present === null
      present = event
      if (isFirst) tell('restore')
      else if (!isEcho(event, origin)) tell('changed')
    }
  }

  const typed = ({ target }: Event): void => {
    const key = keyOf(target)
    if (key !== null && (!keys || keys.includes(key))) saver.put(key, fieldValue(target as HTMLInputElement))
  }
  const leaving = (): void => void saver.flush()

  view.el.addEventListener('input', typed)
  addEventListener('pagehide', leaving)
  follow().catch(onError)
  return {
    restore: (): void => tell('restore'),
    async leave(): Promise<void> {
      view.el.removeEventListener('input', typed)
      removeEventListener('pagehide', leaving)
      await saver.flush()
      saver.stop()
      client.close()
    },
  }
}

/** Makes the hook. Each form that has it is attended by itself; all forms and tabs of a browser share one stream. */
export const coatcheckHook = (options: HookOptions): CoatcheckHook => {
  const attended = new WeakMap<HookView, ReturnType<typeof attend>>()
  return {
    mounted() {
      attended.set(this, attend(this, options))
    },
    reconnected() {
      attended.get(this)?.restore()
    },
    destroyed() {
      void attended.get(this)?.leave()
      attended.delete(this)
    },
  }
}
