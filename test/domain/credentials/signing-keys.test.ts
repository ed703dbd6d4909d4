import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  createCookieSecrets,
  fixedCookieSecrets,
  LONGEST_COOKIE_MS,
} from '../../../src/domain/credentials/cookie-secrets.ts'
import {
  createSigningKeys,
  fixedSigningKeys,
  LONGEST_TOKEN_MS,
  retireSigningKey,
  type SigningKeys,
} from '../../../src/domain/credentials/signing-keys.ts'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { type Store, StoreUnavailable } from '../../../src/store/port.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const COLLECTION = 'signing-keys'

/** A store of its own with a clock that is moved. */
const storeFor = async (t: Test): Promise<{ store: Store; elapse: (ms: number) => void }> => {
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-'))
  let now = Date.UTC(2026, 0, 1)
  const store = await openLmdbStore({ path, clock: () => now })
  t.teardown(async () => {
    await store.close()
    await rm(path, { recursive: true })
  })
  return {
    store,
    elapse: (ms) => {
      now += ms
    },
  }
}

const kids = (keys: SigningKeys): string[] =>
  keys
    .known()
    .map(({ kid }) => kid)
    .sort()

/** The keys that each signs with. */
const kidsOf = async (replicas: readonly SigningKeys[]): Promise<string[]> =>
  (await Promise.all(replicas.map((keys) => keys.current()))).map(({ kid }) => kid)

t.test('replicas that start together agree on one key', async (t) => {
  const { store } = await storeFor(t)
  const replicas = Array.from({ length: 5 }, () => createSigningKeys(store))
  await Promise.all(replicas.map((keys) => keys.refresh()))
  t.equal((await store.secrets(COLLECTION)).size, 1)
  t.equal(new Set(await kidsOf(replicas)).size, 1)
})

t.test('a replica whose time is behind takes the first key as it is', async (t) => {
  const { store } = await storeFor(t)
  const first = createSigningKeys(store)
  await first.refresh()
  const behind = createSigningKeys({ ...store, now: () => store.now() - 1000 })
  await behind.refresh()
  t.same(kids(behind), kids(first))
  t.equal((await behind.current()).kid, (await first.current()).kid)
})

t.test('without a key from the store nothing is signed; as soon as it is there, signing goes on', async (t) => {
  const { store } = await storeFor(t)
  let isAway = true
  const secrets: Store['secrets'] = async (collection) => {
    if (isAway) throw new StoreUnavailable()
    return store.secrets(collection)
  }
  const keys = createSigningKeys({ ...store, secrets })
  await t.rejects(keys.refresh(), { name: 'StoreUnavailable' })
  await t.rejects(keys.current(), { name: 'StoreUnavailable' })
  isAway = false
  t.ok((await keys.current()).kid)
})

t.test('the next key is published an hour before it signs', async (t) => {
  const { store, elapse } = await storeFor(t)
  const keys = createSigningKeys(store)
  await keys.refresh()
  const { kid } = await keys.current()

  elapse(30 * DAY_MS - 2 * HOUR_MS)
  await keys.refresh()
  t.equal(keys.known().length, 1, 'not earlier')
  elapse(HOUR_MS)
  await keys.refresh()
  t.equal(keys.known().length, 2)
  t.equal((await keys.current()).kid, kid)
  elapse(HOUR_MS - 1)
  await keys.refresh()
  t.equal((await keys.current()).kid, kid, 'up to the last millisecond')
  elapse(1)
  t.not((await keys.current()).kid, kid)
  await keys.refresh()
  t.equal(keys.known().length, 2, 'and it is the only one')
})

t.test('replicas that rotate together agree on the next key', async (t) => {
  const { store, elapse } = await storeFor(t)
  const replicas = [createSigningKeys(store), createSigningKeys(store), createSigningKeys(store)]
  await Promise.all(replicas.map((keys) => keys.refresh()))
  elapse(30 * DAY_MS)
  await Promise.all(replicas.map((keys) => keys.refresh()))
  t.equal((await store.secrets(COLLECTION)).size, 2)
  elapse(HOUR_MS)
  t.equal(new Set(await kidsOf(replicas)).size, 1)
})

t.test('a key stays published until the longest token that it signed has ended, and then goes', async (t) => {
  const { store, elapse } = await storeFor(t)
  const keys = createSigningKeys(store)
  await keys.refresh()
  const { kid } = await keys.current()
  elapse(30 * DAY_MS - HOUR_MS)
  await keys.refresh()
  elapse(HOUR_MS - 1)
  t.equal((await keys.current()).kid, kid, 'it signs to the end')

  elapse(LONGEST_TOKEN_MS + HOUR_MS)
  await keys.refresh()
  await keys.refresh()
  t.ok(await keys.find(kid), 'its last token has not ended')
  elapse(1)
  await keys.refresh()
  await keys.refresh()
  t.notOk(kids(keys).includes(kid))
  t.equal((await store.secrets(COLLECTION)).size, 1, 'and nobody has put it back')
})

