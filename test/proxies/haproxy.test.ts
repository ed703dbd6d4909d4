import t from 'tap'
import { configurations } from '../helpers/proxy.ts'
import { behind, check } from './checks.ts'

const [alone = '', prefixLine = ''] = configurations('haproxy')

t.test('haproxy, on a host of its own', async (t) => check(t, await behind(t, 'haproxy', alone)))

t.test('haproxy, under a prefix', async (t) => {
  const text = alone.replace(/^( *default_backend)/m, `${prefixLine}\n$1`)
  await check(t, await behind(t, 'haproxy', text, '/sessions'))
})
