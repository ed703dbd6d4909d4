/** One of several app servers: whichever answers, the session is the same, and logging out everywhere is heard in every tab. */
import { isCoatcheckError } from 'coatcheck/client'
import { html } from '../live/html.js'
import { coatcheck, serve } from '../live/server.js'
import { idIn, remember } from '../live/visitor.js'

const NAME = `server ${process.env.SERVER}`

const logins = async (subject) => {
  const found = []
  for await (const { id, createdAt } of coatcheck.subject(subject).sessions()) found.push({ id, createdAt })
  return found
}

const LOGIN = html`
  <form method="post" action="/login">
    <label>Name <input name="username" autocomplete="username" value="henrik"></label>
    <button>Log in (any name will do)</button>
  </form>`

await serve({
  title: 'A server farm',
  view: {
    async mount(live) {
      if (live.subject) live.assigns.logins = await logins(live.subject)
    },
    render: ({ subject, settings, assigns }) => html`
      <h1>${subject ? `Hello, ${subject}` : 'A server farm'}</h1>
      <form id="settings" live-change="colour">
        <label>Your colour <input name="colour" value="${settings.colour}" autocomplete="off" maxlength="40"></label>
      </form>
      ${
        subject
          ? html`<p>Your logins: ${assigns.logins.length}</p>
              <ul>${assigns.logins.map(({ createdAt }) => html`<li>since <time>${createdAt}</time></li>`)}</ul>
              <p><button live-click="everywhere">Log out everywhere</button></p>`
          : LOGIN
      }
      <p class="quiet" id="served">Rendered by ${NAME}.</p>
    `,
    on: {
      colour(live, { colour }) {
        live.put('colour', String(colour).slice(0, 40))
      },
      everywhere: (live) => live.subject && coatcheck.subject(live.subject).end(),
    },
  },

  routes(app) {
    app.post('/login', async (request, reply) => {
      const username = String(request.body.username).slice(0, 40) || 'nobody'
      const visitor = idIn(request)
      const begin = () => coatcheck.create({ subject: username })
      // The same settings under a new id, bound to the user. One that is gone is begun anew; one that cannot be reached is not.
      const rotate = () =>
        coatcheck
          .session(visitor)
          .rotate({ subject: username })
          .catch((error) => (isCoatcheckError(error, 'session_gone') ? begin() : Promise.reject(error)))
      const { id } = await (visitor ? rotate() : begin())
      remember(reply, id)
      return reply.redirect('/', 303)
    })
  },
})
