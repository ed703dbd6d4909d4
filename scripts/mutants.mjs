/**
 * `npm run test:mutants`: changes the code in thousands of small ways, one at a time, and runs the tests on each. A change
 * that no test notices stands for a fault that no test would notice. It is done in pieces, as all of them take long:
 * `npm run test:mutants -- json events` does these two. `MUTANTS_AT_ONCE=1` leaves the other cores to others.
 *
 * StrykerJS makes the changes, and `mutants/runner.mjs` runs the tests. Messages and log lines are left as they are
 * (`mutants/messages.mjs`). Packages and reports stay in `.cache/mutants`. What survives is printed, and so is what was
 * killed only because a test did not end. `test/mutants.md` has the figures, and says why some survive.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { installIn } from './install.mjs'
import { Failed, root, run, secondsSince, task, whenStarted } from './task.mjs'
import { obtainTools } from './tools.mjs'

/**
 * What is changed, and the tests that are to notice: few and quick ones, since what survives has run them all. A name stands
 * for `test/<name>.test.ts`, one that ends with a slash for all tests in that folder.
 *
 * @type {Record<string, { mutate: readonly string[], tests: readonly string[] }>}
 */
const PIECES = {
  json: {
    mutate: ['src/domain/json/*.ts'],
    tests: ['domain/json/json-text', 'domain/json/json-number', 'domain/settings/merge-patch', 'domain/json/items'],
  },
  patches: {
    mutate: ['src/domain/settings/*patch.ts', 'src/domain/settings/check-settings.ts'],
    tests: ['domain/settings/', 'http/limits'],
  },
  settings: {
    mutate: ['src/domain/settings/!(*patch|check-settings).ts', 'src/domain/{etag,idempotency,store-refusals}.ts'],
    tests: [
      'domain/settings/',
      'http/settings',
      'http/keys',
      'http/take-and-increment',
      'http/idempotency',
      'http/limits',
    ],
  },
  access: {
    mutate: ['src/domain/credentials/{access,key-rule,caller,scope,permission}.ts', 'src/http/access.ts'],
    tests: ['domain/credentials/access', 'domain/credentials/key-rule', 'http/access'],
  },
  credentials: {
    mutate: ['src/domain/credentials/!(access|key-rule|caller|scope|permission|cookies).ts'],
    tests: ['domain/credentials/'],
  },
  cookies: { mutate: ['src/domain/credentials/cookies.ts'], tests: ['http/cookies'] },
  sessions: {
    mutate: ['src/domain/sessions/*.ts', 'src/domain/periodically.ts'],
    tests: [
      'domain/periodically',
      'http/sessions',
      'http/clocks',
      'http/logins',
      'http/batch',
      'http/token-revocation',
    ],
  },
  events: {
    mutate: ['src/domain/events/!(session-stream|feed).ts'],
    tests: ['domain/events/'],
  },
  streams: {
    mutate: ['src/domain/events/{session-stream,feed}.ts'],
    tests: ['domain/events/', 'http/events', 'http/event-streams'],
  },
  redis: {
    mutate: ['src/store/redis/!(link|health|subscriber|client|script-runner).ts'],
    tests: ['store/redis/layout', 'store/redis/notices', 'store/redis/full-memory', 'store/redis/conformance'],
  },
  connections: {
    mutate: ['src/store/redis/{link,health,subscriber,client,script-runner}.ts'],
    tests: ['store/redis/full-memory', 'store/redis/notices', 'http/outage', 'http/unfit-redis'],
  },
  feed: { mutate: ['src/client/{feed,feed-reader}.ts'], tests: ['client/feed'] },
  saver: { mutate: ['src/client/saver.ts'], tests: ['client/saver'] },
}

/** @param {string} name @returns {string[]} as paths in the project's folder */
const testFiles = (name) =>
  name.endsWith('/')
    ? readdirSync(join(root, 'test', name))
        .filter((file) => file.endsWith('.test.ts'))
        .map((file) => `test/${name}${file}`)
    : [`test/${name}.test.ts`]

const HOME = join(root, '.cache/mutants')

/** @param {string} piece whether its tests are of Redis; otherwise those of the API run on LMDB, where they take half the time */
const usesRedis = (piece) => PIECES[piece]?.tests.some((name) => name.startsWith('store/redis')) === true

