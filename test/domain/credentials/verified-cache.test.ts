/** What is remembered of a credential, and which faults of checking one pass through. */
import t from 'tap'
import type { SessionCaller } from '../../../src/domain/credentials/caller.ts'
import { ExpiredCredential } from '../../../src/domain/credentials/expired-credential.ts'
import { rememberVerified } from '../../../src/domain/credentials/verified-cache.ts'
import { CoatcheckError } from '../../../src/errors.ts'
import { StoreUnavailable } from '../../../src/store/port.ts'

const CALLER = { kind: 'session', credentialId: 'c', expiresAt: 100 } as SessionCaller

const play = (check: (credential: string) => Promise<SessionCaller> = async () => CALLER) => {
  let [now, checks, changed] = [0, 0, () => {}]
  const verify = rememberVerified({
    ring: {
      onChange: (listener) => {
        changed = listener
      },
    },
    now: () => now,
    check: (credential) => {
      checks += 1
      return check(credential)
    },
  })
  return {
    verify,
    change: () => changed(),
    checks: () => checks,
    elapse: (ms: number) => {
      now += ms
    },
  }
}

const failing = (error: unknown) => play(() => Promise.reject(error))

t.test('a credential is checked once, until what signs is another', async (t) => {
  const { verify, change, checks } = play()
  t.equal(await verify('a'), CALLER)
  t.equal(await verify('a'), CALLER)
  t.equal(checks(), 1)
  await verify('b')
  t.equal(checks(), 2, 'another credential is another')
  change()
  await verify('a')
  t.equal(checks(), 3)
})

t.test('one that is remembered ends when it says', async (t) => {
  const { verify, elapse } = play()
  await verify('a')
  elapse(99)
  t.equal(await verify('a'), CALLER)
  elapse(1)
  const error = await Promise.resolve(verify('a')).catch((error: unknown) => error)
  t.ok(error instanceof ExpiredCredential)
})

t.test('what was checked while the keys changed is not remembered, however often they did', async (t) => {
  let during = (): void => {}
  const { verify, change, checks } = play(async () => {
    during()
    return CALLER
  })
  during = change
  await verify('a')
  during = () => {}
  await verify('a')
  await verify('a')
  t.equal(checks(), 2)
})

t.test('a store that is away makes no credential a bad one, and a refusal keeps its code', async (t) => {
  const { verify } = failing(new StoreUnavailable('It is away.'))
  await t.rejects(async () => verify('a'), StoreUnavailable)
  await t.rejects(async () => failing(new CoatcheckError('session_over')).verify('a'), { code: 'session_over' })
})

t.test('whatever else goes wrong in checking is an invalid credential, and is checked anew', async (t) => {
  for (const error of [new TypeError('It is no JWT.'), 'no error at all', undefined]) {
    const { verify, checks } = failing(error)
    await t.rejects(async () => verify('a'), { code: 'invalid_credential' })
    await t.rejects(async () => verify('a'), { code: 'invalid_credential' })
    t.equal(checks(), 2)
  }
})
