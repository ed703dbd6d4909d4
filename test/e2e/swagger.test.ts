/** The Swagger UI wherever it is reached: in a real browser, with a call and a stream of events tried out in each place. */
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { KEYS } from '../helpers/app.ts'
import { launchBrowser, openPage, type PageOptions } from '../helpers/browser.ts'
import { configurations, startProxy } from '../helpers/proxy.ts'
import { freePort } from '../helpers/redis-server.ts'
import { startService } from '../helpers/service.ts'
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

/** Tries a write and a stream of events out. */
const tryOut = async (t: Test, page: Page): Promise<void> => {
  const id = randomUUID()
  const patch = await opened(page, 'patch', '/v1/sessions/{id}/settings')
  await patch.locator('tr[data-param-name="id"] input').fill(id)
  await patch.locator('textarea.body-param__text').fill('{"theme":"dark"}')
  await patch.getByRole('button', { name: 'Execute' }).click()
  t.match(await patch.locator('.live-responses-table tbody .response-col_status').textContent(), /^201/)

  const events = await opened(page, 'get', '/v1/sessions/{id}/events')
  await events.locator('tr[data-param-name="id"] input').fill(id)
  await events.getByRole('button', { name: 'Execute' }).click()
  const shown = await events.locator('.live-responses-table tbody .response-col_description').first().textContent()
  t.match(shown, /event: snapshot/)
  t.match(shown, /"theme":"dark"/)
  t.match(shown, /stopped reading after 5 seconds/)
}

const open = async (t: Test, url: string, options?: PageOptions): Promise<Page> => {
  const page = await openPage(t, browser, options)
  await page.goto(url)
  return page
}

const store = (t: Test) => ({ COATCHECK_STORE: `lmdb:${folder(t)}` })

t.test('on the port of a service, with a slash and without', async (t) => {
  const { port } = await startService(t, store(t))
  for (const path of ['/docs', '/docs/', '/docs/static/index.html']) {
    const page = await open(t, `http://127.0.0.1:${port}${path}`)
    await authorize(page)
    if (path === '/docs') await tryOut(t, page)
    t.equal(new URL(page.url()).pathname, '/docs/')
  }
})

t.test('under a prefix, where the public URL is', async (t) => {
  const port = await freePort()
  const publicUrl = `https://localhost:${port}/sessions`
  const service = await startService(t, { ...store(t), COATCHECK_PUBLIC_URL: publicUrl })
  await startProxy(t, 'nginx', { text: configurations('nginx')[1] ?? '', port, service: service.port })
  for (const path of ['', '/docs', '/docs/']) {
    const page = await open(t, `${publicUrl}${path}`, { ignoreHTTPSErrors: true })
    await authorize(page)
    if (path === '/docs') await tryOut(t, page)
  }
})

t.test('elsewhere than the public URL says', async (t) => {
  const { port, call } = await startService(t, { ...store(t), COATCHECK_PUBLIC_URL: 'https://sessions.example' })
  const page = await open(t, `http://127.0.0.1:${port}/docs`)
  await authorize(page)
  await tryOut(t, page)
  const { servers } = (await call('GET', '/openapi.json')).json as unknown as { servers: unknown }
  t.strictSame(servers, [{ url: 'https://sessions.example' }], 'the description itself says where callers go')
})

t.test('by a name that no browser trusts, without TLS', async (t) => {
  const { port } = await startService(t, store(t))
  const page = await open(t, `http://lan.test:${port}/docs`)
  await authorize(page)
  await tryOut(t, page)
})

t.test('on the port for operators', async (t) => {
  const admin = await freePort()
  const { port } = await startService(t, { ...store(t), COATCHECK_ADMIN_PORT: String(admin) })
  const page = await open(t, `http://127.0.0.1:${admin}/docs`)
  await authorize(page)
  await tryOut(t, page)
  const other = await openPage(t, browser, { expected: [/404/] })
  t.equal((await other.goto(`http://127.0.0.1:${port}/docs`))?.status(), 404)
})

t.test('as a container has it, where the page asks for the key', async (t) => {
  const { port, call } = await startService(t, { ...store(t), HOST: '0.0.0.0' })
  for (const path of ['/openapi.json', '/docs/json', '/docs/yaml'])
    t.equal((await call('GET', path, { key: null })).status, 401, path)
  const page = await openPage(t, browser, { expected: [/401/] })
  await page.goto(`http://127.0.0.1:${port}/docs`)
  const key = page.getByLabel('API key')
  await key.fill('ck_shop_wrong')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('This key is not taken').waitFor()
  t.equal(await page.getByText('/v1/sessions/batch').count(), 0)
  await key.fill(` ${KEYS.shop} `)
  await page.getByRole('button', { name: 'Show' }).click()
  await tryOut(t, page)
})