t.test('a retired key is gone on every replica, is replaced, and is never put back', async (t) => {
  const { store } = await storeFor(t)
  const [a, b] = [createSigningKeys(store), createSigningKeys(store)]
  await a.refresh()
  await b.refresh()
  const { kid } = await b.current()
  t.equal((await a.current()).kid, kid, 'both have signed with it')

  t.equal(await a.retire(kid), true)
  t.equal(await a.find(kid), undefined)
  t.not((await a.current()).kid, kid, 'another one signs at once')
  await b.refresh()
  t.equal(await b.find(kid), undefined)
  await a.refresh()
  t.same(kids(a), kids(b))
  t.equal((await b.current()).kid, (await a.current()).kid)
  t.equal(await a.retire(kid), false, 'it is retired once')
  t.notOk([...(await store.secrets(COLLECTION)).values()].some((text) => text.includes(kid) && text.includes('"d"')))
})

t.test('a reading that a retirement has overtaken brings nothing back', async (t) => {
  const { store } = await storeFor(t)
  let hold: Promise<void> | undefined
  const keys = createSigningKeys({
    ...store,
    secrets: async (collection) => {
      const held = hold
      const found = await store.secrets(collection)
      await held
      return found
    },
  })
  await keys.refresh()
  const { kid } = await keys.current()
  let release = (): void => {}
  hold = new Promise((resolve) => {
    release = resolve
  })
  const late = keys.find('unknown')
  hold = undefined
  await keys.retire(kid)
  release()
  await late
  t.equal(await keys.find(kid), undefined)
})

t.test('a key that the store has lost is put back by whoever has signed with it', async (t) => {
  const { store } = await storeFor(t)
  const [signer, idle] = [createSigningKeys(store), createSigningKeys(store)]
  await signer.refresh()
  await idle.refresh()
  const { kid } = await signer.current()
  for (const place of (await store.secrets(COLLECTION)).keys()) await store.removeSecret(COLLECTION, place)

  await idle.refresh()
  t.notOk(kids(idle).includes(kid), 'who has not signed makes another one')
  await signer.refresh()
  t.ok(kids(signer).includes(kid))
  await idle.refresh()
  t.same(kids(idle), kids(signer))
})

t.test('a listener is told of another set of keys, and of nothing else', async (t) => {
  const { store } = await storeFor(t)
  const keys = createSigningKeys(store)
  let told = 0
  keys.onChange(() => {
    told += 1
  })
  await keys.refresh()
  t.equal(told, 1)
  await keys.refresh()
  t.equal(told, 1)
  await keys.retire((await keys.current()).kid)
  t.ok(told > 1)
})

t.test('a key is retired at the request of whoever may, and only one that is there', async (t) => {
  const { store } = await storeFor(t)
  const keys = createSigningKeys(store)
  await keys.refresh()
  const { kid } = await keys.current()
  await t.rejects(retireSigningKey(keys, 'unknown'), { code: 'signing_key_not_found' })
  await retireSigningKey(keys, kid)
  t.notOk(kids(keys).includes(kid))
  await t.rejects(retireSigningKey(keys, kid), { code: 'signing_key_not_found' })
  await t.rejects(retireSigningKey(await fixedSigningKeys([]), kid), { code: 'signing_keys_fixed' })
})

t.test('keys that a replica has not signed with may go without it', async (t) => {
  const { store, elapse } = await storeFor(t)
  const keys = createSigningKeys(store)
  t.notOk(keys.isFixed)
  await keys.refresh()
  const [first] = kids(keys)
  elapse(30 * DAY_MS - HOUR_MS)
  await keys.refresh()
  const [next] = kids(keys).filter((kid) => kid !== first)
  for (const [place, text] of await store.secrets(COLLECTION))
    if (text.includes(next as string)) await store.removeSecret(COLLECTION, place)
  await keys.refresh()
  t.notOk(kids(keys).includes(next as string), 'it makes another one')
  t.equal(kids(keys).length, 2)
})

t.test('the store is asked for an unknown key once a second at most', async (t) => {
  const { store } = await storeFor(t)
  let asked = 0
  const keys = createSigningKeys({
    ...store,
    secrets: (collection) => {
      asked += 1
      return store.secrets(collection)
    },
  })
  await keys.refresh()
  await keys.current()
  const before = asked
  await Promise.all([keys.find('a'), keys.find('b'), keys.find('c')])
  await keys.find('d')
  t.equal(asked, before + 1)
})

