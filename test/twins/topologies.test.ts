/**
 * Some of the twins' steps on LMDB and on a group of Sentinels, and on LMDB and a Cluster of three masters. `twins.test.ts`
 * takes many more of them on one server.
 */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { STEADY_CLUSTER, startCluster } from '../helpers/redis-cluster.ts'
import { STEADY_SENTINELS, startSentinels } from '../helpers/redis-sentinel.ts'
import { openTwins, type Remote } from './open-twins.ts'
import { sequences } from './steps.ts'

const SEQUENCES = 20
const SEED = Number(process.env.TWINS_SEED ?? Date.now() % 2 ** 31)

const agree = async (t: Test, remote: Remote): Promise<void> => {
  const take = await openTwins(t, remote)
  let taken = 0
  await fc.assert(
    fc.asyncProperty(sequences, async (steps) => {
      taken += await take(steps)
    }),
    { seed: SEED, numRuns: SEQUENCES },
  )
  t.ok(taken > SEQUENCES, `${taken} steps, from seed ${SEED} on`)
}

t.test('LMDB and the master that Sentinels name answer the same to the same steps', async (t) => {
  const { url, servers } = await startSentinels(t, STEADY_SENTINELS)
  await agree(t, { url, ports: servers.slice(0, 1).map(({ port }) => port) })
})

t.test('LMDB and a Cluster answer the same to the same steps', async (t) => {
  const { url, servers } = await startCluster(t, STEADY_CLUSTER)
  await agree(t, { url, ports: servers.slice(0, 3).map(({ port }) => port) })
})
