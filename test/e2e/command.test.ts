/** The command as it is shipped: its streams, its exit codes, how little it loads; in a pipe and on a terminal. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { KEYS, onLmdb } from '../helpers/app.ts'
import { startFront } from '../helpers/front.ts'
import { operatorAt } from '../helpers/operator.ts'
import { until } from '../helpers/until.ts'
import { environment, folder, root, runProgram, write } from '../scripts/project.ts'

const CLI = join(root, 'dist/cli.js')
const api = await onLmdb(t)
const url = `http://127.0.0.1:${api.port}`

const env = environment({ COATCHECK_URL: url, COATCHECK_API_KEY: KEYS.shop, TERM: 'xterm', NO_COLOR: '' })

/** A line of shell in which `coatcheck` is the compiled command. */
const shell = (line: string, more: NodeJS.ProcessEnv = {}) =>
  runProgram('bash', ['-c', `set -o pipefail; coatcheck() { '${process.execPath}' '${CLI}' "$@"; }; ${line}`], {
    cwd: root,
    // A shell complains of a locale that is not installed.
    env: { ...env, ...more, LC_ALL: 'C' },
  })

t.test('it reads the standard input, writes lines into a pipe, and ends quietly when nobody reads on', async (t) => {
  const id = randomUUID()
  const settings = Object.fromEntries([...Array(200).keys()].map((i) => [`key-${i}`, 'x'.repeat(200)]))
  await api.call('PATCH', `/v1/sessions/${id}/settings`, { body: settings })
  const { code, output } = await shell(
    `echo 1.10 | coatcheck set ${id} a - | wc -l; coatcheck get ${id} a; coatcheck get ${id} | head -1; coatcheck get ${id} none; echo $?`,
  )
  t.equal(code, 0)
  t.match(output, /^1\n1\.10\na\t1\.10\n.*no such key.*\n3\n$/)
})

t.test('on a terminal it writes a table, asks, and uses colours unless they are not wanted', async (t) => {
  const { output: version } = await runProgram('sh', ['-c', 'script --version 2>&1'], { cwd: root })
  if (!version.includes('util-linux'))
    throw new Error('This test needs `script` of util-linux on the PATH: install util-linux.')
  const { id } = (await api.call('POST', '/v1/sessions', { body: { subject: 'user-1', settings: { theme: 'dark' } } }))
    .json
  const onTerminal = async (args: string, input = '', more: NodeJS.ProcessEnv = {}) => {
    const command = `'${process.execPath}' '${CLI}' ${args}`
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      // Its shell complains of a locale that is not installed.
      env: { ...env, LC_ALL: 'C', ...more },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const closed = once(child, 'close')
    if (input !== '') {
      await until(() => output.includes('[y/N]'), 'it asks')
      child.stdin.write(input)
    }
    const [code] = await closed
    child.stdin.destroy()
    return { code, output: output.replaceAll('\r', '') }
  }
  const coloured = await onTerminal(`get ${id}`)
  t.match(coloured, { code: 0, output: '\u001b[1mKEY    VALUE\u001b[0m\ntheme  "dark"\n' })
  const plain = await onTerminal(`get ${id}`, '', { NO_COLOR: '1' })
  t.match(plain.output, /^KEY {4}VALUE\ntheme {2}"dark"\n1 key; the session expires/)
  t.match(await onTerminal('end --subject user-1', 'n\n'), { code: 1, output: 'Nothing was ended.' })
  t.match(await onTerminal('end --subject user-1', 'y\n'), { code: 0, output: '1 session has ended.' })
})

t.test('watching goes on when the line breaks, and ends with the session, also when nobody heard it', async (t) => {
  const id = randomUUID()
  await api.call('PATCH', `/v1/sessions/${id}/settings`, { body: { theme: 'dark' } })
  const front = await startFront(t, api.port)
  let printed = ''
  const watching = operatorAt(Number(new URL(front.url).port))(`watch ${id} --json`, {
    onOutput: (all) => {
      printed = all
    },
  })
  await until(() => printed.includes('snapshot'), 'it watches')
  front.harm(() => ({ status: 502 }))
  front.cut()
  await api.call('PATCH', `/v1/sessions/${id}/settings`, { body: { theme: 'light' } })
  front.harm(() => undefined)
  await until(() => printed.includes('light'), 'what was missed is told')
  front.harm(() => ({ status: 502 }))
  front.cut()
  await api.call('DELETE', `/v1/sessions/${id}`)
  front.harm(() => undefined)
  const { code, out } = await watching
  t.equal(code, 0)
  t.match(JSON.parse(out.trim().split('\n').at(-1) ?? ''), { event: 'ended', id, reason: 'deleted' })
})

t.test('with the API key of a first start it lists signing keys and retires one', async (t) => {
  const cwd = folder(t)
  const run = (...args: string[]) =>
    runProgram(process.execPath, [CLI, ...args], { cwd, env: environment({ COATCHECK_URL: `${url}/` }) })
  const listed = await run('signing-key', 'list')
  t.equal(listed.code, 0)
  const [kid = '', ...more] = listed.lines
  t.match(kid, /^\w+$/)
  t.same(more, [])
  const without = await run('signing-key', 'retire', kid)
  t.equal(without.code, 1)
  t.match(without.output, /^No API key: set COATCHECK_API_KEY[^\n]*\n$/)
  mkdirSync(join(cwd, 'data'))
  write(cwd, { 'data/authorization.header': `Authorization: Bearer ${KEYS.shop}\n` })
  t.match(await run('signing-key', 'retire', kid), { code: 0, output: /^It is retired/ })
  const coatcheck = operatorAt(api.port)
  t.notOk((await coatcheck('signing-key list')).out.includes(kid))
  t.match(await coatcheck(`signing-key retire ${kid}`), { code: 3, errors: /no such signing key/ })
  t.match(await coatcheck('signing-key retire ../x --json'), { code: 3, errors: '"signing_key_not_found"' })
  t.match(JSON.parse((await coatcheck('signing-key list --json')).out).keys, [{ kty: 'OKP' }])
})

t.test('a command loads no package, so that it starts fast', async (t) => {
  const path = folder(t)
  write(path, {
    'hooks.mjs': `import { appendFileSync } from 'node:fs'
      export const resolve = async (name, context, next) => {
        const found = await next(name, context)
        if (context.parentURL?.startsWith('${pathToFileURL(root)}/dist/')) appendFileSync(new URL('loaded.txt', import.meta.url), found.url + '\\n')
        return found
      }`,
    'register.mjs': `import { register } from 'node:module'; register('./hooks.mjs', import.meta.url)`,
  })
  const id = randomUUID()
  const more = { NODE_OPTIONS: `--import=${join(path, 'register.mjs')}` }
  t.equal((await shell(`coatcheck set ${id} a 1 && coatcheck get ${id} && coatcheck end ${id}`, more)).code, 0)
  const loaded = readFileSync(join(path, 'loaded.txt'), 'utf8').trim().split('\n')
  t.ok(loaded.some((name) => /\/dist\/end-\w+\.js$/.test(name)))
  t.strictSame(
    loaded.filter((name) => name.includes('/node_modules/')),
    [],
  )
})
