/** The conformance suite on a group of Sentinels with a master and two replicas. */
import t from 'tap'
import { startSentinels } from '../../helpers/redis-sentinel.ts'
import { conforms } from './conforms.ts'

t.test('Sentinels', async (t) => conforms(t, (await startSentinels(t)).url))
