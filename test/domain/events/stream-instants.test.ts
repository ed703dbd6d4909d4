/** What time alone has a stream tell, on a clock that is moved: random uses put the session's end off, looks come late or fail. */
import fc from 'fast-check'
import t from 'tap'
import { atInstant, NOTHING_SAID, type Said } from '../../../src/domain/events/stream-instants.ts'

const LOOK_MS = 15_000
const EXPIRING_MS = 60_000
const RENEW_BEFORE_MS = 30_000
/** A look may come this much later than the instant that it is for. */
const SLACK_MS = 50

const pace = (jitter = 0, hasFailed = false) => ({ expiringMs: EXPIRING_MS, lookMs: LOOK_MS, jitter, hasFailed })

const NO_CLOCKS = { session: null, keepsInUse: false, credentialEndsAt: null }

t.test('each instant is told once and in time, and the next look is neither passed nor too far', async (t) => {
  const counts = { expiring: 0, renew: 0, unauthorized: 0 }
  const look = fc.record({
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    lateMs: fc.constantFrom(0, 0, 0, 1, 40, 700),
    hasFailed: fc.constantFrom(false, false, false, true),
    isUsed: fc.constantFrom(false, false, false, false, false, true),
  })
  const stream = fc.record({
    idleMs: fc.integer({ min: 1000, max: 200_000 }),
    lifetimeMs: fc.integer({ min: 1000, max: 300_000 }),
    credentialMs: fc.option(fc.integer({ min: 0, max: 300_000 })),
    keepsInUse: fc.boolean(),
    hasSession: fc.constantFrom(true, true, true, false),
    looks: fc.array(look, { minLength: 50, maxLength: 50 }),
  })
  fc.assert(
    fc.property(stream, ({ idleMs, lifetimeMs, credentialMs, keepsInUse, hasSession, looks }) => {
      const start = 1_800_000_000_000
      let now = start
      let said: Said = NOTHING_SAID
      let lateMs = 0
      const endsAt = start + lifetimeMs
      let expiresAt = Math.min(endsAt, start + idleMs)
      const credentialEndsAt = credentialMs === null ? null : start + credentialMs
      /** When each thing was to be told at the earliest, as far as it was known then. */
      let expiringDue = Math.max(start, expiresAt - EXPIRING_MS)
      const told = new Set<string>()

      for (const { jitter, lateMs: nextLateMs, hasFailed, isUsed } of looks) {
        if (isUsed || keepsInUse) {
          const later = Math.min(endsAt, now + idleMs)
          if (later !== expiresAt) expiringDue = Math.max(now, later - EXPIRING_MS)
          expiresAt = later
        }
        if (hasSession && expiresAt <= now) return
        const session = hasSession ? { expiresAt, endsAt } : null
        const is = atInstant(said, { now, session, keepsInUse, credentialEndsAt }, pace(jitter, hasFailed))
        said = is.said
        for (const event of is.events) {
          counts[event.event] += 1
          const name = event.event === 'unauthorized' ? event.event : `${event.event} ${event.expiresAt}`
          if (told.has(name)) throw new Error(`${name} was told twice.`)
          told.add(name)
          const due = {
            expiring: expiringDue,
            renew: Math.max(start, (credentialEndsAt ?? 0) - RENEW_BEFORE_MS),
            unauthorized: credentialEndsAt ?? 0,
          }[event.event]
          if (now < due) throw new Error(`${name} was told too early.`)
          if (now > due + SLACK_MS + lateMs) throw new Error(`${name} was told ${now - due} ms too late.`)
          if (event.event === 'expiring' && (event.expiresAt !== expiresAt || (keepsInUse && expiresAt < endsAt))) {
            throw new Error('It tells of an end that will not come.')
          }
        }
        if (credentialEndsAt !== null && credentialEndsAt <= now) {
          if (!told.has('unauthorized') || is.events.length !== 1) throw new Error('It must be the last.')
          return
        }
        const isNear = session !== null && expiresAt - EXPIRING_MS <= now && !(keepsInUse && expiresAt < endsAt)
        if (isNear && !told.has(`expiring ${expiresAt}`)) throw new Error('It was not told that the session ends soon.')
        const mustRenew = credentialEndsAt !== null && credentialEndsAt - RENEW_BEFORE_MS <= now
        if (mustRenew && !told.has(`renew ${credentialEndsAt}`)) throw new Error('It was not told to renew.')
        if (!(is.lookInMs > 0 && is.lookInMs <= LOOK_MS)) throw new Error(`It looks in ${is.lookInMs} ms.`)
        if (keepsInUse && hasSession && expiresAt < endsAt && is.lookInMs > (expiresAt - now) / 2 + SLACK_MS) {
          throw new Error('It looks too late to keep the session in use.')
        }
        if (hasFailed && is.lookInMs > 1500) throw new Error('After a failure it looks soon.')
        lateMs = nextLateMs
        now = Math.ceil(now + is.lookInMs + lateMs)
      }
    }),
    { numRuns: 3000, endOnFailure: true },
  )
  for (const [name, count] of Object.entries(counts)) t.ok(count > 300, `${name}: more than 300 times, ${count}`)
})

t.test('streams that began together look at different times', async (t) => {
  const looks = [0, 0.5, 1].map((jitter) => atInstant(NOTHING_SAID, { now: 0, ...NO_CLOCKS }, pace(jitter)).lookInMs)
  t.strictSame(looks, [15_000, 14_250, 13_500])
  const again = [0, 0.5, 1].map(
    (jitter) => atInstant(NOTHING_SAID, { now: 0, ...NO_CLOCKS }, pace(jitter, true)).lookInMs,
  )
  t.strictSame(again, [500, 1000, 1500])
})

t.test('an end that has passed, as the store is away, is not told to be near, nor looked at in a hurry', async (t) => {
  const session = { expiresAt: 1000, endsAt: 9000 }
  const is = atInstant(NOTHING_SAID, { now: 2000, ...NO_CLOCKS, session }, pace())
  t.strictSame(is, { events: [], said: NOTHING_SAID, lookInMs: LOOK_MS })
})
