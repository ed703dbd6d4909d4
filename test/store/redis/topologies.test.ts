/** The conformance suite on a group of Sentinels, and on a Cluster of three masters with a replica each, side by side. */
import t from 'tap'
import { allAtOnce } from '../../helpers/app.ts'
import { startCluster } from '../../helpers/redis-cluster.ts'
import { startSentinels } from '../../helpers/redis-sentinel.ts'
import { conforms } from './conforms.ts'

await allAtOnce(t, [
  ['Sentinels', async (t) => conforms(t, (await startSentinels(t)).url)],
  ['a Cluster', async (t) => conforms(t, (await startCluster(t)).url)],
])
