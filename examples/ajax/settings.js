/** In the page: what is typed goes straight to Coatcheck, with the token that the server has put into the page. */
import { createClient } from '/coatcheck-client.min.js'

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content
const client = createClient({ url: meta('coatcheck-url'), credential: meta('coatcheck-token'), renew: true })
const session = client.session('current')

const answer = document.body.appendChild(document.createElement('output'))
const tell = (text, isRefusal) => {
  answer.textContent = text
  answer.className = isRefusal ? 'refused' : 'quiet'
}

const put = (key, value) =>
  session.set(key, value).then(
    () => tell(`${key} is kept.`, false),
    ({ code, detail }) => tell(`${key} is refused: ${code}. ${detail}`, true),
  )

const timers = new Map()
addEventListener('input', ({ target: { name, value } }) => {
  clearTimeout(timers.get(name))
  timers.set(
    name,
    setTimeout(() => put(name, value), 200),
  )
})

// What any script that somebody slips into the page could try.
addEventListener('click', ({ target }) => {
  if (target.id === 'mallory') put('current_user_id', 1)
})
