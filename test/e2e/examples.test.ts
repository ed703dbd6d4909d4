/** Every example, used as a person would use it, in a real browser; that in Django in `django-chat.test.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import t from 'tap'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { launchBrowser, launchProfile, openPage } from '../helpers/browser.ts'
import { startExample } from '../helpers/example.ts'
import { startFront } from '../helpers/front.ts'
import { checkLooks } from '../helpers/looks.ts'
import { startReplica } from '../helpers/replica.ts'
import { until } from '../helpers/until.ts'
import { folder, root } from '../scripts/project.ts'

const browser = await launchBrowser(t)

/** Opens the address and waits until the page is joined; answers the HTML of the first answer, as it came. */
const visit = async (page: Page, url: string): Promise<string> => {
  const answer = await page.goto(url)
  const text = (await answer?.text()) ?? ''
  await page.waitForSelector('html[data-live=joined]')
  return text
}

const shows = (page: Page, text: string): Promise<unknown> => page.getByText(text).waitFor()

const name = (page: Page) => page.getByLabel('Your name')

const holds = (page: Page, label: string, value: string) =>
  until(async () => (await page.getByLabel(label).inputValue()) === value, `the field ${label} holds ${value}`)

t.test('the page of each example shows the command that starts it, and that one is run below', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const names = Object.keys(scripts).flatMap((script) => /^example:(.*)$/.exec(script)?.[1] ?? [])
  const here = ['examples.test.ts', 'django-chat.test.ts']
    .map((file) => readFileSync(join(root, 'test/e2e', file), 'utf8'))
    .join('')
  t.equal(names.length, 6)
  for (const each of names) {
    const page = readFileSync(join(root, 'examples', each, 'README.md'), 'utf8')
    const blocks = [...page.matchAll(/^```sh\n(.*?)```$/gms)].map((match) => match[1])
    t.strictSame(blocks, [`npm run example:${each}\n`], each)
    t.match(here, `startExample(t, '${each}'`)
  }
})

t.test('a chat knows the name in its first render, after a restart, in a second tab at once', async (t) => {
  const data = folder(t)
  const key = join(data, 'api-key')
  writeFileSync(key, KEYS.shop, { mode: 0o600 })
  const service = await startReplica(t, { COATCHECK_STORE: `lmdb:${join(data, 'store')}` })
  const front = await startFront(t, service.port)
  const { url } = await startExample(t, 'chat', { COATCHECK_URL: front.url, COATCHECK_API_KEY_FILE: key })
  const profile = folder(t)
  const firstTab = async (context: BrowserContext) => context.pages()[0] ?? context.newPage()

  const before = await launchProfile(t, profile)
  const one = await firstTab(before)
  front.sent.length = 0
  const answer = await one.request.get(url)
  t.equal(front.sent.length, 0, 'somebody new costs the store no call')
  t.match(answer.headers()['set-cookie'], /HttpOnly; SameSite=Lax/)
  await visit(one, url)
  await name(one).fill('henrik')
  await shows(one, 'Hello, henrik.')
  // The view shows what is typed before it is saved.
  const isWrite = ({ method }: { readonly method: string }): boolean => /^P(ATCH|UT)$/.test(method)
  await until(() => front.sent.some(isWrite) && ![...front.underWay].some(isWrite), 'it is saved')

  const two = await before.newPage()
  t.match(await visit(two, url), 'value="henrik"', 'the name stands in the HTML of the first answer')
  await name(two).fill('hanna')
  await holds(one, 'Your name', 'hanna')
  await two.getByRole('textbox', { name: 'Message' }).fill(`<b>hi</b> ${'o'.repeat(200)}`)
  await two.keyboard.press('Enter')
  await one.getByRole('log', { name: 'Messages' }).getByText('<b>hi</b>').waitFor()
  await checkLooks(t, one, 'the chat')
  await name(one).press('Enter')
  t.equal(one.url(), `${url}/`, 'Enter puts nothing into the address')

  front.sent.length = 0
  t.match(await (await one.request.get(url)).text(), 'value="hanna"')
  t.equal(front.sent.length, 1, 'a first render asks the store once')

  await before.close()
  const after = await launchProfile(t, profile)
  const three = await firstTab(after)
  t.match(await visit(three, url), 'value="hanna"', 'also after a restart of the browser')

  await service.kill()
  const away = await three.request.get(url)
  t.equal(away.status(), 200, 'while the store is away there is a page')
  t.equal(away.headers()['set-cookie'], undefined, 'and nobody is taken for somebody new')
  const waiting = name(three).fill('back again')
  await service.start()
  await waiting
  await shows(three, 'Hello, back again.')
  await until(async () => (await visit(three, url)).includes('value="back again"'), 'it is saved')
})

