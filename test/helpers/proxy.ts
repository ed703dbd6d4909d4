/**
 * A proxy in front of a service, with a configuration of docs/proxies.md as it stands there but for ports, certificates and
 * where it keeps what it writes. Certificates are made for the run.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectH2, constants } from 'node:http2'
import { Agent, request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { Test } from 'tap'
import { readDocument } from './documents.ts'
import { until } from './until.ts'

/** Names a program as the runner found it. */
const programOf = (variable: string, usual: string): string => process.env[variable] ?? usual

type Kind = {
  readonly variable: string
  readonly program: string
  /** What of the document's text is another here, each to be found there. */
  readonly replace: (at: { port: number; service: number; folder: string }) => readonly (readonly [RegExp, string])[]
  /** The whole configuration around the document's text. */
  readonly file: (text: string, folder: string) => string
  readonly args: (file: string, folder: string) => readonly string[]
}

const isRoot = process.getuid?.() === 0

const certificates = (folder: string): readonly (readonly [RegExp, string])[] => [
  [/\/etc\/ssl\/[\w.]+\/fullchain\.pem/g, join(folder, 'cert.pem')],
  [/\/etc\/ssl\/[\w.]+\/privkey\.pem/g, join(folder, 'key.pem')],
]

const MODULES = '/usr/lib/apache2/modules'
const APACHE_MODULES = [
  'mpm_event',
  'authz_core',
  'proxy',
  'proxy_http',
  'ssl',
  'http2',
  'headers',
  'deflate',
  'filter',
  'setenvif',
  'socache_shmcb',
]

export const KINDS = {
  nginx: {
    variable: 'NGINX',
    program: 'nginx',
    replace: ({ port, service, folder }) => [
      [/127\.0\.0\.1:3000/g, `127.0.0.1:${service}`],
      [/listen 443 ssl/g, `listen 127.0.0.1:${port} ssl`],
      ...certificates(folder),
    ],
    file: (text, folder) => `
      ${isRoot ? 'user root;' : ''}
      daemon off;
      pid ${folder}/pid;
      error_log ${folder}/error.log;
      events {}
      http {
        access_log off;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${folder}/${one};`).join('\n')}
        ${text}
      }`,
    args: (file, folder) => ['-c', file, '-p', folder, '-e', join(folder, 'error.log')],
  },
  haproxy: {
    variable: 'HAPROXY',
    program: 'haproxy',
    replace: ({ port, service, folder }) => [
      [/127\.0\.0\.1:3000/g, `127.0.0.1:${service}`],
      [/bind :443/g, `bind 127.0.0.1:${port}`],
      [/\/etc\/haproxy\/[\w.]+\.pem/g, join(folder, 'both.pem')],
    ],
    file: (text) => text,
    args: (file) => ['-db', '-f', file],
  },
  apache: {
    variable: 'APACHE',
    program: 'apache2',
    replace: ({ port, service, folder }) => [
      [/127\.0\.0\.1:3000/g, `127.0.0.1:${service}`],
      [/<VirtualHost \*:443>/g, `Listen 127.0.0.1:${port}\n<VirtualHost *:${port}>`],
      ...certificates(folder),
    ],
    file: (text, folder) => `
      ${APACHE_MODULES.map((one) => `LoadModule ${one}_module ${MODULES}/mod_${one}.so`).join('\n')}
      ServerRoot ${folder}
      DefaultRuntimeDir ${folder}
      PidFile ${folder}/pid
      ErrorLog ${folder}/error.log
      ServerName localhost
      ${isRoot ? 'User www-data\nGroup www-data' : ''}
      ${text}`,
    args: (file, folder) => ['-D', 'FOREGROUND', '-d', folder, '-f', file],
  },
  caddy: {
    variable: 'CADDY',
    program: 'caddy',
    replace: ({ port, service, folder }) => [
      [/127\.0\.0\.1:3000/g, `127.0.0.1:${service}`],
      [/^[\w.]+ \{/m, `https://localhost:${port}, https://127.0.0.1:${port} {`],
      ...certificates(folder),
    ],
    file: (text, folder) => `{\n\tadmin off\n\tauto_https off\n\tstorage file_system ${folder}\n}\n${text}`,
    args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof KINDS

