/** The judge finds nothing in a history where all is well, and each rule finds what breaks it, and nothing else. */
import t from 'tap'
import { WHATS } from './history.ts'
import { judge, RULES, report } from './judge.ts'
import { BAD, GOOD } from './judged-cases.ts'
import { historyOf } from './judged-history.ts'

for (const [name, made] of Object.entries(GOOD)) {
  t.test(`all is well: ${name}`, async (t) => {
    t.strictSame(judge(historyOf(made)), [])
  })
}

for (const [rule, cases] of Object.entries(BAD)) {
  for (const [name, made] of Object.entries(cases)) {
    t.test(`${rule}: ${name}`, async (t) => {
      const history = historyOf(made)
      const findings = judge(history)
      t.strictSame([...new Set(findings.map((one) => one.rule))], [rule], findings.map((one) => one.text).join('; '))
      for (const one of findings) t.match(report(one, history), new RegExp(`^${rule}: `))
    })
  }
}

t.test('work: every kind of call has to be acknowledged, or a history proves nothing', async (t) => {
  for (const what of WHATS) {
    const whole = historyOf({})
    const history = { ...whole, operations: whole.operations.filter((one) => one.what !== what) }
    const rules = judge(history).map(({ rule, text }) => `${rule}: ${text}`)
    t.ok(rules.includes(`work: no ${what} was acknowledged`), what)
  }
})

t.test('every rule has been seen to fail', async (t) => {
  t.strictSame(Object.keys(RULES).sort(), [...Object.keys(BAD), 'work'].sort())
})
