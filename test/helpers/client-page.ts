/** A page of an app, with a script that uses the client; the service that it calls; and a line between them. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Test } from 'tap'
import { type Client, createClient, type TokenRequest } from '../../src/client/index.ts'
import { root } from '../scripts/project.ts'
import { KEYS, onLmdb, POLICY } from './app.ts'
import { type Front, startFront } from './front.ts'

/** @param entry a TypeScript file of `test/client/page` @returns the script that a page loads */
export const bundleScript = async (entry: string): Promise<string> => {
  const made = await build({
    entryPoints: [join(root, 'test/client/page', entry)],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  })
  return made.outputFiles[0]?.text ?? ''
}

export type ClientPage = {
  /** Where the page is; `?as=<name>` asks for another credential of `credentials`. */
  readonly origin: string
  readonly front: Front
  readonly client: Client
  readonly id: string
  /** By name; the page has the first, with `window.url`. */
  readonly credentials: Map<string, string>
  mint(name: string, request: TokenRequest, id?: string): Promise<void>
}

/**
 * @param readable the keys that a browser may read and write
 * @param host by which name the page and the service are called
 */
export const serveClientPage = async (
  t: Test,
  {
    script,
    body = '',
    readable,
    host = '127.0.0.1',
  }: { script: string; body?: string; readable: string[]; host?: string },
): Promise<ClientPage> => {
  const credentials = new Map<string, string>()
  let url = ''
  const site = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://site')
    const isScript = pathname === '/app.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    const token = credentials.get(searchParams.get('as') ?? 'first') ?? ''
    const globals = `<script>window.url = '${url}'; window.token = '${token}'</script>`
    const page = `<!doctype html><link rel="icon" href="data:,"><body>${globals}${body}<script type="module" src="/app.js"></script>`
    response.end(isScript ? script : page)
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  t.teardown(() => {
    site.closeAllConnections()
    site.close()
  })
  const origin = `http://${host}:${(site.address() as AddressInfo).port}`
  const browser = { keys: { read: readable, write: readable }, origins: [origin] }
  const api = await onLmdb(t, { origins: [origin], policyOf: () => ({ ...POLICY, browser: browser as never }) })
  const front = await startFront(t, api.port)
  url = front.url.replace('127.0.0.1', host)

  const client = createClient({ url: `http://127.0.0.1:${api.port}`, credential: KEYS.shop })
  t.teardown(() => client.close())
  const { id } = await client.create({ settings: { role: 'guest' } })
  const mint: ClientPage['mint'] = async (name, request, of = id) => {
    credentials.set(name, (await client.session(of).token(request)).access_token)
  }
  await mint('first', { scope: 'read write events touch' })
  return { origin, front, client, id, credentials, mint }
}
