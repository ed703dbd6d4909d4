/**
 * Every command of the README, and what it says of the answer, on both stores: the walk is run as a newcomer would paste
 * it, in one shell, in a folder where the service keeps its data. A block of shell that this test does not know fails it.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freePort, startRedis } from '../helpers/redis-server.ts'
import { until } from '../helpers/until.ts'
import { environment, folder, root, runProgram } from '../scripts/project.ts'

type Block = { readonly language: string; readonly text: string }

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks: Block[] = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((match) => ({
  language: match[1] as string,
  text: (match[2] as string).trim(),
}))
const shell = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)

/** What is run elsewhere or otherwise, and where. */
const ELSEWHERE: Record<string, RegExp> = {
  'test/scripts/start.test.ts': /^npm start$/,
  'this very run': /^npm test$/,
  'the test of the key below': /^npx coatcheck key new/,
  'the walk on Redis below': /^export COATCHECK_STORE=redis:[^\n]+\nexport COATCHECK_API_KEYS=app:<[^\n]+\nnpm start$/,
}

const isWalk = (text: string): boolean => /\$SESSION|SESSION=/.test(text)

t.test('every block of shell is executed by a test', async (t) => {
  for (const text of shell) {
    const known = isWalk(text) || Object.values(ELSEWHERE).some((pattern) => pattern.test(text))
    t.ok(known, text)
  }
  for (const [where, pattern] of Object.entries(ELSEWHERE)) {
    t.ok(
      shell.some((text) => pattern.test(text)),
      `the README still has what is run in ${where}`,
    )
  }
})

t.test('every file and folder that the README names is there', async (t) => {
  for (const [, target] of readme.matchAll(/\]\((?!http)([^)]+)\)/g)) {
    t.ok(existsSync(join(root, target as string)), target as string)
  }
  for (const [, target] of readme.matchAll(/`((?:src|test|docs)\/[^` ]+)`/g)) {
    t.ok(existsSync(join(root, target as string)), target as string)
  }
})

/** Serves in a folder of its own, from the compiled code. */
const serve = async (t: Test, cwd: string, env: NodeJS.ProcessEnv): Promise<string> => {
  const port = await freePort()
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), 'serve'], {
    cwd,
    env: environment({ PORT: String(port), COATCHECK_LOG_LEVEL: 'warn', ...env }),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  t.teardown(async () => {
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  })
  const url = `http://127.0.0.1:${port}`
  const ready = (): Promise<boolean> =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(ready, 'the service is ready', 30_000)
  return url
}

/** Pastes the README's walk into a shell, and compares what each block prints with the answer below it. */
const walk = async (t: Test, cwd: string, url: string): Promise<void> => {
  const steps: { command: string; answer: string | undefined }[] = []
  for (const [i, block] of blocks.entries()) {
    if (block.language !== 'sh' || !isWalk(block.text)) continue
    const next = blocks[i + 1]
    steps.push({ command: block.text, answer: next?.language === 'json' ? next.text : undefined })
  }
  t.ok(steps.length >= 4, 'the walk has its steps')
  const MARK = '=== end of a step ==='
  const script = steps.map(({ command }) => `${command}\necho; echo '${MARK}'`).join('\n')
  const { code, output } = await runProgram('sh', ['-euc', script.replaceAll('http://127.0.0.1:3000', url)], {
    cwd,
    env: environment({}),
  })
  t.equal(code, 0, output)
  const printed = output.split(MARK)
  for (const [i, { command, answer }] of steps.entries()) {
    if (answer === undefined) continue
    const pattern = answer
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')
    t.match(printed[i]?.trim(), new RegExp(`^${pattern}$`), command)
  }
}

t.test('the walk on LMDB, and what was kept is there after a restart', async (t) => {
  const cwd = folder(t)
  let url = ''
  await t.test('the walk', async (t) => {
    url = await serve(t, cwd, {})
    await walk(t, cwd, url)
    const authorization = readFileSync(join(cwd, 'data/authorization.header'), 'utf8').trim().split(': ')[1] as string
    const kept = `${url}/v1/sessions/00000000-0000-4000-8000-000000000001/settings/kept`
    const headers = { authorization, 'content-type': 'application/json' }
    t.equal((await fetch(kept, { method: 'PUT', headers, body: '"over a restart"' })).status, 201)
  })
  await t.test('after a restart', async (t) => {
    url = await serve(t, cwd, {})
    const authorization = readFileSync(join(cwd, 'data/authorization.header'), 'utf8').trim().split(': ')[1] as string
    const kept = `${url}/v1/sessions/00000000-0000-4000-8000-000000000001/settings/kept`
    t.equal(await (await fetch(kept, { headers: { authorization } })).text(), '"over a restart"')
  })
})

t.test('the walk on Redis, with a key made by the command', async (t) => {
  const cwd = folder(t)
  const command = shell.find((text) => text.startsWith('npx coatcheck key new')) ?? ''
  const args = command.split(' ').slice(2)
  const { code, output } = await runProgram(process.execPath, [join(root, 'dist/cli.js'), ...args], {
    cwd,
    env: environment({}),
  })
  t.equal(code, 0)
  const key = /ck_web_\S+/.exec(output)?.[0] ?? ''
  const line = /COATCHECK_API_KEYS=(app:[0-9a-f]{64})/.exec(output)?.[1] ?? ''
  t.equal(line, `app:${createHash('sha256').update(key).digest('hex')}`)

  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const url = await serve(t, cwd, { COATCHECK_STORE: redis.url, COATCHECK_API_KEYS: line })
  await runProgram('mkdir', ['-p', 'data'], { cwd, env: environment({}) })
  writeFileSync(join(cwd, 'data/authorization.header'), `Authorization: Bearer ${key}\n`)
  await walk(t, cwd, url)
})
