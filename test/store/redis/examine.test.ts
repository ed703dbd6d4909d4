/** What is judged of a Redis where no test can have the real thing: old versions, clocks that differ, a group that is ill. */
import t from 'tap'
import type { Finding } from '../../../src/store/finding.ts'
import { clockFindings } from '../../../src/store/redis/examine.ts'
import { judgeMap } from '../../../src/store/redis/examine-cluster.ts'
import { judgeGroup } from '../../../src/store/redis/examine-sentinels.ts'
import { copiesFindings, replicasOf } from '../../../src/store/redis/examine-server.ts'
import { engineOf, judgeSetup } from '../../../src/store/redis/server-setup.ts'

const names = (findings: readonly Finding[]): string[] => findings.map(({ level, check }) => `${level} ${check}`)

const setup = (info: Record<string, string>, settings: Record<string, string> | null = {}) => ({
  info: new Map(Object.entries(info)),
  settings: settings === null ? undefined : new Map(Object.entries(settings)),
})

t.test('an old version, and files that could not be written', async (t) => {
  const judged = (info: Record<string, string>) => names(judgeSetup('h', setup(info)))
  t.strictSame(judged({ redis_version: '6.2.14' }), ['stops redis-version'])
  t.strictSame(judged({ redis_version: '7.0.0' }), [])
  t.strictSame(judged({ redis_version: '10.1' }), [])
  for (const name of ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status']) {
    t.strictSame(judged({ [name]: 'err' }), ['harms redis-write-fault'], name)
    t.strictSame(judged({ [name]: 'ok' }), [], name)
  }
  t.strictSame(judged({}), [], 'what is not told is not judged')
  t.equal(engineOf(setup({ redis_version: '7.2.4', valkey_version: '8.1.0' })), 'Valkey 8.1.0')
})

t.test('clocks of servers that differ, and one that differs from this machine', async (t) => {
  const judged = (...aheadMs: (number | undefined)[]) =>
    names(clockFindings(aheadMs.map((ms, i) => ({ where: `h${i}`, aheadMs: ms }))))
  t.strictSame(judged(), [])
  t.strictSame(judged(0, 900, undefined), [])
  t.strictSame(judged(0, 1100), ['harms redis-clocks'])
  t.strictSame(judged(-600, 600), ['harms redis-clocks'])
  t.strictSame(judged(5100), ['harms machine-clock'])
  t.strictSame(judged(-5100, -5100), ['harms machine-clock'])
  t.strictSame(judged(4900), [])
})

t.test('Sentinels that are few, disagree, or have no replica', async (t) => {
  const said = (port: number, facts: Record<string, string>) => ({
    master: { host: 'h', port },
    facts: new Map(Object.entries({ 'num-other-sentinels': '2', 'num-slaves': '2', ...facts })),
  })
  t.strictSame(names(judgeGroup(3, [said(1, {}), said(1, {}), said(1, {})])), [])
  t.strictSame(names(judgeGroup(3, [said(1, {}), said(2, {})])), ['harms sentinels-disagree'])
  t.strictSame(names(judgeGroup(1, [said(1, { 'num-other-sentinels': '0' })])), ['harms sentinels-few'])
  t.strictSame(names(judgeGroup(2, [said(1, {})])), ['note sentinels-unnamed'])
  t.strictSame(names(judgeGroup(3, [said(1, { 'num-slaves': '0' })])), ['harms sentinels-no-replica'])
  t.strictSame(judgeGroup(3, []), [])
})

t.test('a Cluster without some slots, or without replicas', async (t) => {
  const [address, replica] = [
    { host: 'h', port: 1 },
    { host: 'h', port: 2 },
  ]
  const whole = { from: 0, to: 16_383, address, replicas: [replica] }
  t.strictSame(names(judgeMap([whole])), [])
  t.match(judgeMap([{ ...whole, from: 100 }]), [
    { check: 'cluster-slots', level: 'harms', found: /^100 of 16384 slots/ },
  ])
  t.strictSame(names(judgeMap([])), ['stops cluster-slots'])
  t.strictSame(names(judgeMap([{ ...whole, replicas: [] }])), ['note cluster-no-replica'])
})

t.test('the replicas are read from what a master tells of them', async (t) => {
  const info = { role: 'master', slave0: 'ip=10.0.0.2,port=6380,state=online,offset=1,lag=0', slaves: '1', slave1: 'x' }
  t.strictSame(replicasOf(setup(info)), [{ host: '10.0.0.2', port: 6380 }])
  const judged = (needed: number) => names(copiesFindings('h', setup({ connected_slaves: '1', ...info }), needed))
  t.strictSame(judged(0), [])
  t.strictSame(judged(1), [])
  t.strictSame(judged(2), ['harms redis-copies'], 'some namespaces would wait in vain')
  t.strictSame(names(copiesFindings('h', setup({}), 2)), [], 'what is not told is not judged')
})
