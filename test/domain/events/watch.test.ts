/** Watching sessions on a store that is played here: who is told of what, and who shares a reading. */
import t from 'tap'
import { createWatch } from '../../../src/domain/events/watch.ts'
import { createListeners } from '../../../src/store/listeners.ts'
import type { Found, Notice, SessionRef, Store } from '../../../src/store/port.ts'
import { StoreUnavailable } from '../../../src/store/port.ts'

const REF: SessionRef = { namespace: 'app', id: '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71' }
/** Another session in the same partition. */
const OTHERS: SessionRef = { ...REF, namespace: 'other' }

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A store that answers readings when it is told to, each by its number. */
const play = () => {
  const listeners = createListeners()
  const readings: { readonly ref: SessionRef; answer(): void }[] = []
  const partitions = new Set<string>()
  let failing: string | undefined
  const store: Pick<Store, 'read' | 'subscribe'> = {
    read: (ref) =>
      new Promise((resolve) => {
        const number = readings.length
        readings.push({ ref, answer: () => resolve({ state: 'missing', number } as unknown as Found) })
      }),
    async subscribe(partition, listener) {
      if (partition === failing) throw new StoreUnavailable()
      listeners.add(partition, listener)
      partitions.add(partition)
      return () => void listeners.remove(partition, listener)
    },
  }
  return {
    listeners,
    readings,
    partitions,
    failAt: (partition: string) => {
      failing = partition
    },
    watch: createWatch(store),
  }
}

const numberOf = async (reading: Promise<Found>) => ((await reading) as unknown as { number: number }).number

t.test('who asks before a reading begins shares it, and who asks later gets one that begins after', async (t) => {
  const { watch, readings } = play()
  const first = [watch.read(REF), watch.read(REF)]
  const another = watch.read(OTHERS)
  t.equal(readings.length, 0, 'it has not begun')
  await turn()
  t.equal(readings.length, 2)
  const late = watch.read(REF)
  await turn()
  t.equal(readings.length, 3, 'another reading begins while the first is under way')
  for (const reading of readings) reading.answer()
  t.strictSame(await Promise.all(first.map(numberOf)), [0, 0])
  t.equal(await numberOf(another), 1)
  t.equal(await numberOf(late), 2)
})

t.test('a watcher is told of its own session alone, and a namespace of all of its sessions', async (t) => {
  const { watch, listeners, partitions } = play()
  const heard: string[] = []
  const watcher = (name: string) => ({
    notice: ({ ref }: Notice) => void heard.push(`${name}: ${ref.namespace}`),
    lapsed: () => void heard.push(`${name} may have missed something`),
  })
  const leave = await watch.session(REF, watcher('session'))
  const [partition = ''] = partitions
  const leaveAll = await watch.namespace('app', watcher('namespace'))
  t.equal(partitions.size, 256)
  listeners.tell(partition, { kind: 'revoked', ref: REF })
  listeners.tell(partition, { kind: 'revoked', ref: OTHERS })
  listeners.tell(partition, { kind: 'revoked', ref: { ...REF, id: REF.id.replace('9', '8') } })
  listeners.lapse(partition)
  t.strictSame(heard.splice(0), [
    'session: app',
    'namespace: app',
    'namespace: app',
    'session may have missed something',
    'namespace may have missed something',
  ])
  leave()
  listeners.tell(partition, { kind: 'revoked', ref: REF })
  t.strictSame(heard.splice(0), ['namespace: app'])
  leaveAll()
  t.strictSame(listeners.partitions(), [], 'and nobody is left')
})

t.test('a namespace that cannot be watched as a whole is not watched in part', async (t) => {
  const { watch, listeners, failAt } = play()
  failAt('7f')
  await t.rejects(watch.namespace('app', { notice: () => {}, lapsed: () => {} }), StoreUnavailable)
  t.strictSame(listeners.partitions(), [])
})

t.test('of many tasks so many run at once, in order, and one that fails holds up none', async (t) => {
  const { watch } = play()
  const begun: number[] = []
  const ends: (() => void)[] = []
  for (let n = 0; n < 120; n++) {
    watch.soon(() => {
      begun.push(n)
      return new Promise<void>((resolve, reject) => ends.push(n % 2 ? resolve : () => reject(new Error('It failed.'))))
    })
  }
  t.equal(begun.length, 50)
  for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
    end()
    await turn()
  }
  t.strictSame(
    begun,
    Array.from({ length: 120 }, (_, n) => n),
  )
})
