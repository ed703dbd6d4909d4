/**
 * What the page of the Swagger UI does beyond what it brings, as scripts for a browser: it asks for an API key where its
 * description needs one, and shows the first events of a stream, which has no end to wait for.
 */

/** How long the page reads a stream of events before it shows what has come. */
const STREAM_SECONDS = 5

/** Loaded with the page. */
export const PAGE_SCRIPT = `(() => {
  const withKey = (key) => (key ? { headers: { authorization: 'Bearer ' + key } } : {})
  const needsKey = async (key) => (await fetch('./json', { method: 'HEAD', cache: 'no-store', ...withKey(key) })).status === 401

  /** Shows a form until a key is given that is taken; answers it. */
  const askForKey = () =>
    new Promise((resolve) => {
      const form = document.createElement('form')
      form.className = 'coatcheck-key'
      form.innerHTML =
        '<h1>Coatcheck</h1><p>This page needs an API key. It is kept in the memory of this page, and nowhere else.</p>' +
        '<label>API key <input type="password" autocomplete="off" required></label> <button>Show</button><p role="alert"></p>'
      form.addEventListener('submit', async (event) => {
        event.preventDefault()
        const key = form.querySelector('input').value.trim()
        const isRefused = await needsKey(key).catch(() => true)
        if (isRefused) {
          form.querySelector('[role=alert]').textContent = 'This key is not taken. It begins with ck_ and has no spaces.'
          return
        }
        form.remove()
        resolve(key)
      })
      document.body.prepend(form)
      form.querySelector('input').focus()
    })

  const key = needsKey().then((needs) => (needs ? askForKey() : ''))

  /** Whoever has shown the page by a key tries calls out with it, unless told otherwise. */
  key.then((value) => {
    if (!value) return
    const authorize = () => {
      const system = window.coatcheckSystem
      const schema = system?.specSelectors.specJson().getIn(['components', 'securitySchemes', 'apiKey'])
      if (!schema) return setTimeout(authorize, 50)
      system.authActions.authorize({ apiKey: { name: 'apiKey', schema, value } })
    }
    authorize()
  })

  /** Reads a stream for some seconds, and makes an answer of what has come. */
  const fetchSome = async (url, options) => {
    const stop = new AbortController()
    const answer = await fetch(url, { ...options, signal: stop.signal })
    if (!answer.ok || !answer.body) return answer
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const timer = setTimeout(() => stop.abort(), ${STREAM_SECONDS * 1000})
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value
    } catch {
      text += ': this page stopped reading after ${STREAM_SECONDS} seconds; curl -N goes on\\n'
    }
    clearTimeout(timer)
    return new Response(text, { status: answer.status, headers: { ...Object.fromEntries(answer.headers), 'content-type': 'text/plain' } })
  }

  window.coatcheckRequest = async (request) => {
    if (request.loadSpec) Object.assign((request.headers ??= {}), withKey(await key).headers)
    else if (/\\/events(\\?|$)/.test(request.url)) request.userFetch = fetchSome
    return request
  }
})()
`

/** These two are written into the page as they stand, so they may use nothing from here. */
declare const window: {
  coatcheckRequest<Request>(request: Request): Promise<Request>
  coatcheckSystem: unknown
}

export const requestInterceptor = <Request>(request: Request): Promise<Request> => window.coatcheckRequest(request)

export const systemPlugin = () => ({
  afterLoad(system: unknown): void {
    window.coatcheckSystem = system
  },
})

export const PAGE_STYLE = `
.swagger-ui .topbar { display: none }
/* Nothing is loading while the key is asked for. */
.coatcheck-key ~ #swagger-ui { display: none }
.coatcheck-key { font-family: sans-serif; margin: 3em auto; max-width: 30em; padding: 0 1em }
.coatcheck-key [role=alert] { color: #a00 }
`
