/**
 * Every command of the README, and what it says of the answer, on both stores: the walk is run as a newcomer would paste
 * it, in one shell, in a folder where the service keeps its data. A block of shell that is not run elsewhere is a part of it.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readDocument, stepsOf } from '../helpers/documents.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { beginWalk, serve } from '../helpers/walk.ts'
import { environment, folder, root, runProgram } from '../scripts/project.ts'

const steps = stepsOf(readDocument('README.md'))

/** What is run elsewhere or otherwise, and where. */
const ELSEWHERE: Record<string, RegExp> = {
  'test/scripts/start.test.ts': /^npm start$/,
  'this very run': /^npm test$/,
  'the test of the key below': /^npx coatcheck key new/,
  'the walk on Redis below': /^export COATCHECK_STORE=redis:[^\n]+\nexport COATCHECK_API_KEYS=app:<[^\n]+\nnpm start$/,
}

const isElsewhere = (command: string): boolean => Object.values(ELSEWHERE).some((pattern) => pattern.test(command))

/** Everything else is the walk. */
const walkSteps = steps.filter(({ command }) => !isElsewhere(command))

t.test('what is run elsewhere is still there', async (t) => {
  for (const [where, pattern] of Object.entries(ELSEWHERE)) {
    t.ok(
      steps.some(({ command }) => pattern.test(command)),
      where,
    )
  }
  t.ok(walkSteps.length >= 4, 'the walk has its steps')
})

/** Pastes the README's walk into a shell where the service keeps its data. */
const walk = (t: Test, cwd: string, url: string): Promise<void> =>
  beginWalk(t, cwd, { '127.0.0.1:3000': new URL(url).host }).take(t, walkSteps)

t.test('the walk on LMDB, and what was kept is there after a restart', async (t) => {
  const cwd = folder(t)
  let url = ''
  await t.test('the walk', async (t) => {
    url = (await serve(t, cwd, {})).url
    await walk(t, cwd, url)
    // Whoever pastes it once more, as after a break, is told the same.
    await walk(t, cwd, url)
    const authorization = readFileSync(join(cwd, 'data/authorization.header'), 'utf8').trim().split(': ')[1] as string
    const kept = `${url}/v1/sessions/00000000-0000-4000-8000-000000000001/settings/kept`
    const headers = { authorization, 'content-type': 'application/json' }
    t.equal((await fetch(kept, { method: 'PUT', headers, body: '"over a restart"' })).status, 201)
  })
  await t.test('after a restart', async (t) => {
    url = (await serve(t, cwd, {})).url
    const authorization = readFileSync(join(cwd, 'data/authorization.header'), 'utf8').trim().split(': ')[1] as string
    const kept = `${url}/v1/sessions/00000000-0000-4000-8000-000000000001/settings/kept`
    t.equal(await (await fetch(kept, { headers: { authorization } })).text(), '"over a restart"')
  })
})

t.test('the walk on Redis, with a key made by the command', async (t) => {
  const cwd = folder(t)
  const command = steps.find((step) => step.command.startsWith('npx coatcheck key new'))?.command ?? ''
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
  const { url } = await serve(t, cwd, { COATCHECK_STORE: redis.url, COATCHECK_API_KEYS: line })
  mkdirSync(join(cwd, 'data'))
  writeFileSync(join(cwd, 'data/authorization.header'), `Authorization: Bearer ${key}\n`)
  await walk(t, cwd, url)
})