/** The configurations of one kind in docs/proxies.md, in their order. */
export const configurations = (language: string): string[] =>
  readDocument('docs/proxies.md')
    .blocks.filter((block) => block.language === language)
    .map(({ text }) => text)

export type RunningProxy = { readonly port: number; readonly ca: Buffer }

/** A folder with a certificate for this machine. */
export const certifiedFolder = async (t: Test): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-proxy-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  await promisify(execFile)(programOf('OPENSSL', 'openssl'), [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', names, '-keyout', key, '-out', cert],
  ])
  writeFileSync(join(folder, 'both.pem'), Buffer.concat([readFileSync(cert), readFileSync(key)]), { mode: 0o600 })
  return folder
}

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })

/** Starts a proxy with this text of the document; it is ended with the test. `port` is where it will listen. */
export const startProxy = async (
  t: Test,
  name: KindName,
  { text, port, service }: { readonly text: string; readonly port: number; readonly service: number },
): Promise<RunningProxy> => {
  const kind: Kind = KINDS[name]
  const folder = await certifiedFolder(t)
  let changed = text
  for (const [found, other] of kind.replace({ port, service, folder })) {
    if (!changed.match(found)) throw new Error(`The configuration of ${name} has no ${found}.`)
    changed = changed.replace(found, other)
  }
  const file = join(folder, 'configuration')
  writeFileSync(file, `${kind.file(changed, folder)}\n`)
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const child = spawn(programOf(kind.variable, kind.program), kind.args(file, folder), {
    env: { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (data: string) => {
      said += data
    })
  }
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await exited
  })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${said}`)
    return takesConnections(port)
  }, `${name} takes connections`)
  return { port, ca: readFileSync(join(folder, 'cert.pem')) }
}

export type ProxyAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Unpacked. */
  readonly text: string
}

export type ProxyCall = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Told of each piece as it arrives; the answer is given up as soon as it says so. */
  readonly onText?: (text: string) => boolean
}

const textOf = (chunks: readonly Buffer[], encoding: unknown): string =>
  (encoding === 'gzip' ? gunzipSync(Buffer.concat(chunks)) : Buffer.concat(chunks)).toString()

/** Calls through a proxy by HTTP/1.1. The path is sent as it is. */
export const overH1 = (t: Test, { port, ca }: RunningProxy) => {
  const agent = new Agent({ keepAlive: true, ca })
  t.teardown(() => agent.destroy())
  return (path: string, { method = 'GET', headers = {}, body, onText }: ProxyCall = {}): Promise<ProxyAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, agent, method, path, headers }, (incoming) => {
        const chunks: Buffer[] = []
        const done = (): void =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: textOf(chunks, incoming.headers['content-encoding']),
          })
        incoming.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          if (!onText?.(Buffer.concat(chunks).toString())) return
          done()
          outgoing.destroy()
        })
        incoming.on('end', done)
        incoming.on('error', reject)
      })
      outgoing.on('error', reject)
      if (body !== undefined) outgoing.setHeader('content-length', Buffer.byteLength(body))
      outgoing.end(body)
    })
}

/** The same by HTTP/2. */
export const overH2 = (t: Test, { port, ca }: RunningProxy): ReturnType<typeof overH1> => {
  const session = connectH2(`https://localhost:${port}`, { ca })
  session.on('error', () => {})
  t.teardown(() => session.destroy())
  return (path, { method = 'GET', headers = {}, body, onText } = {}) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':method': method, ':path': path, ...headers })
      const chunks: Buffer[] = []
      let answered: ProxyAnswer['headers'] = {}
      const done = (): void =>
        resolve({
          status: Number(answered[':status']),
          headers: answered,
          text: textOf(chunks, answered['content-encoding']),
        })
      stream.on('response', (head) => {
        answered = head as ProxyAnswer['headers']
      })
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (!onText?.(Buffer.concat(chunks).toString())) return
        done()
        stream.close(constants.NGHTTP2_CANCEL)
      })
      stream.on('end', done)
      stream.on('error', reject)
      stream.end(body)
    })
}
