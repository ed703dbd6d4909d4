/**
 * The conformance suite on a Cluster of three masters with a replica each. All of them speak TLS alone, and the store comes as
 * a user who has the rights that docs/redis.md tells and no others.
 */
import t from 'tap'
import { documentedAcl } from '../../helpers/documented-acl.ts'
import { certifiedFolder } from '../../helpers/proxy.ts'
import { STEADY_CLUSTER, startCluster } from '../../helpers/redis-cluster.ts'
import { tlsIn } from '../../helpers/redis-server.ts'
import { conforms } from './conforms.ts'

t.test('a Cluster of three masters', async (t) => {
  const tls = tlsIn(await certifiedFolder(t), true)
  const acl = documentedAcl('cluster')
  const cluster = await startCluster(t, { ...STEADY_CLUSTER, tls, acl: [acl.words] })
  const reign = await cluster.reign()
  await conforms(t, cluster.urlAs(acl.user, acl.password), tls)
  t.equal(await cluster.reign(), reign, 'the same masters from beginning to end')
})
