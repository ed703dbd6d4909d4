import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base64url, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import t, { type Test } from 'tap'
import { ExpiredCredential } from '../../../src/domain/credentials/expired-credential.ts'
import { type Claims, createTokens } from '../../../src/domain/credentials/session-token.ts'
import { createSigningKeys } from '../../../src/domain/credentials/signing-keys.ts'
import { UNOBSERVED } from '../../../src/observe.ts'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'

const START = Date.UTC(2026, 0, 1)
const START_S = START / 1000
const ISSUER = 'https://sessions.example'
const SID = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'

const CLAIMS: Claims = {
  namespace: 'app',
  sessionId: SID,
  life: 'l'.repeat(16),
  gen: 'g'.repeat(16),
  scope: ['read', 'write'],
  keys: { read: ['*'], write: ['theme'] },
  issuedAt: START_S,
  expiresAt: START_S + 900,
  renewUntil: null,
}

/** A payload that is right in every respect; tests break it in one. */
const PAYLOAD = {
  iss: ISSUER,
  aud: 'coatcheck',
  ns: 'app',
  sid: SID,
  life: CLAIMS.life,
  gen: CLAIMS.gen,
  scope: 'read write',
  keys: { read: ['*'], write: ['theme'] },
  iat: START_S,
  exp: START_S + 900,
  jti: 'j'.repeat(16),
}

const setUp = async (t: Test) => {
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-'))
  let now = START
  const store = await openLmdbStore({ path, clock: () => now })
  t.teardown(async () => {
    await store.close()
    await rm(path, { recursive: true })
  })
  const signingKeys = createSigningKeys(store)
  await signingKeys.refresh()
  const tokens = createTokens({ signingKeys, issuer: ISSUER, now: store.now, observe: UNOBSERVED })
  const { kid, privateKey, publicKey } = await signingKeys.current()

  /** Signs anything with the right key. */
  const sign = (payload: object, header: object = {}): Promise<string> =>
    new SignJWT(payload as JWTPayload)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'coatcheck+jwt', kid, ...header })
      .sign(privateKey)

  const elapse = (ms: number): void => {
    now += ms
  }
  return { store, signingKeys, tokens, sign, kid, publicKey, elapse }
}

const INVALID = { code: 'invalid_credential' }

const encode = (value: object): string => base64url.encode(JSON.stringify(value))

t.test('a token says whom it was minted for', async (t) => {
  const { tokens } = await setUp(t)
  const caller = await tokens.verify(await tokens.mint({ ...CLAIMS, renewUntil: START_S + 86_400 }))
  t.match(caller, {
    kind: 'session',
    via: 'token',
    namespace: 'app',
    sessionId: SID,
    life: CLAIMS.life,
    gen: CLAIMS.gen,
    may: ['read', 'write'],
    keys: { read: ['*'], write: ['theme'] },
    expiresAt: START + 900_000,
    renewUntil: START + 86_400_000,
  })
})

t.test('the payload that the following tests break is a good one', async (t) => {
  const { tokens, sign } = await setUp(t)
  await t.resolves(tokens.verify(await sign(PAYLOAD)))
})

t.test('a token of another algorithm is refused', async (t) => {
  const { tokens, kid, publicKey } = await setUp(t)
  const header = { typ: 'coatcheck+jwt', kid }
  await t.rejects(tokens.verify(`${encode({ ...header, alg: 'none' })}.${encode(PAYLOAD)}.`), INVALID, 'none')
  await t.rejects(tokens.verify(`${encode({ ...header, alg: 'None' })}.${encode(PAYLOAD)}.`), INVALID, 'None')

  const { x } = await exportJWK(publicKey)
  for (const secret of [base64url.decode(x as string), new TextEncoder().encode(x)]) {
    const token = await new SignJWT(PAYLOAD).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret)
    await t.rejects(tokens.verify(token), INVALID, 'HS256 with the public key')
  }

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rsa = await new SignJWT(PAYLOAD).setProtectedHeader({ ...header, alg: 'RS256' }).sign(privateKey)
  await t.rejects(tokens.verify(rsa), INVALID, 'RS256')
})

t.test('a header that is not ours is refused, whoever signed', async (t) => {
  const { tokens, sign } = await setUp(t)
  for (const header of [
    { typ: 'JWT' },
    { typ: undefined },
    { kid: undefined },
    { kid: 'unknown' },
    { kid: '../../../dev/null' },
    { kid: '' },
    { kid: 1 },
    { kid: ['a'] },
    { kid: '__proto__' },
    { b64: false, crit: ['b64'] },
    { crit: ['x'], x: 1 },
  ]) {
    const token = await sign(PAYLOAD, header).catch(() => undefined)
    const kept = token ?? `${encode({ alg: 'EdDSA', typ: 'coatcheck+jwt', ...header })}.${encode(PAYLOAD)}.AAAA`
    await t.rejects(tokens.verify(kept), INVALID, JSON.stringify(header))
  }
})

