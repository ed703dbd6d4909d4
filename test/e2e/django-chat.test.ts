/** The example in Django, used as a person would use it, in a real browser, also beside news that come late. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { KEYS } from '../helpers/app.ts'
import { launchBrowser, openPage } from '../helpers/browser.ts'
import { startExample } from '../helpers/example.ts'
import { checkLooks } from '../helpers/looks.ts'
import { startReplica } from '../helpers/replica.ts'
import { until } from '../helpers/until.ts'
import { folder } from '../scripts/project.ts'

const browser = await launchBrowser(t)

/** Opens the address and waits until the page is joined; answers the HTML of the first answer, as it came. */
const visit = async (page: Page, url: string): Promise<string> => {
  const answer = await page.goto(url)
  const text = (await answer?.text()) ?? ''
  await page.waitForSelector('html[data-live=joined]')
  return text
}

const name = (page: Page) => page.getByLabel('Your name')

const shows = (page: Page, text: string): Promise<unknown> => page.getByText(text).waitFor()

/** Waits until what was typed is kept. */
const isKept = (page: Page) => page.waitForSelector('#name[aria-busy=false]')

/** What the server tells a page waits on the way while it is held. */
const holdNews = async (page: Page) => {
  const held: string[] = []
  let isHeld = false
  let tell = (_news: string): void => {}
  await page.routeWebSocket('**/live', (socket) => {
    tell = (news) => socket.send(news)
    socket.connectToServer().onMessage((news) => (isHeld ? held.push(String(news)) : tell(String(news))))
  })
  return {
    held,
    hold: () => {
      isHeld = true
    },
    tellNext: () => tell(held.shift() as string),
    letGo: () => {
      isHeld = false
      for (const news of held.splice(0)) tell(news)
    },
  }
}

const holds = (page: Page, label: string, value: string) =>
  until(async () => (await page.getByLabel(label).inputValue()) === value, `the field ${label} holds ${value}`)

t.test('a chat in Django knows the name in its first render, after a restart, in a second tab at once', async (t) => {
  const data = folder(t)
  const key = join(data, 'api-key')
  writeFileSync(key, KEYS.shop, { mode: 0o600 })
  const service = await startReplica(t, { COATCHECK_STORE: `lmdb:${join(data, 'store')}` })
  const env = { COATCHECK_URL: `http://127.0.0.1:${service.port}`, COATCHECK_API_KEY_FILE: key }
  const example = await startExample(t, 'django-chat', env)
  const { url } = example
  const one = await openPage(t, browser, {
    expected: [/503 \(Service Unavailable\)/, /ERR_CONNECTION_REFUSED/, /WebSocket/],
  })
  t.match((await one.request.get(url)).headers()['set-cookie'], /HttpOnly.*SameSite=Lax/)
  await one.clock.install()
  const news = await holdNews(one)
  await visit(one, url)
  news.hold()
  await name(one).pressSequentially('hen')
  const saves = () => news.held.filter((each) => each.includes('"saved"')).length
  await until(() => saves() === 3, 'each of three letters is saved')
  while (saves() > 1) {
    news.tellNext()
    t.equal(await name(one).inputValue(), 'hen', 'older news do not take away what is typed')
  }
  news.letGo()
  await name(one).pressSequentially('rik')
  await shows(one, 'Hello, henrik.')
  await isKept(one)
  const two = await one.context().newPage()
  t.match(await visit(two, url), 'value="henrik"', 'the name stands in the HTML of the first answer')
  await name(two).fill('hanna')
  await holds(one, 'Your name', 'hanna')
  await two.getByRole('textbox', { name: 'Message' }).fill(`<b>hi</b> ${'o'.repeat(200)}`)
  await two.keyboard.press('Enter')
  await one.getByRole('log', { name: 'Messages' }).getByText('<b>hi</b>').waitFor()
  await checkLooks(t, one, 'the chat in Django')
  await name(one).press('Enter')
  t.equal(one.url(), `${url}/`, 'Enter puts nothing into the address')

  await service.kill()
  const away = await one.request.get(url)
  t.equal(away.status(), 503, 'while the store is away nobody is taken for somebody new')
  t.equal(away.headers()['set-cookie'], undefined)
  await service.start()
  t.match(await visit(two, url), 'value="hanna"')
  await name(two).fill('back again')
  await holds(one, 'Your name', 'back again')
  await isKept(two)

  await one.clock.pauseAt(Date.now() + 60_000)
  t.equal(await example.end(), 0, 'Ctrl-C ends it')
  const again = await startExample(t, 'django-chat', { ...env, PORT: new URL(url).port })
  t.match(await visit(two, again.url), 'value="back again"', 'also after a restart')
  await name(two).fill('and once more')
  await isKept(two)
  await one.clock.resume()
  await one.waitForSelector('html[data-live=joined]')
  await holds(one, 'Your name', 'and once more')
  t.match(await visit(two, again.url), 'value="and once more"', 'a tab that joins late writes nothing over it')
})
