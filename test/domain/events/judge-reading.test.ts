/** What a reading means for a stream: each way in which a session can be found, for each kind of credential. */
import t from 'tap'
import { apiKeyCaller, type SessionCaller } from '../../../src/domain/credentials/caller.ts'
import { judgeReading, unauthorized } from '../../../src/domain/events/judge-reading.ts'
import type { Gone, Live, SessionRecord } from '../../../src/store/port.ts'

const NOW = 1_800_000_000_000
const SERVICE = apiKeyCaller({
  namespace: 'app',
  name: 'app',
  hash: Buffer.alloc(32),
  permissions: ['events'],
} as never)
const TOKEN = { kind: 'session', expiresAt: NOW + 1 } as SessionCaller

const record = { revision: 3, tag: 'AAAAAAAA', expiresAt: NOW - 1, endsAt: NOW + 60_000 } as SessionRecord
const young = { ...record, expiresAt: NOW + 1000 }
const old = { ...record, endsAt: NOW + 50 }
const live = { state: 'live', record, settings: new Map([['a', '1']]) } as unknown as Live
const gone = { state: 'gone', reason: 'rotated' } as Gone
const missing = { state: 'missing' } as const
const revoked = { state: 'refused', why: 'gen' } as const
const anotherLife = { state: 'refused', why: 'life' } as const

const ended = (reason: string) => ({ event: 'ended', reason })
const over = (reason: string) => ({ event: 'unauthorized', reason })

t.test('of a session that is there it shows the version', async (t) => {
  for (const caller of [SERVICE, TOKEN]) {
    const { settings } = live
    t.strictSame(judgeReading(caller, live, null, NOW), { version: { revision: 3, tag: 'AAAAAAAA' }, settings, record })
  }
})

t.test('of one that is not, why the stream ends', async (t) => {
  for (const [caller, found, known, event] of [
    [SERVICE, gone, null, ended('rotated')],
    [TOKEN, gone, record, ended('rotated')],
    [TOKEN, revoked, record, over('revoked')],
    [TOKEN, revoked, null, over('revoked')],
    [TOKEN, missing, record, ended('idle')],
    [SERVICE, missing, record, ended('idle')],
    [SERVICE, missing, old, ended('lifetime')],
    [SERVICE, missing, young, ended('lost')],
    [TOKEN, missing, young, ended('lost')],
    [TOKEN, anotherLife, young, ended('lost')],
    [TOKEN, anotherLife, record, ended('idle')],
    [TOKEN, anotherLife, old, ended('lifetime')],
    [TOKEN, anotherLife, null, over('expired')],
    [TOKEN, missing, null, over('expired')],
  ] as const) {
    const name = `${caller.kind}: ${found.state}, known: ${known !== null}`
    t.strictSame(judgeReading(caller, found, known, NOW), event, name)
  }
})

t.test('a service may watch a session that is missing', async (t) => {
  const nothing = { version: { revision: 0, tag: '' }, settings: new Map(), record: null }
  t.strictSame(judgeReading(SERVICE, missing, null, NOW), nothing)
})

t.test('a credential that is no longer taken has expired, or somebody has revoked it', async (t) => {
  t.strictSame(unauthorized(TOKEN, NOW), over('revoked'))
  t.strictSame(unauthorized(TOKEN, NOW + 1), over('expired'))
  t.strictSame(unauthorized(SERVICE, NOW), over('revoked'))
})
