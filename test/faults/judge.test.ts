/** The judge finds nothing in a history where all is well, and each rule finds what breaks it, and nothing else. */
import t from 'tap'
import { WHATS } from './history.ts'
import { judge, judgeStrayed, RULES, report } from './judge.ts'
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

t.test(
  'where the servers have failed over by themselves, what was acknowledged may be lost, and nothing else',
  async (t) => {
    const rulesOf = (cases: Parameters<typeof historyOf>[0][]): string[] =>
      cases.flatMap((made) => judgeStrayed(historyOf(made)).map(({ rule }) => rule))
    const all = (rule: string) => Object.values(BAD[rule] ?? {})
    t.strictSame(rulesOf([...all('calm'), ...all('recovery'), ...all('spared')]), [])
    for (const rule of ['deadlines', 'answers', 'resources', 'seen']) {
      t.equal(rulesOf(all(rule)).filter((one) => one === rule).length, all(rule).length, rule)
    }
    const twice = Object.entries(BAD).flatMap(([, cases]) =>
      Object.entries(cases).filter(([name]) => /twice/.test(name)),
    )
    t.ok(twice.length > 0)
    for (const [name, made] of twice) t.ok(rulesOf([made]).length > 0, name)
  },
)

t.test('every rule has been seen to fail', async (t) => {
  t.strictSame(Object.keys(RULES).sort(), [...Object.keys(BAD), 'work'].sort())
})
