/**
 * Coming from localStorage. `/old` is a page as it was: it renders without the name and fills it in afterwards. `/` is the page
 * as it is now: the hook takes over what the old one left, once, and from then on the name is in the very first render.
 */
import { html } from '../live/html.js'
import { COATCHECK_URL, page, serve } from '../live/server.js'

const OLD = page(
  'The old page',
  html`
    <h1>The old page</h1>
    <form><label>Your name <input name="username" autocomplete="off"></label></form>
    <p><a href="/">To the new page</a></p>`,
  html`<script type="module" src="/old.js"></script>`,
)

await serve({
  title: 'From localStorage',
  connects: COATCHECK_URL,
  files: { '/old.js': new URL('old.js', import.meta.url), '/hooks.js': new URL('hooks.js', import.meta.url) },
  routes: (app) => app.get('/old', (_, reply) => reply.type('text/html').send(OLD)),

  async head(live) {
    const { access_token } = await live.session.token({ scope: 'read write events touch renew' })
    return html`
      <meta name="coatcheck-url" content="${COATCHECK_URL}">
      <meta name="coatcheck-token" content="${access_token}">
      <script type="module" src="/hooks.js"></script>`
  },

  view: {
    render: ({ settings, assigns }) => html`
      <h1>The new page</h1>
      <form id="settings" phx-hook="Settings">
        <label>Your name <input name="username" value="${settings.username}" autocomplete="off"></label>
      </form>
      <p>Hello, ${settings.username || 'stranger'}.</p>
      <p class="quiet" role="status">The hook has told: ${assigns.told ?? 'nothing yet'}. <a href="/old">To the old page</a></p>
    `,
    on: {
      restore: ({ assigns }, settings) => {
        assigns.told = `restore ${JSON.stringify(settings)}`
      },
      changed: ({ assigns }, settings) => {
        assigns.told = `changed ${JSON.stringify(settings)}`
      },
    },
  },
})