/** The lengths of what a page has greeted, one after the other. */
const watchGreetings = (page: Page) =>
  page.evaluate(`
    window.lengths = []
    const look = () => window.lengths.push(document.querySelector('p.quiet').textContent.length)
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })`)

t.test('with the service 200 ms away a page never shows what is older than what it has shown', async (t) => {
  const api = await onLmdb(t)
  const front = await startFront(t, api.port)
  front.slowDown(200)
  const key = join(folder(t), 'api-key')
  writeFileSync(key, KEYS.shop, { mode: 0o600 })
  const { url } = await startExample(t, 'chat', { COATCHECK_URL: front.url, COATCHECK_API_KEY_FILE: key })
  const one = await openPage(t, browser)
  await visit(one, url)
  const two = await one.context().newPage()
  await visit(two, url)
  await name(one).fill('h')
  for (const page of [one, two]) {
    await shows(page, 'Hello, h.')
    await watchGreetings(page)
  }
  const text = 'h and a name that takes a while'
  await name(one).pressSequentially(text.slice(1), { delay: 130 })
  for (const page of [one, two]) {
    await shows(page, `Hello, ${text}.`)
    const lengths = await page.evaluate<number[]>('window.lengths')
    t.strictSame(
      lengths,
      [...lengths].sort((a, b) => a - b),
    )
    t.ok(new Set(lengths).size > 1, `${lengths}`)
  }
})

t.test('a page writes the keys that it may, and nobody becomes user 1', async (t) => {
  const { url } = await startExample(t, 'ajax')
  const page = await openPage(t, browser, { expected: [/403 \(Forbidden\)/] })
  const other = await page.context().newPage()
  await visit(page, url)
  await visit(other, url)
  await name(page).fill('henrik')
  await page.getByLabel('Colour').fill('red')
  await shows(other, 'The server sees: henrik, red')
  await page.getByText('Become user 1').click()
  await page.getByRole('status').getByText('current_user_id is refused: key_not_allowed').waitFor()
  await checkLooks(t, page, 'the page that writes by itself')
  await page.getByLabel('Colour').fill('green')
  await shows(other, 'The server sees: henrik, green, user none.')
  t.match(await visit(page, url), /henrik, green,\s+user none/)
})

const isTakenOver = (page: Page) => page.evaluate<boolean>("localStorage.getItem('username') === null")

t.test('what localStorage had is taken over once, and then stands in the first render', async (t) => {
  const { url } = await startExample(t, 'local-storage')
  const page = await openPage(t, browser)
  await page.goto(`${url}/old`)
  await name(page).fill('henrik')
  await checkLooks(t, page, 'the old page')
  await name(page).press('Enter')
  t.match(await visit(page, url), 'value=""', 'nobody could know it yet')
  await shows(page, 'Hello, henrik.')
  await shows(page, 'restore {"username":"henrik"}')
  await checkLooks(t, page, 'the new page')
  await name(page).press('Enter')
  t.equal(page.url(), `${url}/`, 'Enter puts nothing into the address')
  await until(() => isTakenOver(page), 'localStorage is empty')
  t.match(await visit(page, url), 'value="henrik"')

  // An old tab that was still open must not bring back what has changed since.
  await name(page).fill('hanna')
  await shows(page, 'Hello, hanna.')
  await page.evaluate("localStorage.setItem('username', 'long ago')")
  const other = await page.context().newPage()
  t.match(await visit(other, url), 'value="hanna"')
  await until(() => isTakenOver(other), 'what was left again is gone')
  t.match(await visit(other, url), 'value="hanna"', 'and has changed nothing')
  await name(page).fill('from the first tab')
  await shows(other, 'changed {"username":"from the first tab"}')
  await holds(other, 'Your name', 'from the first tab')
  await name(page).fill('typed and left')
  await page.close()
  await shows(other, 'Hello, typed and left.')
})

const { url: loginUrl } = await startExample(t, 'login')

