/**
 * The conformance suite on a group of Sentinels with a master and two replicas. All of them speak TLS alone, and the store
 * comes as users who have the rights that docs/redis.md tells and no others.
 */
import t from 'tap'
import { documentedAcl } from '../../helpers/documented-acl.ts'
import { certifiedFolder } from '../../helpers/proxy.ts'
import { STEADY_SENTINELS, startSentinels } from '../../helpers/redis-sentinel.ts'
import { tlsIn } from '../../helpers/redis-server.ts'
import { conforms } from './conforms.ts'

t.test('Sentinels', async (t) => {
  const tls = tlsIn(await certifiedFolder(t), true)
  const acl = documentedAcl('sentinel-redis')
  const options = { ...STEADY_SENTINELS, tls, acl: [acl.words], sentinelPassword: 'for-the-sentinels' }
  const group = await startSentinels(t, options)
  const reign = await group.reign()
  await conforms(t, group.urlAs(acl.user, acl.password), tls)
  t.equal(await group.reign(), reign, 'one master from beginning to end')
})