const ON_LMDB = { ONLY_STORE: 'LMDB' }

/** @param {string} piece */
const configOf = (piece) => {
  const { mutate, tests } = /** @type {typeof PIECES[string]} */ (PIECES[piece])
  const files = tests.flatMap(testFiles)
  return {
    mutate,
    testRunner: 'one-process',
    plugins: [join(HOME, 'runner.mjs'), join(HOME, 'messages.mjs')],
    ignorers: ['messages'],
    mutantTests: files.map((file) => `.tap/suite/${file.replace(/\.ts$/, '.js')}`),
    buildCommand: `node scripts/bundle-tests.mjs ${files.join(' ')}`,
    coverageAnalysis: 'perTest',
    concurrency: Number(process.env.MUTANTS_AT_ONCE ?? availableParallelism()),
    // The runner itself ends what hangs. This is for what does not even let it do so, and for machines that are very busy.
    timeoutMS: 120_000,
    timeoutFactor: 10,
    tempDirName: '.cache/sandboxes',
    ignorePatterns: ['.cache', '.tap', 'dist', 'data', 'examples', 'clients', 'bench', 'docs'],
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: join(HOME, `${piece}.json`) },
    allowConsoleColors: false,
    warnings: { unknownOptions: false },
    logLevel: 'warn',
    thresholds: { high: 85, low: 85, break: null },
  }
}

/** @typedef {{ mutatorName: string, replacement: string, status: string, location: { start: { line: number, column: number } } }} Mutant */

/** What is printed of a mutant beside its place. @type {Record<string, string>} */
const LISTED = { Survived: '', NoCoverage: ', not run', Timeout: ', does not end', RuntimeError: ', cannot be judged' }

/** @param {string} piece what its report says: how many of each status, and what survived */
const readReport = (piece) => {
  /** @type {Record<string, { mutants: readonly Mutant[] }>} */
  const files = JSON.parse(readFileSync(join(HOME, `${piece}.json`), 'utf8')).files
  const all = Object.entries(files).flatMap(([file, { mutants }]) => mutants.map((mutant) => ({ file, ...mutant })))
  const count = (/** @type {readonly string[]} */ ...statuses) =>
    all.filter(({ status }) => statuses.includes(status)).length
  const [killed, survived] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')]
  const endless = count('Timeout')
  const survivors = all
    .filter(({ status }) => status in LISTED)
    .map(({ file, location: { start }, mutatorName, replacement, status }) => {
      const text = replacement.replaceAll(/\s+/g, ' ').slice(0, 100)
      return `${file}:${start.line}:${start.column} ${mutatorName}${LISTED[status]}: ${text}`
    })
  return { killed, survived, endless, survivors }
}

/** @param {string} piece */
const runPiece = async (piece) => {
  const started = performance.now()
  const config = join(HOME, `${piece}.config.json`)
  writeFileSync(config, JSON.stringify(configOf(piece)))
  const stryker = join(HOME, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const env = { ...process.env, SLOWED: '4', ...(usesRedis(piece) ? {} : ON_LMDB) }
  await task(`changing ${piece}`, async (note) => {
    await run(process.execPath, [stryker, 'run', config], { env, onLine: (line) => note(`  ${line}`) })
  })
  const { killed, survived, endless, survivors } = readReport(piece)
  for (const line of survivors) console.log(`  ${line}`)
  const share = ((100 * killed) / Math.max(killed + survived, 1)).toFixed(1)
  console.log(
    `${piece}: ${killed} of ${killed + survived} killed, ${share} %, ${endless} by not ending, ${secondsSince(started)}`,
  )
}

await whenStarted(import.meta.url, async () => {
  const asked = process.argv.slice(2)
  const unknown = asked.filter((name) => !(name in PIECES))
  if (unknown.length > 0) throw new Failed(`There is no ${unknown}: pieces are ${Object.keys(PIECES).join(', ')}.`)
  cpSync(join(root, 'scripts/mutants'), HOME, { recursive: true })
  await installIn(HOME)
  await obtainTools(['redis'])
  for (const piece of asked.length > 0 ? asked : Object.keys(PIECES)) await runPiece(piece)
})
