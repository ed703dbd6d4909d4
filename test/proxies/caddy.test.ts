import t from 'tap'
import { configurations } from '../helpers/proxy.ts'
import { behind, check } from './checks.ts'

const [alone = ''] = configurations('caddyfile')

t.test('Caddy', async (t) => check(t, await behind(t, 'caddy', alone)))
