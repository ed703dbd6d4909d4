/** What counts for a subject's limit, when a session was bound, and whether a call was done already. */
import { randomUUID } from 'node:crypto'
import { drawId, idBytes, partitionOf } from '../../src/store/layout/partition.ts'
import type { Admission, SubjectRef } from '../../src/store/port.ts'
import type { Concern } from './harness.ts'
import { aWrite, begin, LONG, newRef, readLive } from './session.ts'

const newSubject = (): SubjectRef => ({ namespace: 'conformance', subject: `ü\0 ${randomUUID()}` })

const anAdmission = (over: Partial<Admission> = {}): Admission => ({
  id: randomUUID(),
  replaced: null,
  most: 2,
  keepSeconds: 60,
  lifetimeSeconds: 3600,
  counted: [],
  ...over,
})

export const admitting: Concern = async (t, { store, other }) => {
  const idsOf = async (ref: SubjectRef): Promise<string[]> => (await other.admitted(ref)).map(({ id }) => id).sort()

  await t.test('as many are admitted as may be, and the same again at any time', async (t) => {
    const ref = newSubject()
    const [one, two, three] = [anAdmission(), anAdmission(), anAdmission()]
    t.equal(await store.admit(ref, one), 'admitted')
    t.equal(await other.admit(ref, two), 'admitted')
    t.equal(await store.admit(ref, three), 'full')
    t.equal(await store.admit(ref, one), 'admitted')
    t.strictSame(await idsOf(ref), [one.id, two.id].sort())
    t.equal(await store.admit(newSubject(), three), 'admitted', 'another subject has a limit of its own')
    for (const { keepUntil } of await store.admitted(ref)) {
      t.ok(Math.abs(keepUntil - store.now() - 60_000) < 5000, 'with the time until which it counts without a session')
    }
  })

  await t.test('the one whose place is taken counts no more, but stays', async (t) => {
    const ref = newSubject()
    const [one, two] = [anAdmission(), anAdmission()]
    for (const each of [one, two]) await store.admit(ref, each)
    const next = anAdmission({ replaced: one.id })
    t.equal(await store.admit(ref, next), 'admitted')
    t.strictSame(await idsOf(ref), [one.id, two.id, next.id].sort())
    t.equal(await store.admit(ref, anAdmission({ replaced: randomUUID() })), 'full')
    t.equal(await store.admit(ref, anAdmission({ most: null })), 'admitted', 'where there is no limit')
    t.equal(await store.admit(ref, anAdmission({ most: 5, replaced: two.id })), 'admitted')
  })

  await t.test('where nobody has counted, it is said; what is counted then counts at once', async (t) => {
    const ref = newSubject()
    const known = [randomUUID(), randomUUID()]
    t.equal(await store.admit(ref, anAdmission({ counted: null })), 'uncounted')
    t.strictSame(await idsOf(ref), [])
    t.equal(await store.admit(ref, anAdmission({ counted: known })), 'full')
    t.strictSame(await idsOf(ref), [...known].sort())
    const next = anAdmission({ counted: null, replaced: known[0] as string })
    t.equal(await store.admit(ref, next), 'admitted')
  })

  await t.test('what is dismissed makes room', async (t) => {
    const ref = newSubject()
    const all = [anAdmission(), anAdmission()]
    for (const each of all) await store.admit(ref, each)
    await other.dismiss(ref, [all[0]?.id as string, randomUUID()])
    await other.dismiss(ref, [])
    t.strictSame(await idsOf(ref), [all[1]?.id])
    t.equal(await store.admit(ref, anAdmission()), 'admitted')
  })

  await t.test('of many at once as many are admitted as may be', async (t) => {
    const ref = newSubject()
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? store : other).admit(ref, anAdmission({ most: 7 }))),
    )
    t.equal(answers.filter((one) => one === 'admitted').length, 7)
    t.equal((await idsOf(ref)).length, 7)
  })

  await t.test('when a session was bound is kept where that is asked for, and no other step changes it', async (t) => {
    const [plain, kept] = [newRef(), newRef()]
    await begin(store, plain, { a: '1' }, { subject: 'somebody' })
    await store.write(kept, aWrite({ subject: 'somebody', keepsBoundAt: true, set: new Map([['a', '1']]) }))
    t.equal((await readLive(other, plain)).record.boundAt, null)
    const { boundAt, createdAt } = (await readLive(other, kept)).record
    t.equal(boundAt, createdAt)
    await store.write(kept, aWrite({ set: new Map([['a', '2']]) }))
    await store.touch(kept, null)
    await store.revoke(kept)
    const { record, settings } = await readLive(other, kept)
    t.match(record, { boundAt, subject: 'somebody', revision: 2 })
    t.strictSame([...settings], [['a', '2']])

    const rotation = { life: null, clocks: LONG, newIdle: false, newLifetime: false, tombstoneSeconds: 60 }
    const target = { ...kept, id: drawId(partitionOf(idBytes(kept.id))) }
    await store.rotate(kept, { ...rotation, newId: target.id })
    t.equal((await readLive(other, target)).record.boundAt, boundAt, 'a new id is no new binding')
    await store.rotate(target, { ...rotation, newId: null, subject: 'somebody else', keepsBoundAt: true })
    const again = (await readLive(other, target)).record
    t.ok((again.boundAt ?? 0) >= (boundAt ?? 0))
    t.equal(again.subject, 'somebody else')
    await store.rotate(target, { ...rotation, newId: null, subject: 'somebody' })
    t.equal(
      (await readLive(other, target)).record.boundAt,
      null,
      'nor is it kept of a binding that does not ask for it',
    )
  })

  await t.test('whether a call was done already', async (t) => {
    const ref = newRef()
    const repeat = { key: randomUUID().replaceAll('-', ''), fingerprint: 'fedcba9876543210fedcba9876543210' }
    t.notOk(await store.isKept(ref, repeat))
    await store.write(ref, aWrite({ repeat, set: new Map([['a', '1']]) }))
    t.ok(await other.isKept(ref, repeat))
    t.notOk(await other.isKept(ref, { ...repeat, key: randomUUID().replaceAll('-', '') }))
  })
}
