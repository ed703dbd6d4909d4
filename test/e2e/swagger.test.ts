/** The Swagger UI wherever it is reached: in a real browser, with a call and a stream of events tried out in each place. */
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { KEYS } from '../helpers/app.ts'
import { launchBrowser, openPage, type PageOptions } from '../helpers/browser.ts'
import { configurations, startProxy } from '../helpers/proxy.ts'
import { freePort } from '../helpers/redis-server.ts'
import { type Service, startService } from '../helpers/service.ts'
import { folder } from '../scripts/project.ts'

const browser = await launchBrowser(t)

const authorize = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Authorize' }).click()
  const dialog = page.locator('.modal-ux')
  const apiKey = dialog.locator('form').filter({ hasText: /^apiKey/ })
  await apiKey.getByRole('textbox').fill(KEYS.shop)
  await apiKey.getByRole('button', { name: 'Apply credentials' }).click()
  await dialog.locator('.close-modal').click()
}

/** A call of the page that is opened to be tried out. */
const opened = async (page: Page, kind: string, path: string) => {
  const call = page.locator(`.opblock-${kind}`).filter({ has: page.getByText(path, { exact: true }) })
  await call.locator('.opblock-summary-control').click()
  await call.getByRole('button', { name: 'Try it out' }).click()
  return call
}

const SETTINGS = '/v1/sessions/{id}/settings'
const EVENTS = '/v1/sessions/{id}/events'

/** Tries a write out, and a stream of events. */
const tryOut = async (t: Test, page: Page): Promise<void> => {
  const id = randomUUID()
  const patch = await opened(page, 'patch', SETTINGS)
  await patch.locator('tr[data-param-name="id"] input').fill(id)
  await patch.locator('textarea.body-param__text').fill('{"theme":"dark"}')
  await patch.getByRole('button', { name: 'Execute' }).click()
  t.match(await patch.locator('.live-responses-table tbody .response-col_status').textContent(), /^201/)
  await tryStream(t, page, id)
}

/** A session that has a theme already. */
const begun = async (call: Service['call']): Promise<string> => {
  const id = randomUUID()
  await call('PATCH', `/v1/sessions/${id}/settings`, { body: { theme: 'dark' } })
  return id
}

/** Tries a stream of events out, whose session has a theme. */
const tryStream = async (t: Test, page: Page, id: string): Promise<void> => {
  const events = await opened(page, 'get', EVENTS)
  await events.locator('tr[data-param-name="id"] input').fill(id)
  await events.getByRole('button', { name: 'Execute' }).click()
  const shown = await events.locator('.live-responses-table tbody .response-col_description').first().textContent()
  t.match(shown, /event: snapshot/)
  t.match(shown, /"theme":"dark"/)
  t.match(shown, /stopped reading after 5 seconds/)
}

/**
 * Lets the page know only a call with a body and a stream: it works through all others, and the refusals of each, for
 * seconds. It gets the whole description, as ever, from where it asks.
 */
const KNOW_LITTLE = `(() => {
  const { text } = Response.prototype
  Response.prototype.text = async function () {
    const whole = await text.call(this)
    if (!this.url.endsWith('/docs/json') || !this.ok) return whole
    const description = JSON.parse(whole)
    const { '${SETTINGS}': { patch }, '${EVENTS}': { get } } = description.paths
    for (const { responses } of [patch, get]) for (const status in responses) if (status >= '4') delete responses[status]
    return JSON.stringify({ ...description, paths: { '${SETTINGS}': { patch }, '${EVENTS}': { get } } })
  }
})()`

const newPage = async (t: Test, options?: PageOptions): Promise<Page> => {
  const page = await openPage(t, browser, options)
  await page.addInitScript(KNOW_LITTLE)
  return page
}

const open = async (t: Test, url: string, options?: PageOptions): Promise<Page> => {
  const page = await newPage(t, options)
  await page.goto(url)
  return page
}

const store = (t: Test) => ({ COATCHECK_STORE: `lmdb:${folder(t)}` })

const place = (name: string, test: (t: Test) => Promise<void>) => t.test(name, { buffered: true }, test)

// Each reads a stream for seconds, so two do it at the same time.
t.jobs = 2

place('on the port of a service, with a slash and without', async (t) => {
  const { port } = await startService(t, store(t))
  const url = `http://127.0.0.1:${port}/docs`
  const page = await openPage(t, browser)
  await page.goto(url)
  t.equal(page.url(), `${url}/`)
  await page.getByText('/v1/subjects/{subject}/sessions').first().waitFor()
  await authorize(page)
  await tryOut(t, page)
  t.equal((await page.request.get(`${url}/static/index.html`)).url(), `${url}/`)
})

place('under a prefix, where the public URL is', async (t) => {
  const port = await freePort()
  const publicUrl = `https://localhost:${port}/sessions`
  const service = await startService(t, { ...store(t), COATCHECK_PUBLIC_URL: publicUrl })
  await startProxy(t, 'nginx', { text: configurations('nginx')[1] ?? '', port, service: service.port })
  const page = await open(t, `${publicUrl}/docs`, { ignoreHTTPSErrors: true })
  t.equal(page.url(), `${publicUrl}/docs/`)
  await authorize(page)
  await tryOut(t, page)
  t.equal((await page.request.get(publicUrl)).url(), `${publicUrl}/docs/`)
})

place('elsewhere than the public URL says', async (t) => {
  const { port, call } = await startService(t, { ...store(t), COATCHECK_PUBLIC_URL: 'https://sessions.example' })
  const page = await open(t, `http://127.0.0.1:${port}/docs`)
  await authorize(page)
  await tryStream(t, page, await begun(call))
  const { servers } = (await call('GET', '/openapi.json')).json as unknown as { servers: unknown }
  t.strictSame(servers, [{ url: 'https://sessions.example' }], 'the description itself says where callers go')
})

place('by a name that no browser trusts, without TLS', async (t) => {
  const { port, call } = await startService(t, store(t))
  const page = await open(t, `http://lan.test:${port}/docs`)
  await authorize(page)
  await tryStream(t, page, await begun(call))
})

place('on the port for operators', async (t) => {
  const admin = await freePort()
  const { port, call } = await startService(t, { ...store(t), COATCHECK_ADMIN_PORT: String(admin) })
  const page = await open(t, `http://127.0.0.1:${admin}/docs`)
  await authorize(page)
  await tryStream(t, page, await begun(call))
  const other = await openPage(t, browser, { expected: [/404/] })
  t.equal((await other.goto(`http://127.0.0.1:${port}/docs`))?.status(), 404)
})

place('as a container has it, where the page asks for the key', async (t) => {
  const { port, call } = await startService(t, { ...store(t), HOST: '0.0.0.0' })
  for (const path of ['/openapi.json', '/docs/json', '/docs/yaml'])
    t.equal((await call('GET', path, { key: null })).status, 401, path)
  const page = await newPage(t, { expected: [/401/] })
  await page.goto(`http://127.0.0.1:${port}/docs`)
  const key = page.getByLabel('API key')
  await key.fill('ck_shop_wrong')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('This key is not taken').waitFor()
  t.equal(await page.getByText(SETTINGS).count(), 0)
  await key.fill(` ${KEYS.shop} `)
  await page.getByRole('button', { name: 'Show' }).click()
  await tryStream(t, page, await begun(call))
})
