/** A chat that knows your name: in its very first render, after a reload and a restart of the browser, in a second tab at once. */
import { EventEmitter } from 'node:events'
import { html } from '../live/html.js'
import { serve } from '../live/server.js'

const KEPT = 50
const room = new EventEmitter().setMaxListeners(0)
const messages = []

await serve({
  title: 'Chat',
  view: {
    mount(live) {
      live.hear(room, 'message', live.update)
    },

    render: ({ settings }) => html`
      <h1>Chat</h1>
      <form id="name" live-change="rename">
        <label>Your name <input name="username" value="${settings.username}" autocomplete="off" maxlength="40"></label>
      </form>
      <div role="log" aria-label="Messages">
        <ol>${messages.map(({ by, text }) => html`<li><b>${by}</b> ${text}</li>`)}</ol>
      </div>
      <form id="say" live-submit="say">
        <label>Message <input name="text" placeholder="Say something" autocomplete="off" maxlength="500"></label>
        <button>Send</button>
      </form>
      <p class="quiet">Hello, ${settings.username || 'stranger'}.</p>
    `,

    on: {
      rename(live, { username }) {
        live.put('username', String(username).slice(0, 40))
      },
      say(live, { text }) {
        messages.push({ by: live.settings.username || 'stranger', text: String(text).slice(0, 500) })
        messages.splice(0, messages.length - KEPT)
        room.emit('message')
      },
    },
  },
})
