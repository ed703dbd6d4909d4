/** Held against what it stands for: an array. */
import fc from 'fast-check'
import t from 'tap'
import { Items } from '../../../src/domain/json/items.ts'
import { eachElement } from '../../../src/domain/json/json-text.ts'

const itemsOf = (text: string): Items<number> => new Items(text, eachElement, Number)

type Change = readonly [kind: 'insert' | 'remove' | 'replace', where: number]

const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.tuple(
    fc.constantFrom('insert', 'remove', 'replace') as fc.Arbitrary<Change[0]>,
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
  { maxLength: 1500, size: 'max' },
)

t.test('whatever is put in and taken out, it holds what an array would hold', async (t) => {
  fc.assert(
    fc.property(fc.nat(2000), fc.constantFrom(',', ' , ', ',\n'), changes, (length, comma, all) => {
      const plain = Array.from({ length }, (_, i) => i)
      const items = itemsOf(`[${plain.join(comma)}]`)
      for (const [i, [kind, where]] of all.entries()) {
        const value = -1 - i
        if (kind === 'insert') {
          const at = Math.round(where * plain.length)
          plain.splice(at, 0, value)
          items.insert(at, value)
        } else if (plain.length > 0) {
          const at = Math.min(Math.floor(where * plain.length), plain.length - 1)
          if (items.at(at) !== plain[at]) return false
          if (kind === 'remove') {
            plain.splice(at, 1)
            items.remove(at)
          } else {
            plain[at] = value
            items.replace(at, value)
          }
        }
      }
      const texts = [...items.texts(String)].join()
      return (
        items.length === plain.length &&
        items.at(plain.length) === undefined &&
        texts === plain.join() &&
        [...items].join() === texts
      )
    }),
    { numRuns: 60 },
  )
  t.pass('held')
})

t.test('one place may be changed as often as one likes', async (t) => {
  for (const where of [() => 0, (length: number) => length, (length: number) => length >> 1]) {
    const plain: number[] = []
    const items = itemsOf('[]')
    for (let i = 0; i < 2000; i++) {
      plain.splice(where(plain.length), 0, i)
      items.insert(where(items.length), i)
    }
    t.strictSame([...items], plain)
    while (plain.length > 0) {
      const at = Math.min(where(plain.length), plain.length - 1)
      if (items.at(at) !== plain[at]) t.fail(`another element at ${at} of ${plain.length}`)
      plain.splice(at, 1)
      items.remove(at)
    }
    t.equal(items.length, 0)
    items.insert(0, 1)
    t.strictSame([...items], [1])
  }
})
