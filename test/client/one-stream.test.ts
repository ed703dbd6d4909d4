/** However many tabs of a browser follow a session, they share one stream, and none of them keeps another from writing. */
import type { BrowserContext, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { launchBrowser, openPage, type PageOptions } from '../helpers/browser.ts'
import { bundleScript, serveClientPage } from '../helpers/client-page.ts'
import { until } from '../helpers/until.ts'

/** What `page/tab.ts` puts there. */
declare const window: {
  readonly settings: Readonly<Record<string, unknown>>
  readonly past: readonly object[]
  readonly events: readonly string[]
  readonly fault: string
  readonly isSecureContext: boolean
  put(key: string, value: unknown): Promise<void>
}

const browser = await launchBrowser(t)
const script = await bundleScript('tab.ts')
const READABLE = ['name', 'theme', 'tab-*']

const begin = async (t: Test, { host, ...options }: PageOptions & { host?: string } = {}) => {
  const site = await serveClientPage(t, { script, readable: READABLE, ...(host && { host }) })
  const context = (await openPage(t, browser, options)).context()
  await context.pages()[0]?.close()
  const streams = () => [...site.front.underWay].filter(({ path }) => path.includes('/events'))
  const open = async (as = 'first'): Promise<Page> => {
    const page = await context.newPage()
    await page.goto(`${site.origin}/?as=${as}`)
    return page
  }
  return { ...site, context, streams, open, session: site.client.session(site.id) }
}

const put = (page: Page, key: string, value: unknown): Promise<void> =>
  page.evaluate(([key, value]) => window.put(key as string, value), [key, value])

const shows = (page: Page, key: string, value: unknown): Promise<unknown> =>
  page.waitForFunction(([key, value]) => window.settings[key as string] === value, [key, value])

const allShow = (pages: readonly Page[], key: string, value: unknown) =>
  Promise.all(pages.map((page) => shows(page, key, value)))

const openTabs = async (count: number, open: () => Promise<Page>): Promise<Page[]> => {
  const tabs: Page[] = []
  for (let made = 0; made < count; made++) tabs.push(await open())
  return tabs
}

t.test('twenty tabs all follow and all save, and the service has one stream', async (t) => {
  const { open, streams, session } = await begin(t)
  const tabs = await openTabs(20, open)
  await allShow(tabs, 'name', undefined)
  t.equal(streams().length, 1)
  await Promise.all(tabs.map((tab, at) => put(tab, `tab-${at}`, at)))
  for (const at of tabs.keys()) await allShow(tabs, `tab-${at}`, at)
  t.equal(streams().length, 1)
  t.equal(Object.keys(await session.get()).length, 21, 'the role among them')
})

t.test('when the tab that holds the stream is closed another one goes on, and nothing is missed', async (t) => {
  const { open, streams, session } = await begin(t)
  const tabs = await openTabs(4, open)
  await put(tabs[0] as Page, 'name', 'all')
  await allShow(tabs, 'name', 'all')
  for (let round = 0; tabs.length > 1; round++) {
    await tabs.shift()?.close()
    await session.set('name', round)
    await allShow(tabs, 'name', round)
    await until(() => streams().length === 1, 'there is one stream')
  }
  const sorted = await tabs[0]?.evaluate(() => window.past.map((one) => JSON.stringify(one)))
  t.equal(new Set(sorted).size, sorted?.length, 'nothing is told twice')
})

const freeze = async (context: BrowserContext, page: Page, state: 'frozen' | 'active') => {
  const session = await context.newCDPSession(page)
  await session.send('Page.setWebLifecycleState', { state })
  await session.detach()
}

t.test('a tab that is frozen lets go of the stream, and shows what there is when it thaws', async (t) => {
  const { open, streams, session, context } = await begin(t)
  const tabs = await openTabs(3, open)
  const [first, ...others] = tabs as [Page, Page, Page]
  await session.set('name', 'before')
  await allShow(tabs, 'name', 'before')
  await freeze(context, first, 'frozen')
  await session.set('name', 'meanwhile')
  await allShow(others, 'name', 'meanwhile')
  await freeze(context, first, 'active')
  await shows(first, 'name', 'meanwhile')
  t.equal(streams().length, 1)
})

t.test('from a tab that hangs the stream is taken', async (t) => {
  const { open, session, context } = await begin(t)
  const tabs = await openTabs(3, open)
  const [first, ...others] = tabs as [Page, Page, Page]
  await session.set('name', 'before')
  await allShow(tabs, 'name', 'before')
  const debugging = await context.newCDPSession(first)
  await debugging.send('Debugger.enable')
  await debugging.send('Debugger.pause')
  await session.set('name', 'meanwhile')
  await allShow(others, 'name', 'meanwhile')
  await debugging.send('Debugger.resume')
  await shows(first, 'name', 'meanwhile')
  await session.set('name', 'after')
  await allShow(tabs, 'name', 'after')
})

t.test('a tab shows only what its own credential may read, also of a session that nobody has written', async (t) => {
  const { open, streams, session, mint } = await begin(t)
  await session.replace({}, { ifMatch: '*' })
  await mint('narrow', { scope: 'read events', keys: { read: ['theme'], write: [] } })
  const [wide, narrow] = [await open(), await open('narrow')]
  await session.patch({ name: 'henrik', theme: 'dark' })
  await allShow([wide, narrow], 'theme', 'dark')
  await shows(wide, 'name', 'henrik')
  t.strictSame(await narrow.evaluate(() => window.settings), { theme: 'dark' })
  t.equal(streams().length, 2)
})

t.test('the end of a credential is that of its own tab', async (t) => {
  const { open, streams, session, mint } = await begin(t, { expected: [/401/] })
  await mint('short', { scope: 'read events', keys: { read: READABLE, write: [] }, expiresInSeconds: 15 })
  const [first, second] = [await open(), await open('short')]
  await session.set('name', 'henrik')
  await allShow([first, second], 'name', 'henrik')
  t.equal(streams().length, 1)
  await second.waitForFunction(() => window.fault === 'invalid_credential')
  t.strictSame(await second.evaluate(() => window.events.includes('renew')), true)
  await session.set('name', 'hanna')
  await shows(first, 'name', 'hanna')
  t.equal(await first.evaluate(() => window.fault), '')
})

t.test('a revocation is told to all', async (t) => {
  const { open, streams, session } = await begin(t, { expected: [/401/] })
  const tabs = await openTabs(3, open)
  await session.set('name', 'henrik')
  await allShow(tabs, 'name', 'henrik')
  await session.revokeTokens()
  for (const tab of tabs) await tab.waitForFunction(() => window.fault === 'invalid_credential')
  t.equal(streams().length, 0)
})

t.test('the end of the session is told to all', async (t) => {
  const { open, session } = await begin(t)
  const tabs = await openTabs(3, open)
  await allShow(tabs, 'name', undefined)
  await session.end()
  for (const tab of tabs) await tab.waitForFunction(() => window.events.at(-1) === 'ended')
})

t.test('where a browser has no locks the streams give way, so that nothing waits for them', async (t) => {
  const { open, session } = await begin(t, { host: 'lan.test' })
  const tabs = await openTabs(10, open)
  t.equal(await tabs[0]?.evaluate(() => window.isSecureContext), false)
  await Promise.all(tabs.map((tab, at) => put(tab, `tab-${at}`, at)))
  t.equal(Object.keys(await session.get()).length, 11)
  await shows(tabs.at(-1) as Page, 'tab-0', 0)
})
