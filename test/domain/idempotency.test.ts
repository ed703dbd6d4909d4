import { randomUUID } from 'node:crypto'
import t from 'tap'
import type { Caller } from '../../src/domain/credentials/caller.ts'
import { ALL_KEYS } from '../../src/domain/credentials/key-rule.ts'
import { fingerprint, partitionFor, repeatOf } from '../../src/domain/idempotency.ts'
import { drawId, idBytes, partitionOf } from '../../src/store/layout/partition.ts'

const HASH = /^[0-9a-f]{32}$/

const caller = (credentialId: string): Caller => ({
  kind: 'api-key',
  namespace: 'shop',
  may: [],
  keys: ALL_KEYS,
  credentialId,
})
const call = { idempotencyKey: 'key', fingerprint: fingerprint('PUT', '/a') }

t.test('a fingerprint tells calls apart, also where their parts run together', async (t) => {
  const calls = [
    [],
    [''],
    ['', ''],
    ['ab'],
    ['a', 'b'],
    ['', 'ab'],
    ['ab', ''],
    ['1:a'],
    ['a', '1:b'],
    ['é'],
    ['e\u0301'],
  ]
  const prints = calls.map((parts) => fingerprint(...parts))
  for (const print of prints) t.match(print, HASH)
  t.equal(new Set(prints).size, calls.length)
  t.equal(fingerprint('a', 'b'), fingerprint('a', 'b'))
})

t.test('a call without an Idempotency-Key is no repeat of any', async (t) => {
  t.equal(repeatOf(caller('one'), randomUUID(), undefined), undefined)
})

t.test('a key is looked up by credential and session, and keeps the fingerprint beside it', async (t) => {
  const [id, other] = [randomUUID(), randomUUID()]
  const repeats = [
    repeatOf(caller('one'), id, call),
    repeatOf(caller('two'), id, call),
    repeatOf(caller('one'), other, call),
    repeatOf(caller('one'), undefined, call),
    repeatOf(caller('one'), id, { ...call, idempotencyKey: 'another' }),
  ]
  for (const repeat of repeats) t.match(repeat, { key: HASH, fingerprint: call.fingerprint })
  t.equal(new Set(repeats.map((repeat) => repeat?.key)).size, repeats.length)
  const changed = repeatOf(caller('one'), id, { ...call, fingerprint: fingerprint('DELETE', '/a') })
  t.equal(changed?.key, repeats[0]?.key, 'another call under the same key is found by it, to be refused')
  t.notOk(JSON.stringify(repeats).includes('one'), 'nothing of the credential is in it')
})

t.test('an id drawn for a repeat lies where the repeat is looked for, and such ids are everywhere', async (t) => {
  const partitions = new Set<string>()
  for (let n = 0; n < 300; n++) {
    const repeat = repeatOf(caller('one'), undefined, { ...call, idempotencyKey: `${n}` })
    if (repeat === undefined) throw new Error('A call with a key may be repeated.')
    const partition = partitionFor(repeat)
    partitions.add(partition)
    t.equal(partitionOf(idBytes(drawId(partition))), partition)
    t.equal(partitionFor({ ...repeat, fingerprint: '' }), partition, 'whatever is sent along')
  }
  t.ok(partitions.size > 100, `${partitions.size} partitions`)
})