t.test('a key that is known is not loaded anew, and a listener hears when one is exchanged for another', async (t) => {
  const { store } = await storeFor(t)
  const keys = createSigningKeys(store)
  await keys.refresh()
  const [key] = keys.known()
  await keys.refresh()
  t.equal(keys.known()[0], key)

  let told = 0
  keys.onChange(() => {
    told += 1
  })
  for (const place of (await store.secrets(COLLECTION)).keys()) await store.removeSecret(COLLECTION, place)
  await createSigningKeys(store).refresh()
  await keys.refresh()
  t.equal(told, 1, 'there is one key as before, and it is another one')
})

t.test('a key that was signed with, and is there, is not put there again', async (t) => {
  const { store } = await storeFor(t)
  const keys = createSigningKeys(store)
  await keys.current()
  await keys.refresh()
  await keys.current()
  await keys.refresh()
  t.equal((await store.secrets(COLLECTION)).size, 1)
})

t.test('no published key has a private member', async (t) => {
  const { store } = await storeFor(t)
  const keys = createSigningKeys(store)
  await keys.refresh()
  t.same(Object.keys(keys.known()[0]?.publicJwk ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
})

t.test('of keys from a file the first signs and all verify', async (t) => {
  const { store } = await storeFor(t)
  const made = createSigningKeys(store)
  await made.refresh()
  const [text] = (await store.secrets(COLLECTION)).values()
  const { key: jwk } = JSON.parse(text as string)
  const keys = await fixedSigningKeys([
    { ...jwk, kid: 'new' },
    { ...jwk, kid: 'old' },
  ])
  t.equal((await keys.current()).kid, 'new')
  t.ok(await keys.find('old'))
  t.equal(await keys.find('other'), undefined)
})

t.test(
  'a key that is not known is asked for, though no oftener than every second; a store that is away is said to be',
  async (t) => {
    const { store } = await storeFor(t)
    let isAway = false
    let asked = 0
    const secrets: Store['secrets'] = async (collection) => {
      asked += 1
      if (isAway) throw new StoreUnavailable()
      return store.secrets(collection)
    }
    const [a, b] = [createSigningKeys(store), createSigningKeys({ ...store, secrets })]
    await a.refresh()
    const { kid } = await a.current()
    isAway = true
    for (let time = 0; time < 2; time++) await t.rejects(b.find(kid), { name: 'StoreUnavailable' }, 'which is no "no"')
    isAway = false
    t.equal((await b.find(kid))?.kid, kid)
    asked = 0
    for (const unknown of ['x', 'y', '../z']) t.equal(await b.find(unknown), undefined)
    t.equal(asked, 0, 'that was less than a second ago')
  },
)

t.test('what is signed is kept for days, and no shorter than what it signed may live', async (t) => {
  t.equal(LONGEST_TOKEN_MS, DAY_MS)
  t.equal(LONGEST_COOKIE_MS, 400 * DAY_MS)
})

t.test('cookie secrets are 32 random bytes, shared, and kept apart from signing keys', async (t) => {
  const { store } = await storeFor(t)
  const replicas = [createCookieSecrets(store), createCookieSecrets(store)] as const
  await Promise.all([createSigningKeys(store).refresh(), ...replicas.map((one) => one.refresh())])
  const [one, other] = await Promise.all(replicas.map((secrets) => secrets.current()))
  t.equal(one?.secret, other?.secret)
  t.equal(Buffer.from(one?.secret ?? '', 'base64url').length, 32)
  const stored = [...(await store.secrets('cookie-secrets')).values()].map((text) => JSON.parse(text))
  t.same(stored, [{ kid: one?.kid, signsFrom: one?.signsFrom, key: one?.secret }])
})

t.test('a cookie secret is kept until the longest cookie that it signed has ended, and then goes', async (t) => {
  const { store, elapse } = await storeFor(t)
  const secrets = createCookieSecrets(store)
  await secrets.refresh()
  const { kid } = await secrets.current()
  elapse(29 * DAY_MS)
  await secrets.refresh()
  t.equal(secrets.known().length, 1)
  elapse(DAY_MS - HOUR_MS)
  await secrets.refresh()
  t.equal((await secrets.current()).kid, kid, 'the next one is shared an hour before it signs')
  t.equal(secrets.known().length, 2)
  elapse(HOUR_MS)
  t.not((await secrets.current()).kid, kid)
  elapse(LONGEST_COOKIE_MS + HOUR_MS - 1)
  await secrets.refresh()
  await secrets.refresh()
  t.ok(await secrets.find(kid), 'its last cookie has not ended')
  elapse(1)
  await secrets.refresh()
  await secrets.refresh()
  t.notOk(secrets.known().some((secret) => secret.kid === kid))
})

t.test('of cookie secrets that are configured the first signs and all verify', async (t) => {
  const secrets = fixedCookieSecrets(['new', 'old'])
  t.equal((await secrets.current()).secret, 'new')
  t.same(
    secrets.known().map(({ secret }) => secret),
    ['new', 'old'],
  )
  t.ok(secrets.isFixed)
  t.equal(await secrets.retire('0'), false)
})
