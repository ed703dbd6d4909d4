import t from 'tap'
import { createLine, type Line } from '../../src/http/line.ts'

const lineOf = (atOnce: number, waitMs = 60_000): Line =>
  createLine({ atOnce, waitMs, refused: () => new Error('refused') })

/** Enters, and notes its name as soon as it is its turn. */
const enter = async (line: Line, lane: string, name: string, order: string[]): Promise<void> => {
  const turn = line.enter(lane)
  if (turn !== undefined) await turn
  order.push(name)
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('so many go on at once', async (t) => {
  const line = lineOf(2)
  t.equal(line.enter('a'), undefined)
  t.equal(line.enter('a'), undefined)
  const order: string[] = []
  const third = enter(line, 'b', 'third', order)
  await settle()
  t.strictSame(order, [])
  line.leave()
  await third
  const fourth = enter(line, 'b', 'fourth', order)
  await settle()
  t.strictSame(order, ['third'], 'the place of the third is taken')
  line.leave()
  await fourth
})

t.test('lanes have their turns one after the other, whatever they hold', async (t) => {
  const line = lineOf(1)
  t.equal(line.enter('a'), undefined)
  const order: string[] = []
  const all = [
    ...Array.from({ length: 4 }, (_, i) => enter(line, 'a', `a${i}`, order)),
    ...Array.from({ length: 2 }, (_, i) => enter(line, 'b', `b${i}`, order)),
    enter(line, 'c', 'c0', order),
  ]
  for (let i = 0; i < all.length; i++) {
    line.leave()
    await settle()
  }
  t.strictSame(order, ['a0', 'b0', 'c0', 'a1', 'b1', 'a2', 'a3'])
  line.leave()
  t.equal(line.enter('a'), undefined, 'nobody waits any more')
})

t.test('who has waited too long is refused, and its place goes to nobody', async (t) => {
  const line = lineOf(1, 20)
  t.equal(line.enter('a'), undefined)
  await t.rejects(line.enter('b') as Promise<void>, { message: 'refused' })
  line.leave()
  t.equal(line.enter('c'), undefined)
  const order: string[] = []
  const waiting = enter(line, 'd', 'd', order)
  line.leave()
  await waiting
  t.strictSame(order, ['d'])
})