t.test('a key that a token brings along is not looked at', async (t) => {
  const { tokens, kid } = await setUp(t)
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  const jwk = await exportJWK(publicKey)
  for (const header of [
    { jwk },
    { kid, jwk },
    { kid, jku: 'https://attacker.example/jwks.json' },
    { kid, x5u: 'https://attacker.example/key.pem' },
    { kid },
  ]) {
    const token = await new SignJWT(PAYLOAD)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'coatcheck+jwt', ...header })
      .sign(privateKey)
    await t.rejects(tokens.verify(token), INVALID, Object.keys(header).join())
  }
})

t.test('a payload that is not what we mint is refused, though we signed it', async (t) => {
  const { tokens, sign } = await setUp(t)
  for (const [title, change] of Object.entries({
    'no exp': { exp: undefined },
    'exp 1e300': { exp: 1e300 },
    'exp a text': { exp: String(PAYLOAD.exp) },
    'exp in the past': { exp: START_S - 1 },
    'exp now': { exp: START_S },
    'exp a fraction': { exp: START_S + 0.5 },
    'no iat': { iat: undefined },
    'iat in the future': { iat: START_S + 60 },
    'not yet valid': { nbf: START_S + 60 },
    'no jti': { jti: undefined },
    'sub an object': { sub: { id: 'user-1' } },
    'another audience': { aud: 'billing' },
    'no audience': { aud: undefined },
    'another issuer': { iss: 'https://attacker.example' },
    'no issuer': { iss: undefined },
    'no session': { sid: undefined },
    'no namespace': { ns: undefined },
    'no life': { life: undefined },
    'no gen': { gen: undefined },
    'no keys': { keys: undefined },
    'keys a text': { keys: '*' },
    'a rule that is a text': { keys: { read: '*', write: '*' } },
    'no write rule': { keys: { read: ['*'] } },
    'no scope': { scope: undefined },
    'an unknown scope': { scope: 'read admin' },
    'a scope that is a list': { scope: ['read'] },
    'a renewUntil that is a text': { renewUntil: 'tomorrow' },
  })) {
    await t.rejects(tokens.verify(await sign({ ...PAYLOAD, ...change })), INVALID, title)
  }
})

