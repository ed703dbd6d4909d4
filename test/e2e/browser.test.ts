/** What runs in a page, in a real browser: the client as one file, and what the helper makes of pages that complain. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createClient } from '../../src/client/index.ts'
import { KEYS } from '../helpers/app.ts'
import { launchBrowser, openPage } from '../helpers/browser.ts'
import { readDocument } from '../helpers/documents.ts'
import { startService } from '../helpers/service.ts'
import { folder, root } from '../scripts/project.ts'

const browser = await launchBrowser(t)

/** A site that has these files, by path, each with its type, and lets the pages of others load them; answers its address. */
const site = async (t: Test, files: Readonly<Record<string, readonly [type: string, content: string]>>) => {
  const server = createServer((request, response) => {
    const [type, content] = files[request.url ?? ''] ?? []
    if (type === undefined) return response.writeHead(404).end()
    return response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*' }).end(content)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('a page of any site loads the client from one file', async (t) => {
  const file = readFileSync(join(root, 'dist/coatcheck-client.min.js'), 'utf8')
  const elsewhere = await site(t, { '/coatcheck-client.min.js': ['text/javascript', file] })
  const here = await site(t, {
    '/': [
      'text/html',
      `<!doctype html><link rel="icon" href="data:,"><p>loading</p><script type="module">
        import * as client from '${elsewhere}/coatcheck-client.min.js'
        document.querySelector('p').textContent = typeof client
      </script>`,
    ],
  })
  const page = await openPage(t, browser)
  await page.goto(here)
  await page.getByText('object', { exact: true }).waitFor()
  t.pass('the module was run')
})

t.test('the page of docs/client.md follows its session with a file and no build', async (t) => {
  const html = readDocument('docs/client.md').blocks.find(({ language }) => language === 'html')?.text ?? ''
  const file = readFileSync(join(root, 'dist/coatcheck-client.min.js'), 'utf8')
  const files: Record<string, readonly [string, string]> = { '/coatcheck-client.min.js': ['text/javascript', file] }
  const here = await site(t, files)
  const data = folder(t)
  const browserRule = { keys: { read: ['theme'], write: [] }, origins: [here] }
  writeFileSync(join(data, 'coatcheck.json'), JSON.stringify({ namespaces: { shop: { browser: browserRule } } }))
  const env = { COATCHECK_STORE: `lmdb:${join(data, 'store')}`, COATCHECK_CONFIG: join(data, 'coatcheck.json') }
  const service = await startService(t, env)
  const client = createClient({ url: `http://127.0.0.1:${service.port}`, credential: KEYS.shop })
  t.teardown(() => client.close())
  const session = client.session((await client.create({ settings: { theme: 'dark' } })).id)
  const { access_token: token } = await session.token({ scope: 'read events renew', keys: { read: ['theme'] } })
  const shown = html
    .replace('the token that your server has minted', token)
    .replace('https://sessions.example', `http://127.0.0.1:${service.port}`)
  files['/'] = ['text/html', `<!doctype html><link rel="icon" href="data:,"><body>${shown}`]
  const page = await openPage(t, browser)
  await page.goto(here)
  await page.waitForSelector('body.dark', { state: 'attached' })
  await session.set('theme', 'light')
  await page.waitForSelector('body.light', { state: 'attached' })
  t.pass('the page has the theme, and follows it')
})

t.test('a page that complains fails its test', async (t) => {
  const here = await site(t, {
    '/': [
      'text/html',
      `<!doctype html><link rel="icon" href="data:,"><script>
        console.error('said'); setTimeout(() => { throw new Error('thrown') }); fetch('https://example.com/').catch(() => {})
      </script>`,
    ],
  })
  const ends: (() => unknown)[] = []
  const inner = { teardown: (end: () => unknown) => ends.push(end) } as unknown as Test
  let told = ''
  const tell = (complaints: string): void => {
    told = complaints
  }
  const page = await openPage(inner, browser, { expected: [/ERR_NAME_NOT_RESOLVED/], tell })
  const failed = page.waitForEvent('requestfailed')
  await page.goto(here)
  await failed
  await Promise.all(ends.map((end) => end()))
  t.match(told, /said[\s\S]*asked for https:\/\/example\.com/)
})
