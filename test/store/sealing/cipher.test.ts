import { createCipheriv, createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import {
  CannotOpen,
  KINDS,
  type Kind,
  mostPlainBytes,
  open,
  seal,
  sealedBytes,
  type ValueKey,
} from '../../../src/store/sealing/cipher.ts'

const newKey = (): ValueKey => ({ cipher: randomBytes(32), nonce: randomBytes(32) })
const KEY: ValueKey = { cipher: Buffer.alloc(32, 1), nonce: Buffer.alloc(32, 2) }

const text = fc.string({ unit: 'grapheme', maxLength: 80 })
const kind = fc.constantFrom(...(Object.keys(KINDS) as Kind[]))

t.test('any text comes back, and nothing of it is seen in what is stored but about how long it is', async (t) => {
  fc.assert(
    fc.property(kind, text, text, (kind, name, text) => {
      const sealed = seal(KEY, kind, name, text)
      t.equal(open(KEY, kind, name, sealed), text)
      t.equal(sealed.length, sealedBytes(Buffer.byteLength(text)))
      t.equal((sealed.length - 29) % 16, 0)
      t.ok(mostPlainBytes(sealed.length) >= Buffer.byteLength(text))
      t.ok(Buffer.byteLength(text) < 8 || !sealed.includes(text))
    }),
  )
})

t.test('texts that end like a padding come back', async (t) => {
  for (const ending of ['', '\u0000', '\u0000'.repeat(16), '\u0080', '\u0080\u0000', 'à', '\u{10000}']) {
    for (let length = 0; length < 34; length++) {
      const text = 'x'.repeat(length) + ending
      t.equal(open(KEY, 'setting', 'k', seal(KEY, 'setting', 'k', text)), text)
    }
  }
})

t.test('one text at one place under one key has one ciphertext, and no other has its nonce', async (t) => {
  const sealed = seal(KEY, 'setting', 'theme', '"dark"')
  t.same(seal(KEY, 'setting', 'theme', '"dark"'), sealed)
  const others = [
    seal(KEY, 'setting', 'theme', '"dark" '),
    seal(KEY, 'setting', 'them', 'e"dark"'),
    seal(KEY, 'taken', 'theme', '"dark"'),
    seal({ ...KEY, nonce: Buffer.alloc(32, 3) }, 'setting', 'theme', '"dark"'),
  ]
  const nonces = [sealed, ...others].map((one) => one.toString('hex', 1, 13))
  t.equal(new Set(nonces).size, nonces.length)
})

t.test('the bytes are those that the head of cipher.ts says', async (t) => {
  const sealed = seal(KEY, 'setting', 'é', '"dark"')
  const data = Buffer.concat([Buffer.of(1), Buffer.from('é')])
  const padded = Buffer.concat([Buffer.from('"dark"'), Buffer.of(0x80), Buffer.alloc(9)])
  const hmac = createHmac('sha256', KEY.nonce)
    .update(Buffer.of(0, 0, 0, 3))
    .update(data)
    .update(padded)
    .digest()
  const cipher = createCipheriv('aes-256-gcm', KEY.cipher, hmac.subarray(0, 12))
  cipher.setAAD(data)
  const encrypted = Buffer.concat([cipher.update(padded), cipher.final()])
  t.same(sealed, Buffer.concat([Buffer.of(1), hmac.subarray(0, 12), cipher.getAuthTag(), encrypted]))
  // What is stored today must open for ever.
  t.equal(
    sealed.toString('hex'),
    '01efabcd2535e00b3537808f0dba18abca115976ab9421b87f253d06f38763200ec1ff53581eeeaf7fe20ca8bf',
  )
})

t.test('what was sealed as something else, elsewhere or under another key does not open', async (t) => {
  const sealed = seal(KEY, 'setting', 'theme', '"dark"')
  const refused = (key: ValueKey, kind: Kind, name: string, bytes: Buffer, why: string) =>
    t.throws(() => open(key, kind, name, bytes), CannotOpen, why)
  refused(KEY, 'taken', 'theme', sealed, 'another kind')
  refused(KEY, 'setting', 'role', sealed, 'another name')
  refused(KEY, 'setting', 'theme ', sealed, 'a longer name')
  refused(newKey(), 'setting', 'theme', sealed, 'another key')
  refused({ ...KEY, cipher: randomBytes(32) }, 'setting', 'theme', sealed, 'another key for the cipher alone')
  refused({ ...KEY, nonce: randomBytes(32) }, 'setting', 'theme', sealed, 'another key for the nonce alone')
})

t.test('no byte can be changed, cut off or added', async (t) => {
  const sealed = seal(KEY, 'setting', 'theme', '"dark"')
  for (let at = 0; at < sealed.length; at++) {
    for (const bit of [1, 128]) {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] as number) ^ bit
      t.throws(() => open(KEY, 'setting', 'theme', changed), CannotOpen, `byte ${at}`)
    }
    t.throws(() => open(KEY, 'setting', 'theme', sealed.subarray(0, at)), CannotOpen, `${at} bytes`)
  }
  for (const more of [1, 16]) {
    t.throws(() => open(KEY, 'setting', 'theme', Buffer.concat([sealed, Buffer.alloc(more)])), CannotOpen)
  }
  t.throws(() => open(KEY, 'setting', 'theme', Buffer.from('"dark"')), CannotOpen, 'a plain text')
})

/** Seals as `seal` does, but with a nonce or a padding of one's own: only who has the key can. */
const sealedOddly = (nonce: Buffer | null, padded: Buffer): Buffer => {
  const data = Buffer.concat([Buffer.of(KINDS.setting), Buffer.from('theme')])
  const right = createHmac('sha256', KEY.nonce)
    .update(Buffer.of(0, 0, 0, 6))
    .update(data)
    .update(padded)
    .digest()
  const used = nonce ?? right.subarray(0, 12)
  const cipher = createCipheriv('aes-256-gcm', KEY.cipher, used)
  cipher.setAAD(data)
  const encrypted = Buffer.concat([cipher.update(padded), cipher.final()])
  return Buffer.concat([Buffer.of(1), used, cipher.getAuthTag(), encrypted])
}

t.test('a nonce that does not follow from the text does not open, nor does a wrong padding', async (t) => {
  const padded = Buffer.concat([Buffer.from('"dark"'), Buffer.of(0x80), Buffer.alloc(9)])
  t.equal(open(KEY, 'setting', 'theme', sealedOddly(null, padded)), '"dark"')
  t.throws(() => open(KEY, 'setting', 'theme', sealedOddly(randomBytes(12), padded)), CannotOpen)
  t.throws(() => open(KEY, 'setting', 'theme', sealedOddly(null, Buffer.alloc(16))), CannotOpen, 'no end of text')
  const tooLong = Buffer.concat([Buffer.from('"dark"'), Buffer.of(0x80), Buffer.alloc(25)])
  t.throws(() => open(KEY, 'setting', 'theme', sealedOddly(null, tooLong)), CannotOpen, 'a block too much')
  const unclean = Buffer.concat([padded.subarray(0, 15), Buffer.of(1)])
  t.throws(() => open(KEY, 'setting', 'theme', sealedOddly(null, unclean)), CannotOpen, 'not of zeros')
})