t.test('what is no token is refused', async (t) => {
  const { tokens } = await setUp(t)
  const token = await tokens.mint(CLAIMS)
  const [header, payload, signature] = token.split('.') as [string, string, string]
  for (const text of [
    '',
    '.',
    '..',
    'a.b.c',
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${token}.`,
    `${token}.${signature}`,
    `${header}.${encode({ ...PAYLOAD, scope: 'read write end' })}.${signature}`,
    `${encode({ alg: 'EdDSA' })}.${payload}.${signature}`,
    `${header}.${payload}.${'A'.repeat(86)}`,
    'x'.repeat(1_000_000),
    token + 'A'.repeat(1_000_000),
  ]) {
    await t.rejects(tokens.verify(text), INVALID, `${text.slice(0, 20)}… of ${text.length}`)
  }
})

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

t.test('of all texts that a lenient reader takes for a token, only its own is taken', async (t) => {
  const { tokens } = await setUp(t)
  const token = await tokens.mint(CLAIMS)
  const [head = '', payload = '', signature = ''] = token.split('.')
  const last = ALPHABET.indexOf(signature.at(-1) ?? '')
  // The last of 86 characters has four bits that mean nothing.
  const others = [1, 2, 4, 8].map((bit) => `${head}.${payload}.${signature.slice(0, -1)}${ALPHABET[last ^ bit]}`)
  const padded = [`${token}=`, `${token}==`, `${head}=.${payload}.${signature}`, `${head}.${payload}=.${signature}`]
  const spaced = [`${token}\n`, ` ${token}`, `${head}.${payload}.${signature.slice(0, 9)} ${signature.slice(9)}`]
  const standard = `${head}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}`
  for (const text of [...others, ...padded, ...spaced, ...(standard === token ? [] : [standard])]) {
    await t.rejects(tokens.verify(text), INVALID, JSON.stringify(text.slice(-20)))
  }
  t.equal((await tokens.verify(token)).sessionId, SID)
})

t.test('a token ends when it says, also one that is remembered', async (t) => {
  const { tokens, elapse } = await setUp(t)
  const token = await tokens.mint(CLAIMS)
  await tokens.verify(token)
  elapse(899_000)
  await t.resolves(tokens.verify(token))
  elapse(1000)
  await t.rejects(tokens.verify(token), INVALID)
})

t.test('a token that would be too long to be taken is not minted', async (t) => {
  const { tokens } = await setUp(t)
  const read = Array.from({ length: 64 }, (_, i) => `${i}-`.padEnd(250, 'x'))
  await t.rejects(tokens.mint({ ...CLAIMS, keys: { read, write: [] } }), { code: 'limit_exceeded' })
})

t.test('a signature is checked once', async (t) => {
  const { signingKeys } = await setUp(t)
  let lookups = 0
  const counting = {
    ...signingKeys,
    find: (kid: string) => {
      lookups += 1
      return signingKeys.find(kid)
    },
  }
  const tokens = createTokens({ signingKeys: counting, issuer: ISSUER, now: () => START, observe: UNOBSERVED })
  const token = await tokens.mint(CLAIMS)
  const callers = [await tokens.verify(token), await tokens.verify(token), await tokens.verify(token)]
  t.equal(lookups, 1)
  t.equal(new Set(callers).size, 1)
  await t.rejects(tokens.verify(`${token}A`), INVALID, 'and not that of a longer one')
})

t.test('a retired key takes its tokens along at once', async (t) => {
  const { signingKeys, tokens, kid } = await setUp(t)
  const token = await tokens.mint(CLAIMS)
  await tokens.verify(token)
  await signingKeys.retire(kid)
  await t.rejects(tokens.verify(token), INVALID)
  await t.resolves(tokens.verify(await tokens.mint(CLAIMS)), 'new ones are signed with another key')
})

t.test('a token that is being checked when its key is retired is not remembered', async (t) => {
  const { signingKeys, kid } = await setUp(t)
  let retireMeanwhile = true
  const slow = {
    ...signingKeys,
    find: async (asked: string) => {
      const found = await signingKeys.find(asked)
      if (retireMeanwhile) {
        retireMeanwhile = false
        await signingKeys.retire(kid)
      }
      return found
    },
  }
  const tokens = createTokens({ signingKeys: slow, issuer: ISSUER, now: () => START, observe: UNOBSERVED })
  const token = await tokens.mint(CLAIMS)
  await tokens.verify(token).catch(() => undefined)
  await t.rejects(tokens.verify(token), INVALID)
})

t.test('two tokens of one session are told apart', async (t) => {
  const { tokens } = await setUp(t)
  const [a, b] = [await tokens.verify(await tokens.mint(CLAIMS)), await tokens.verify(await tokens.mint(CLAIMS))]
  t.not(a.credentialId, b.credentialId)
})

t.test('a token from a replica whose clock is a little ahead is taken, one from the future is not', async (t) => {
  const { tokens, sign } = await setUp(t)
  await t.resolves(tokens.verify(await sign({ ...PAYLOAD, iat: START_S + 5 })))
  await t.rejects(tokens.verify(await sign({ ...PAYLOAD, iat: START_S + 6 })), INVALID)
})

t.test('a token that has ended says so, and one that never was good does not', async (t) => {
  const { tokens, sign } = await setUp(t)
  const ended = await sign({ ...PAYLOAD, iat: START_S - 900, exp: START_S - 1 })
  const errorOf = async (token: string) => tokens.verify(token).catch((error: unknown) => error)
  t.ok((await errorOf(ended)) instanceof ExpiredCredential)
  t.notOk((await errorOf(await sign({ ...PAYLOAD, sid: 1 }))) instanceof ExpiredCredential)
})

t.test('a token names its user only if it was minted with one', async (t) => {
  const { tokens } = await setUp(t)
  const claimsIn = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())
  t.equal(claimsIn(await tokens.mint({ ...CLAIMS, subject: 'user-42' })).sub, 'user-42')
  t.notOk('sub' in claimsIn(await tokens.mint(CLAIMS)))
})

t.test('each token that is minted is told, and one that is too long is not', async (t) => {
  const { signingKeys } = await setUp(t)
  const told: string[] = []
  const observe = { minted: (kind: string) => void told.push(kind) }
  const tokens = createTokens({ signingKeys, issuer: ISSUER, now: () => START, observe })
  await tokens.mint(CLAIMS)
  t.same(told, ['token'])
  await t.rejects(tokens.mint({ ...CLAIMS, subject: 's'.repeat(9000) }), {
    code: 'limit_exceeded',
    extras: { limit: 8192 },
  })
  t.same(told, ['token'])
})

t.test('a token that is longer than any of ours is refused before anything is computed', async (t) => {
  const { signingKeys } = await setUp(t)
  let lookups = 0
  const counting = {
    ...signingKeys,
    find: async () => {
      lookups += 1
      return undefined
    },
  }
  const tokens = createTokens({ signingKeys: counting, issuer: ISSUER, now: () => START, observe: UNOBSERVED })
  const header = encode({ alg: 'EdDSA', typ: 'coatcheck+jwt', kid: 'k' })
  const ofLength = (length: number) => `${header}.${'A'.repeat(length - header.length - 90)}.${'A'.repeat(88)}`
  await t.rejects(tokens.verify(ofLength(8192)), INVALID)
  t.equal(lookups, 1)
  await t.rejects(tokens.verify(ofLength(8193)), INVALID)
  t.equal(lookups, 1)
})

t.test('a token holds nothing but what it has to', async (t) => {
  const { tokens } = await setUp(t)
  const [, payload] = (await tokens.mint(CLAIMS)).split('.')
  const claims = JSON.parse(Buffer.from(payload as string, 'base64url').toString())
  t.same(Object.keys(claims).sort(), Object.keys(PAYLOAD).sort())
})
