/** The store for express-session in one file with the app and everything that it imports, as it is put on a server. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import t from 'tap'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { newVisitor } from '../helpers/visitor.ts'

const api = await onLmdb(t)
const root = resolve(import.meta.dirname, '../..')

const APP = `
import express from 'express'
import session from 'express-session'
import { CoatcheckStore } from './src/client/express-session.ts'

const store = new CoatcheckStore({ url: process.env.SERVICE, credential: process.env.CREDENTIAL })
const app = express()
app.use(session({ store, secret: 'x', resave: false, saveUninitialized: false }))
app.get('/', (request, answer) => {
  request.session.visits = (request.session.visits ?? 0) + 1
  answer.send(String(request.session.visits))
})
app.get('/again', (request, answer, next) => {
  request.session.regenerate((error) => (error ? next(error) : answer.send('anew')))
})
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))
`

/** What others put before an ES module, so that the CommonJS within finds Node's own modules. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

for (const [format, ending, banner] of [
  ['cjs', 'cjs', ''],
  ['esm', 'mjs', REQUIRE],
] as const) {
  t.test(`bundled as ${format}`, async (t) => {
    // Nowhere near any package.
    const folder = mkdtempSync(join(tmpdir(), 'coatcheck-bundled-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const outfile = join(folder, `app.${ending}`)
    await build({
      stdin: { contents: APP, resolveDir: root },
      outfile,
      format,
      banner: { js: banner },
      bundle: true,
      minify: true,
      platform: 'node',
      logLevel: 'silent',
    })
    const child = spawn(process.execPath, [outfile], {
      cwd: folder,
      env: { SERVICE: `http://127.0.0.1:${api.port}`, CREDENTIAL: KEYS.shop },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    t.teardown(async () => {
      child.kill('SIGKILL')
      await exited
    })
    const ended = exited.then(([code]) => Promise.reject(new Error(`The app ended with ${code}.`)))
    const [port] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string]
    const visitor = newVisitor(`http://127.0.0.1:${port}`)
    const texts: string[] = []
    for (const path of ['/', '/', '/again', '/']) texts.push((await visitor.open(path)).text)
    t.strictSame(texts, ['1', '2', 'anew', '1'])
  })
}
