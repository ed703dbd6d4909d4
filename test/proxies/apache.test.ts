import t from 'tap'
import { configurations } from '../helpers/proxy.ts'
import { behind, check } from './checks.ts'

const [alone = ''] = configurations('apache')

t.test('Apache', async (t) => check(t, await behind(t, 'apache', alone)))
