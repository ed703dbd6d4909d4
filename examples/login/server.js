/** A login in the socket: a one-time code carries it to the HTTP side, which can set a cookie. A second time it is refused. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isCoatcheckError } from 'coatcheck/client'
import { html } from '../live/html.js'
import { coatcheck, page, serve } from '../live/server.js'
import { idIn, remember } from '../live/visitor.js'

const digest = (text) => createHash('sha256').update(String(text)).digest()
/** An app of your own has slow, salted hashes here. */
const PASSWORDS = new Map([['henrik', digest('open sesame')]])
const isRight = (username, password) =>
  timingSafeEqual(PASSWORDS.get(username) ?? digest('nobody has this'), digest(password)) && PASSWORDS.has(username)

const LOGIN = html`
  <form id="login" live-submit="login">
    <label>Name <input name="username" autocomplete="username" value="henrik"></label>
    <label>Password <input name="password" type="password" autocomplete="current-password" placeholder="open sesame"></label>
    <button>Log in</button>
  </form>`
const LOGOUT = html`<p><button live-click="logout">Log out</button></p>`

await serve({
  title: 'A login in a socket',
  view: {
    // A message for the next page: the socket takes it, so that it is shown as long as the page is open, in one tab.
    async mount(live) {
      if (live.connected && live.settings.flash) live.assigns.flash = await live.session.take('flash')
    },
    render: ({ subject, settings, assigns }) => html`
      <h1>${subject ? `Hello, ${subject}` : 'Who are you?'}</h1>
      ${(assigns.flash ?? settings.flash) && html`<p id="flash" role="status">${assigns.flash ?? settings.flash}</p>`}
      ${assigns.refused && html`<p class="refused" role="alert">That is not the password.</p>`}
      ${subject ? LOGOUT : LOGIN}
    `,
    on: {
      async login(live, { username, password }) {
        live.assigns.refused = !isRight(username, password)
        if (live.assigns.refused) return
        const { code } = await live.session.handoff({ subject: username, payload: { flash: 'Welcome back' } })
        live.post('/login', { code })
      },
      // All tabs of this session hear of its end, this one among them.
      logout: (live) => live.session.end(),
    },
  },

  routes(app) {
    app.post('/login', async (request, reply) => {
      try {
        // With the id in the visitor's own cookie: a link logs nobody in as somebody else.
        const sessionId = idIn(request) ?? ''
        const { session, payload } = await coatcheck.redeem({ code: request.body.code, sessionId })
        // First of all, for the id before it is no more.
        remember(reply, session.id)
        await coatcheck
          .session(session.id)
          .set('flash', payload.flash)
          .catch(() => {})
        return reply.redirect('/', 303)
      } catch (error) {
        if (!isCoatcheckError(error, 'handoff_gone', 'invalid_request', 'session_gone')) throw error
        reply.code(410).type('text/html')
        return page('Used', html`<h1>This login was used already</h1><p><a href="/">Log in again</a></p>`)
      }
    })
  },
})
