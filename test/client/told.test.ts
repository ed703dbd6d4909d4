/** What a follower of a shared stream makes of what it is told: by cases, and by many courses of events drawn at random. */
import t from 'tap'
import { judge, ruleIn, type Told } from '../../src/client/told.ts'

const told = (before: string, name: string, id: string): Told => ({ before, event: { name, id, data: '' } })

t.test('each case', async (t) => {
  const cases = [
    ['4-a', told('4-a', 'change', '5-b'), 'show', 'it follows'],
    ['3-a', told('4-a', 'change', '5-b'), 'look', 'one was missed'],
    ['4-x', told('4-a', 'change', '5-b'), 'look', 'another state of the same revision'],
    ['6-c', told('4-a', 'change', '5-b'), 'pass', 'this tab has looked since'],
    ['5-x', told('4-a', 'change', '5-b'), 'look', 'the store may have lost what this tab has'],
    ['5-b', told('4-a', 'change', '5-b'), 'pass', 'it is what this tab has'],
    ['4-a', told('1-a', 'snapshot', '5-b'), 'show', 'a newer one'],
    ['6-c', told('1-a', 'snapshot', '5-b'), 'look', 'the store may have lost what came after'],
    ['0', told('0', 'change', '1-a'), 'look', 'the holder may read more'],
    ['0', told('0', 'snapshot', '1-a~x'), 'look', 'the holder may read more'],
    ['4-a~x', told('4-a~x', 'change', '5-b~x'), 'show', 'of some keys'],
    ['4-a', told('4-a', 'expiring', ''), 'show', 'it is of the session'],
    ['9-a', told('4-a', 'ended', ''), 'show', 'it is of the session'],
    ['4-a', told('4-a', 'opened', ''), 'pass', 'it says nothing'],
  ] as const
  for (const [etag, message, verdict, why] of cases) t.equal(judge(etag, message), verdict, `${why}: ${etag}`)
  t.strictSame(['0', '1-a', '1-a~x'].map(ruleIn), ['0', '~', '~x'])
})

/** Numbers in [0, 1) that follow from the seed. */
const drawn = (seed: number) => (): number => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32
  return seed / 2 ** 32
}

t.test('whatever is lost or late, a follower ends with what there is, and never goes back by itself', async (t) => {
  const seed = Date.now() % 2 ** 32
  t.comment(`seed ${seed}`)
  const draw = drawn(seed)
  for (let course = 0; course < 500; course++) {
    const states = ['0', ...Array.from({ length: 8 }, (_, at) => `${at + 1}-${course}`)]
    let now = 0
    let holder = 0
    let etag = states[0] as string
    const onItsWay: Told[] = []
    const shown: number[] = []
    const show = (next: string): void => {
      etag = next
      shown.push(Number.parseInt(next, 10))
    }
    const hear = (): void => {
      const message = onItsWay.shift()
      if (!message || draw() < 0.2) return
      const verdict = judge(etag, message)
      if (verdict === 'show') show(message.event.id)
      if (verdict === 'look' && etag !== states[now]) show(states[now] as string)
    }
    while (now < states.length - 1 || holder < now) {
      if (draw() < 0.5 && now < states.length - 1) now++
      else if (holder < now) {
        const before = states[holder] as string
        const name = draw() < 0.7 ? 'change' : 'snapshot'
        holder = name === 'change' ? holder + 1 : now
        onItsWay.push(told(before, name, states[holder] as string))
      }
      if (draw() < 0.5) hear()
    }
    while (onItsWay.length > 0) hear()
    // Whoever holds the stream says now and then where it is.
    if (etag !== states[holder]) show(states[now] as string)
    t.equal(etag, states.at(-1), `course ${course}`)
    t.strictSame(
      shown,
      [...shown].sort((a, b) => a - b),
      `course ${course}`,
    )
  }
})
