/** The texts of several processes as one. */
import t from 'tap'
import { createCounting } from '../../src/process/metrics/counting.ts'
import { loadNodeMetrics, textOf } from '../../src/process/metrics/exposition.ts'
import { sumTexts, withoutGauges } from '../../src/process/metrics/sum-texts.ts'
import { samplesIn, sumOf } from '../helpers/metrics.ts'

/** The text of a process that has answered so many calls, and sees so many sessions. */
const partOf = async (calls: number, sessions: number, isUp: boolean): Promise<string> => {
  const counting = createCounting({ version: '1', store: 'redis' })
  for (let n = 0; n < calls; n++) counting.observe.answered('GET', '/v1/"x"\\', 200, 3 * n)
  counting.observe.streamOpened('session')
  counting.asked.sessions = sessions
  counting.storeIs({ isUp, away: isUp ? 0 : 1, warnings: 2 })
  counting.nodeIs('127.0.0.1:1', isUp)
  return (await textOf(counting.families)) + (await (await loadNodeMetrics()).metrics())
}

t.test('what is counted adds up, and what is so is told once', async (t) => {
  const [one, other] = [await partOf(3, 7, true), await partOf(5, 8, false)]
  const samples = samplesIn(sumTexts([one, other]))
  const value = (name: string, labels = {}) => sumOf(samples, name, labels)
  t.equal(value('http_request_duration_seconds_count'), 8)
  t.equal(value('http_request_duration_seconds_bucket', { le: '+Inf' }), 8)
  t.equal(value('http_request_duration_seconds_bucket', { le: '0.001' }), 2)
  t.equal(value('http_request_duration_seconds_sum')?.toFixed(6), '0.039000')
  t.equal(value('coatcheck_streams_open', { of: 'session' }), 2)
  t.equal(value('coatcheck_workers'), 2)
  t.equal(value('coatcheck_sessions_live'), 8, 'each says the same of all')
  t.equal(value('coatcheck_store_up'), 0, 'one that does not see the store is told')
  t.equal(value('coatcheck_store_node_up'), 0)
  t.equal(value('coatcheck_store_parts_away'), 1)
  t.equal(value('coatcheck_store_warnings'), 2)
  t.equal(value('coatcheck_build_info'), 1)
  t.ok((value('process_resident_memory_bytes') ?? 0) > (sumOf(samplesIn(one), 'process_resident_memory_bytes') ?? 0))
})

t.test('the text has the lines of one, in their order, each once', async (t) => {
  // Blank lines mean nothing.
  const shape = (text: string): string[] =>
    text.split('\n').flatMap((line) => (line === '' ? [] : [line[0] === '#' ? line : line.replace(/ \S+$/, '')]))
  const one = await partOf(3, 7, true)
  t.strictSame(shape(sumTexts([one, await partOf(2, 7, true)])), shape(one))
  t.strictSame(samplesIn(sumTexts([one])), samplesIn(one), 'alone it is what it was')
  t.equal(sumTexts(['', '']).trim(), '')
})

t.test('of a process that is gone stays what was counted', async (t) => {
  const [gone, other] = [await partOf(3, 7, true), await partOf(5, 8, true)]
  const samples = samplesIn(sumTexts([other, withoutGauges(gone)]))
  t.equal(sumOf(samples, 'http_request_duration_seconds_count'), 8)
  t.equal(sumOf(samples, 'coatcheck_streams_open', { of: 'session' }), 1)
  t.equal(sumOf(samples, 'coatcheck_workers'), 1)
})
