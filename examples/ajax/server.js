/** A page that writes its settings itself, with a token that names the keys it may write. The view on the server hears of it. */
import { html } from '../live/html.js'
import { COATCHECK_URL, serve } from '../live/server.js'

await serve({
  title: 'Keys that a page may write',
  connects: COATCHECK_URL,
  files: { '/settings.js': new URL('settings.js', import.meta.url) },

  // Without `keys` a token gets those of the browser rule, in coatcheck.json: `username` and `color`.
  async head(live) {
    const { access_token } = await live.session.token({ scope: 'read write touch renew' })
    return html`
      <meta name="coatcheck-url" content="${COATCHECK_URL}">
      <meta name="coatcheck-token" content="${access_token}">
      <script type="module" src="/settings.js"></script>`
  },

  view: {
    render: ({ settings }) => html`
      <h1>Keys that a page may write</h1>
      <form id="settings">
        <label>Your name <input name="username" value="${settings.username}" autocomplete="off" maxlength="40"></label>
        <label>Colour <input name="color" value="${settings.color}" autocomplete="off" maxlength="40"></label>
      </form>
      <p role="status">The server sees: ${settings.username || 'nobody'}, ${settings.color || 'no colour'},
        user ${settings.current_user_id ?? 'none'}.</p>
      <p><button id="mallory" type="button">Become user 1</button></p>
    `,
    on: {},
  },
})
