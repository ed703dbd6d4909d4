/**
 * A real browser for what runs in a page: the Chromium that `CHROMIUM` names (`npm test` sets it), without a window, with a
 * profile and a home of its own, and with no way to any host beyond this machine.
 */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core'
import tap, { type Test } from 'tap'
import { environment, folder } from '../scripts/project.ts'
import { DEADLINE_MS } from './until.ts'

/** `lan.test` leads to this machine, too: a name that a browser trusts as little as any other of the network. */
const LOOPBACK = /^(localhost|lan\.test|[\w-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Names beyond loopback are not found, whatever network there is, so that no test depends on one. */
const NO_NETWORK =
  '--host-resolver-rules=MAP lan.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1'

/**
 * What Chromium would do besides, for people: draw suggestions below an address bar in a process of its own for each visitor,
 * which is a third of what a visitor costs, and try HTTPS first. The last such option counts, and Playwright gives one, too.
 */
const LEFT_OUT = [
  'AimEnabled',
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'PaintHolding',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'MediaRouter',
]

const launchOptions = (home: string): LaunchOptions => ({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // The sandbox refuses to work for root.
  chromiumSandbox: process.getuid?.() !== 0,
  args: [NO_NETWORK, `--disable-features=${LEFT_OUT.join(',')}`],
  env: environment({ HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home }) as Record<string, string>,
})

/** Starts the browser, and ends it with the test. */
export const launchBrowser = async (t: Test): Promise<Browser> => {
  const browser = await chromium.launch(launchOptions(folder(t)))
  t.teardown(() => browser.close())
  return browser
}

/** The browser of one visitor, whose profile stays in a folder: started on it again it is the same visitor. */
export const launchProfile = async (t: Test, profile: string, options: Complaints = {}): Promise<BrowserContext> => {
  const context = await chromium.launchPersistentContext(profile, launchOptions(profile))
  heedComplaints(t, context, options)
  return context
}

export type Complaints = {
  /** Those that belong to the test, such as those of a page whose service is away. */
  readonly expected?: readonly RegExp[]
  /** Told of the others when the test is over; unless said otherwise the whole run fails by them. */
  readonly tell?: (complaints: string) => void
}

export type PageOptions = BrowserContextOptions & Complaints

/** Whether a page may ask for this address. */
const isHere = (address: string): boolean => {
  const { protocol, hostname } = new URL(address)
  return /^(data|blob|about):$/.test(protocol) || LOOPBACK.test(hostname)
}

/** Gives its pages time; at the end of the test fails it when a page has complained, and closes the pages. */
const heedComplaints = (t: Test, context: BrowserContext, { expected = [], tell }: Complaints): void => {
  context.setDefaultTimeout(DEADLINE_MS)
  const complaints: string[] = []
  const complain = (what: string): void => {
    if (!expected.some((pattern) => pattern.test(what))) complaints.push(what)
  }
  context.on('console', (message) => {
    if (message.type() === 'error') complain(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => complain(`not caught: ${error.error().stack ?? error.error().message}`))
  context.on('request', (request) => {
    if (!isHere(request.url())) complain(`asked for ${request.url()}`)
  })
  t.teardown(async () => {
    await context.close()
    // Thrown here, they would keep the other ends of the test from being made.
    const fail = tell ?? ((text) => tap.fail(`a page of the test "${t.name}" complained: ${text}`))
    if (complaints.length > 0) fail(complaints.join('\n'))
  })
}

/**
 * A page as a new visitor has it; a second tab of the same visitor is `page.context().newPage()`. The test fails at its end
 * when any of the visitor's pages has written an error to the console, has not caught one, or has asked for anything
 * beyond loopback.
 */
export const openPage = async (t: Test, browser: Browser, options: PageOptions = {}): Promise<Page> => {
  const { expected, tell, ...ofContext } = options
  const context = await browser.newContext(ofContext)
  heedComplaints(t, context, { ...(expected && { expected }), ...(tell && { tell }) })
  return context.newPage()
}
