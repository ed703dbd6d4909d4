/** The page's half of the small live-view server: it joins, sends what forms and buttons say, and morphs what comes back. */
import { Idiomorph } from '/idiomorph.js'

const main = document.getElementById('live')
const DEBOUNCE_MS = 20
const TYPING_MS = 1000
let typedAt = Number.NEGATIVE_INFINITY
let socket
let failures = 0

const send = (event, params) => {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ event, params }))
}

/** Hooks of the shape that Phoenix LiveView has, by the names in `phx-hook`: `mounted`, `reconnected`, `pushEvent`. */
const hooks = {}
const views = new Map()

export const addHook = (name, hook) => {
  hooks[name] = hook
  mountHooks()
}

const mountHooks = () => {
  for (const el of main.querySelectorAll('[phx-hook]')) {
    const hook = hooks[el.getAttribute('phx-hook')]
    if (!hook || views.has(el) || socket?.readyState !== WebSocket.OPEN) continue
    const view = { ...hook, el, pushEvent: async (event, params) => send(event, params) }
    views.set(el, view)
    view.mounted?.()
  }
}

/** Leaves by a POST, so that what is carried along stands in no address. */
const post = (path, fields) => {
  const form = Object.assign(document.createElement('form'), { method: 'post', action: path, hidden: true })
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { name, value }))
  }
  document.body.append(form)
  form.submit()
}

/** After a login in another tab its cookie is on its way here, so this page waits a moment. */
const ended = (reason) => setTimeout(() => location.reload(), reason === 'rotated' ? 1000 + Math.random() * 1000 : 0)

/** A field of which the server says what it said before keeps what somebody has typed into it. */
const beforeNodeMorphed = (old, next) => !(old instanceof HTMLInputElement && old.outerHTML === next.outerHTML)

let later
/** What is being typed is newer than what comes back of it: that field is left alone until the typing has ended. */
const show = (html) => {
  const rest = typedAt + TYPING_MS - performance.now()
  Idiomorph.morph(main, html, {
    morphStyle: 'innerHTML',
    ignoreActiveValue: rest > 0,
    callbacks: { beforeNodeMorphed },
  })
  clearTimeout(later)
  if (rest > 0) later = setTimeout(() => show(html), rest)
}

const join = () => {
  socket = new WebSocket(`${location.protocol.replace('http', 'ws')}//${location.host}/live`)
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data)
    failures = 0
    if (message.html !== undefined) show(message.html)
    if (message.post) post(message.post, message.fields)
    if (message.ended) ended(message.ended)
    document.documentElement.dataset.live = message.error ? 'failed' : 'joined'
    mountHooks()
  }
  socket.onclose = ({ code }) => {
    document.documentElement.dataset.live = 'away'
    if (code !== 4403) setTimeout(join, Math.min(5000, 100 * 2 ** failures++) * (0.5 + Math.random()))
  }
}

const fieldsOf = (form) => Object.fromEntries(new FormData(form))

addEventListener('submit', (event) => {
  // Enter in a form that goes nowhere does not load the page with what was typed in its address.
  if (!event.target.hasAttribute('action')) event.preventDefault()
  const name = event.target.getAttribute('live-submit')
  if (name === null) return
  send(name, fieldsOf(event.target))
  event.target.reset()
})

addEventListener('click', (event) => {
  const name = event.target.closest('[live-click]')?.getAttribute('live-click')
  if (name) send(name, {})
})

const timers = new WeakMap()
addEventListener('input', (event) => {
  typedAt = performance.now()
  const form = event.target.form
  const name = form?.getAttribute('live-change')
  if (!name) return
  clearTimeout(timers.get(form))
  timers.set(
    form,
    setTimeout(() => send(name, fieldsOf(form)), DEBOUNCE_MS),
  )
})

join()
