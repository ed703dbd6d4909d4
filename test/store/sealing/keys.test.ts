/** Master keys and what follows from them; the place of a record; the index key. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { packSeal, unpackSeal } from '../../../src/store/layout/seal.ts'
import { CannotOpen, open, seal } from '../../../src/store/sealing/cipher.ts'
import {
  drawIndexKey,
  findIndexKey,
  NO_SUBJECT,
  subjectMac,
  wrapIndexKey,
} from '../../../src/store/sealing/index-key.ts'
import { createMasterKeys, type MasterKey } from '../../../src/store/sealing/master-keys.ts'
import { checkPlace, type Placed, placeMac } from '../../../src/store/sealing/place.ts'

const OLD: MasterKey = { kid: '2026', key: Buffer.alloc(32, 7) }
const NEW: MasterKey = { kid: '2027', key: Buffer.alloc(32, 8) }
const ID = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')

t.test('each session and each master key has keys of its own, the same ones at any time', async (t) => {
  const keys = createMasterKeys([NEW, OLD])
  t.equal(keys.current, '2027')
  t.strictSame(keys.kids, ['2027', '2026'])
  const one = keys.valueKey('2026', ID)
  t.equal(keys.valueKey('2026', Buffer.from(ID)), one, 'derived once')
  t.same(createMasterKeys([OLD]).valueKey('2026', ID), one)
  const all = [one, keys.valueKey('2027', ID), keys.valueKey('2026', randomBytes(16))]
  const parts = all.flatMap(({ cipher, nonce }) => [cipher, nonce])
  t.equal(new Set([...parts, keys.placeKey('2026'), keys.placeKey('2027')].map((key) => key.toString('hex'))).size, 8)
  for (const key of parts) t.equal(key.length, 32)
  // What is stored today must open for ever.
  t.equal(one.cipher.toString('hex', 0, 8), '2028072249e690be')
  t.equal(one.nonce.toString('hex', 0, 8), '367af913d66bc751')
  t.equal(keys.placeKey('2026').toString('hex', 0, 8), '9825b94f7328b540')
})

t.test('a key that is not configured is named, and none other is tried', async (t) => {
  const keys = createMasterKeys([NEW])
  t.throws(() => keys.valueKey('2026', ID), {
    name: 'CannotOpen',
    message: /under the key 2026, which is not configured/,
  })
  t.throws(() => keys.placeKey('2026'), CannotOpen)
  const sealed = seal(createMasterKeys([OLD]).valueKey('2026', ID), 'setting', 'a', '1')
  t.throws(() => open(keys.valueKey('2027', ID), 'setting', 'a', sealed), CannotOpen)
})

const PLACED: Placed = {
  ref: { namespace: 'shop', id: '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71' },
  life: 'AAECAwQFBgcICQoL',
  kid: '2026',
  valueKeyId: ID,
  subjectMac: Buffer.alloc(32, 1),
  subject: Buffer.from('sealed'),
}

t.test('a record does not open at another place', async (t) => {
  const keys = createMasterKeys([OLD, { ...NEW, key: OLD.key }])
  const mac = placeMac(keys, PLACED)
  checkPlace(keys, PLACED, mac)
  const elsewhere: Readonly<Record<string, Partial<Placed>>> = {
    'another namespace': { ref: { ...PLACED.ref, namespace: 'blog' } },
    'another id': { ref: { ...PLACED.ref, id: '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b72' } },
    'another life': { life: 'AAECAwQFBgcICQoM' },
    'another master key': { kid: '2027' },
    'another key': { valueKeyId: randomBytes(16) },
    'another subject': { subjectMac: NO_SUBJECT },
    'another text of the subject': { subject: Buffer.alloc(0) },
  }
  for (const [why, over] of Object.entries(elsewhere)) {
    t.throws(() => checkPlace(keys, { ...PLACED, ...over }, mac), CannotOpen, why)
  }
  t.throws(() => checkPlace(keys, PLACED, mac.subarray(1)), CannotOpen, 'a shorter one')
})

t.test('a seal is packed byte by byte as the head of seal.ts says', async (t) => {
  const made = { kid: '2026', valueKeyId: ID, placeMac: Buffer.alloc(32, 0xaa), subjectMac: Buffer.alloc(32, 0xbb) }
  const packed = packSeal(made)
  t.equal(packed.toString('hex'), `0432303236${ID.toString('hex')}${'aa'.repeat(32)}${'bb'.repeat(32)}`)
  const longer = Buffer.concat([packed, Buffer.from('subject')])
  t.strictSame(unpackSeal(longer), { seal: made, bytes: packed.length })
  const { seal: copied } = unpackSeal(longer)
  longer.fill(0)
  t.strictSame(copied, made, 'it does not change when the buffer is used again')
  for (let length = 0; length < packed.length; length++)
    t.throws(() => unpackSeal(packed.subarray(0, length)), RangeError)
  t.throws(() => packSeal({ ...made, kid: '' }), TypeError)
  t.throws(() => packSeal({ ...made, valueKeyId: ID.subarray(1) }), TypeError)
  t.throws(() => packSeal({ ...made, placeMac: ID }), TypeError)
})

t.test('the index key comes back under each master key, and is never mistaken', async (t) => {
  const indexKey = drawIndexKey()
  const [before, both, after] = [createMasterKeys([OLD]), createMasterKeys([NEW, OLD]), createMasterKeys([NEW])]
  t.strictSame(findIndexKey(before, new Map()), { state: 'none' })
  const first = new Map([['2026', wrapIndexKey(before, '2026', indexKey)]])
  t.strictSame(findIndexKey(before, first), { state: 'found', indexKey, lacking: [] })
  t.strictSame(findIndexKey(both, first), { state: 'found', indexKey, lacking: ['2027'] })
  t.throws(() => findIndexKey(after, first), { name: 'CannotOpen', message: /encrypted under 2026, none of which/ })
  const rewrapped = new Map([...first, ['2027', wrapIndexKey(both, '2027', indexKey)]])
  t.strictSame(findIndexKey(after, rewrapped), { state: 'found', indexKey, lacking: [] })

  const other = new Map([...first, ['2027', wrapIndexKey(both, '2027', drawIndexKey())]])
  t.throws(() => findIndexKey(both, other), { name: 'CannotOpen', message: /not the same one/ })
  const swapped = new Map([['2027', first.get('2026') as string]])
  t.throws(() => findIndexKey(both, swapped), CannotOpen, 'one that was wrapped under another kid')
  for (const damaged of ['', 'AAAA', 'no base64']) {
    t.throws(() => findIndexKey(before, new Map([['2026', damaged]])), CannotOpen)
  }
})

t.test('what stands for a subject is of its namespace and of this index key', async (t) => {
  const indexKey = Buffer.alloc(32, 9)
  const mac = subjectMac(indexKey, 'shop', 'ada')
  t.equal(mac.length, 32)
  t.same(subjectMac(indexKey, 'shop', 'ada'), mac)
  for (const other of [
    subjectMac(indexKey, 'blog', 'ada'),
    subjectMac(indexKey, 'shop', 'Ada'),
    subjectMac(Buffer.alloc(32, 8), 'shop', 'ada'),
  ]) {
    t.notSame(other, mac)
  }
})
