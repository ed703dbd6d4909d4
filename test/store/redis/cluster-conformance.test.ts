/** The conformance suite on a Cluster of three masters with a replica each. */
import t from 'tap'
import { startCluster } from '../../helpers/redis-cluster.ts'
import { conforms } from './conforms.ts'

t.test('a Cluster of three masters', async (t) => conforms(t, (await startCluster(t)).url))
