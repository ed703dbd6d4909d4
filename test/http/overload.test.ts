/** A process that is behind refuses calls; one that was held up for a moment does not. */
import t from 'tap'
import { createJudge, createLoopWatch } from '../../src/http/plugins/load-shedding.ts'
import { onLmdb } from '../helpers/app.ts'
import { until } from '../helpers/until.ts'

t.test('two bad looks together are overload, one is none', async (t) => {
  let now = 0
  const isOverloaded = createJudge(() => now)
  const call = (afterMs: number): boolean => {
    now += afterMs
    return isOverloaded()
  }
  t.equal(call(0), false, 'the first')
  t.equal(call(100), false, 'the same')
  t.equal(call(1000), true, 'the second')
  t.equal(call(100), true, 'the same')
  t.equal(call(5000), true, 'the third, which is late')
  t.equal(call(60_000), false, 'much later')
  t.equal(call(1000), true, 'and another')
})

t.test('the event loop is looked at only as long as calls come in', async (t) => {
  let now = 0
  const watch = createLoopWatch(() => now)
  t.teardown(watch.stop)
  t.equal(watch.isLooking(), false, 'an idle process sleeps')
  watch.seen()
  t.equal(watch.isLooking(), true)
  now += 1300
  await until(() => watch.isBehind(), 'a look that is late finds it')
  now += 100
  await until(() => !watch.isBehind(), 'a look in time finds that it has caught up')
  t.equal(watch.isLooking(), true, 'the next call may come soon')
  now += 20_000
  await until(() => !watch.isLooking(), 'it sleeps again')
})

const standStill = (ms: number): void => {
  const end = performance.now() + ms
  while (performance.now() < end);
}

t.test('a process that stays behind answers 503, and serves again when it has caught up', async (t) => {
  const { call } = await onLmdb(t, { shedsLoad: true })
  const answers = []
  for (let i = 0; i < 3; i++) {
    const answer = call('GET', '/livez')
    standStill(1500)
    answers.push(await answer)
  }
  t.equal(answers[0]?.status, 200, 'once is no overload')
  const refused = answers.find(({ status }) => status === 503)
  t.hasStrict(refused, { headers: { 'retry-after': '1' }, json: { code: 'overloaded' } })
  await until(async () => (await call('GET', '/livez')).status === 200, 'it serves again')
})