t.test('a login in the socket reaches the HTTP side once', async (t) => {
  const url = loginUrl
  const page = await openPage(t, browser, { expected: [/410 \(Gone\)/] })
  const other = await page.context().newPage()
  await visit(page, url)
  await visit(other, url)
  const logIn = async (password: string) => {
    await page.getByLabel('Password').focus()
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
  }
  await logIn('wrong')
  await page.getByRole('alert').getByText('That is not the password.').waitFor()
  await checkLooks(t, page, 'the login')
  const before = (await page.context().cookies())[0]?.value
  const posted = page.waitForRequest((request) => request.method() === 'POST')
  await logIn('open sesame')
  await shows(page, 'Hello, henrik')
  await page.getByRole('status').getByText('Welcome back').waitFor()
  await shows(other, 'Hello, henrik')
  await checkLooks(t, page, 'logged in')
  const after = (await page.context().cookies())[0]?.value
  t.not(after, before, 'under a new id')
  t.notMatch((await posted).url(), /code/, 'no secret stands in an address')

  const body = (await posted).postData() ?? ''
  const form = Object.fromEntries(new URLSearchParams(body))
  const again = await page.request.post(`${url}/login`, { form })
  t.equal(again.status(), 410, 'a second time it is refused')
  t.match(await again.text(), 'used already')
  const stranger = await openPage(t, browser)
  await visit(stranger, url)
  t.equal((await stranger.request.post(`${url}/login`, { form })).status(), 410, 'also to whoever else has it')

  await visit(page, url)
  await page.getByText('Welcome back').waitFor({ state: 'detached' })
  t.equal((await page.context().cookies())[0]?.value, after, 'the login is still there')
  await page.getByRole('button', { name: 'Log out' }).press('Enter')
  await shows(page, 'Who are you?')
  await shows(other, 'Who are you?')
})

t.test('what no page of its own would send does an example no harm', async (t) => {
  const url = loginUrl
  const page = await openPage(t, browser)
  await visit(page, url)
  const post = (origin: string) =>
    page.request.post(`${url}/login`, { form: { code: 'x' }, headers: { origin }, maxRedirects: 0 })
  t.equal((await post('https://other.example')).status(), 403, 'not from the page of another site')
  t.equal((await post(url)).status(), 410)
  const answers = await page.evaluate<string[]>(`new Promise((resolve) => {
    const socket = new WebSocket('${url.replace('http', 'ws')}/live')
    const answers = []
    socket.onmessage = ({ data }) => answers.push(...Object.keys(JSON.parse(data))) === 5 && resolve(answers)
    socket.onopen = () => {
      for (const text of ['{', 'null', '{"event":"login"}', '{"event":"toString"}', '{"event":"login","params":{}}']) socket.send(text)
    }
  })`)
  t.strictSame(answers.sort(), ['error', 'error', 'error', 'html', 'html'])
  await visit(page, url)
})

t.test('a farm shares its sessions, and logging out everywhere is heard in every tab', async (t) => {
  const example = await startExample(t, 'farm')
  const { url } = example
  t.equal(example.services().length, 2)
  const laptop = await openPage(t, browser)
  const phone = await openPage(t, browser)
  const logIn = async (page: Page) => {
    await visit(page, url)
    await page.getByRole('button', { name: /Log in/ }).click()
    await shows(page, 'Hello, henrik')
  }
  await visit(laptop, url)
  await checkLooks(t, laptop, 'the farm before a login')
  await laptop.getByLabel('Your colour').fill('green')
  await until(
    async () => (await (await laptop.request.get(url)).text()).includes('value="green"'),
    'the colour is kept',
  )
  await logIn(laptop)
  await holds(laptop, 'Your colour', 'green')
  await logIn(phone)
  const second = await laptop.context().newPage()
  await visit(second, url)
  await shows(second, 'Your logins: 2')
  await checkLooks(t, second, 'the farm')
  const servers = new Set<string>()
  const asks = async () => {
    const { status, text } = await fetch(url, { headers: { connection: 'close' } }).then(async (one) => ({
      status: one.status,
      text: await one.text(),
    }))
    t.equal(status, 200)
    servers.add(/Rendered by (server \d)/.exec(text)?.[1] ?? '')
    return servers.size === 2
  }
  await until(asks, 'both servers answer')
  await phone.getByText('Log out everywhere').click()
  for (const page of [laptop, second, phone]) await shows(page, 'A server farm')
  t.notMatch(await visit(laptop, url), 'green', 'and is nobody any more')
  await Promise.all([laptop, phone].map((page) => page.context().close()))
  t.equal(await example.end(), 0, 'Ctrl-C ends all of it')
})
