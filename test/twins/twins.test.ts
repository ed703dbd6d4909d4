/**
 * The two adapters held to each other: the same random steps on LMDB and on Redis, and the same answers, sessions and
 * notices. `npm run test:twins -- --steps 100000 --seed 42` takes more steps; a failure prints the seed and path to take
 * the same ones again.
 */
import fc from 'fast-check'
import t from 'tap'
import { createMasterKeys } from '../../src/store/sealing/master-keys.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { openTwins } from './open-twins.ts'
import { sequences } from './steps.ts'

const STEPS = Number(process.env.TWINS_STEPS ?? 3000)
const SEED = Number(process.env.TWINS_SEED ?? Date.now() % 2 ** 31)

/** The outcomes that the steps must have come to, or they prove little. */
const OUTCOMES = [
  ...['write written', 'write missing', 'write gone', 'write refused', 'write exists', 'write conflict'],
  ...[
    'write mismatch',
    'write limit',
    'write reused',
    'touch live',
    'touch refused',
    'end ended',
    'end other',
    'end gone',
  ],
  ...['rotate rotated', 'rotate taken', 'rotate other', 'rotate spent', 'rotate refused', 'rotate missing'],
  ...['rotate reused', 'revoke revoked', 'write full', 'rotate full'],
  ...['admit admitted', 'admit full', 'admit uncounted', 'isKept true'],
]

t.test('LMDB and Redis answer the same to the same steps', async (t) => {
  const cameTo = new Set<string>()
  const server = await startRedis()
  t.teardown(() => server.stop())
  const take = await openTwins(t, { url: server.url, ports: [server.port] }, { cameTo })
  let taken = 0
  const lacking = () => OUTCOMES.filter((one) => !cameTo.has(one))
  // Rare outcomes may take some more steps.
  for (let seed = SEED; taken < STEPS || (lacking().length > 0 && taken < 5 * STEPS); seed++) {
    await fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        taken += await take(steps)
      }),
      { seed, numRuns: 20 },
    )
  }
  t.strictSame(lacking(), [], 'the steps came to every outcome')
  t.comment(`${taken} steps, from seed ${SEED} on`)
})

t.test('and so they do when both are encrypted', async (t) => {
  const cameTo = new Set<string>()
  const server = await startRedis()
  t.teardown(() => server.stop())
  const keys = createMasterKeys([{ kid: 'one', key: Buffer.alloc(32, 7) }])
  const remote = { url: server.url, ports: [server.port] }
  const take = await openTwins(t, remote, { cameTo, encryption: { keys, required: true } })
  let taken = 0
  for (let seed = SEED; taken < STEPS / 3; seed++) {
    await fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        taken += await take(steps)
      }),
      { seed, numRuns: 20 },
    )
  }
  t.ok(cameTo.size > 20, 'the steps came to most outcomes')
  t.comment(`${taken} steps, from seed ${SEED} on`)
})
