/** How streams end, and what is told before: of the session, of the credential, of the service. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { allAtOnce } from '../helpers/app.ts'
import { eventsOf, listen, type Reader } from '../helpers/events.ts'
import { ALL, KEY, onEachStore, PAGE, startService } from '../helpers/token-app.ts'
import { until } from '../helpers/until.ts'

const BROWSERS = { app: { keys: ALL, origins: [PAGE] } }

/** That the stream ends with this event. */
const endsWith = async (t: Test, reader: Reader, event: string, data: object): Promise<void> => {
  t.strictSame(await reader.nextOf(event), data, `${event} ${JSON.stringify(data)}`)
  await reader.end()
  t.equal(reader.events.at(-1)?.event, event, 'and nothing after')
}

onEachStore(
  t,
  async (t, { service, another, store }) => {
    const { begin, mint, exchange } = service
    const watch = await listen(service)
    const send = async (method: string, path: string, body?: unknown) => {
      const { status, json } = await another.call(KEY, method, path, body)
      if (status >= 300) throw new Error(`${method} ${path} was answered ${status}.`)
      return json
    }
    const opened = async (credential: Parameters<typeof watch>[0], path: string): Promise<Reader> => {
      const reader = await watch(credential, path)
      await reader.nextOf('snapshot')
      return reader
    }

    t.test('an end by a call is told at once, with its reason, to all who watch', async (t) => {
      const subject = `user-${randomUUID()}`
      const ends: [reason: string, id: string, end: (id: string) => Promise<unknown>][] = [
        ['deleted', await begin(), (id) => send('DELETE', `/v1/sessions/${id}`)],
        ['rotated', await begin(), (id) => send('POST', `/v1/sessions/${id}/rotate`)],
        ['revoked', await begin({}, { subject }), () => send('DELETE', `/v1/subjects/${subject}/sessions`)],
      ]
      for (const [reason, id, end] of ends) {
        const token = await mint(id, { scope: 'events cookie', keys: ALL })
        const readers = [await opened(KEY, eventsOf(id)), await opened(token, eventsOf('current'))]
        readers.push(await opened(await exchange(token), eventsOf('current')))
        await end(id)
        for (const reader of readers) await endsWith(t, reader, 'ended', { reason })
      }
    })

    t.test('revoked tokens end their streams at once, the session lives on', async (t) => {
      const id = await begin()
      const token = await mint(id, { scope: 'events cookie' })
      const readers = [await opened(token, eventsOf(id)), await opened(await exchange(token), eventsOf(id))]
      const own = await opened(KEY, eventsOf(id))
      await send('DELETE', `/v1/sessions/${id}/tokens`)
      for (const reader of readers) await endsWith(t, reader, 'unauthorized', { reason: 'revoked' })
      await send('PATCH', `/v1/sessions/${id}/settings`, { a: 1 })
      t.equal((await own.next()).event, 'change')
      own.close()
    })

    t.test('by the clocks', async (t) => {
      const looking = await startService(store, { lookMs: 300, expiringSeconds: 1, browsers: BROWSERS })
      t.teardown(() => looking.close())
      const watchClosely = await listen(looking)
      let sweeping = true
      const sweeps = (async () => {
        for (; sweeping; await delay(100)) await another.store.sweep()
      })()

      await allAtOnce(t, [
        [
          'idle: it was told that it was near',
          async (t) => {
            const id = await begin({ a: 1 }, { idleTimeoutSeconds: 2 })
            const reader = await watchClosely(KEY, eventsOf(id))
            await reader.nextOf('snapshot')
            const { expiresAt } = await reader.nextOf('expiring')
            t.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 1000) < 700, 'a second before')
            await endsWith(t, reader, 'ended', { reason: 'idle' })
          },
        ],
        [
          'idle: it is told again when a use has moved the end',
          async (t) => {
            const id = await begin({ a: 1 }, { idleTimeoutSeconds: 2 })
            const reader = await watchClosely(KEY, eventsOf(id))
            await reader.nextOf('snapshot')
            await reader.until(() => reader.events.some(({ event }) => event === 'expiring'), 'it is near')
            await send('POST', `/v1/sessions/${id}/touch`)
            const told = () => reader.events.filter(({ event }) => event === 'expiring')
            await reader.until(() => told().length === 2, 'it is told again')
            t.not(told()[0]?.data, told()[1]?.data)
            await reader.end()
            t.equal(told().length, 2, 'once each')
            t.match(reader.events.at(-1), { event: 'ended', data: '{"reason":"idle"}' })
          },
        ],
        [
          'lifetime',
          async (t) => {
            const id = await begin({ a: 1 }, { lifetimeSeconds: 2 })
            const readers = [await opened(KEY, eventsOf(id)), await opened(KEY, `${eventsOf(id)}?touch=true`)]
            for (const reader of readers) {
              await reader.nextOf('expiring')
              await endsWith(t, reader, 'ended', { reason: 'lifetime' })
            }
          },
        ],
        [
          'whoever watches with touch=true keeps the session in use',
          async (t) => {
            const [id, other] = [
              await begin({ a: 1 }, { idleTimeoutSeconds: 1 }),
              await begin({}, { idleTimeoutSeconds: 1 }),
            ]
            const [token, idle] = [await mint(id, { scope: 'events touch' }), await mint(other, { scope: 'events' })]
            const reader = await opened(token, `${eventsOf(id)}?touch=true`)
            const unable = await opened(idle, `${eventsOf(other)}?touch=true`)
            await unable.until(() => unable.events.some(({ event }) => event === 'ended'), 'it needs the scope touch')
            const later = await opened(KEY, eventsOf(await begin({}, { idleTimeoutSeconds: 2 })))
            await later.until(() => later.events.some(({ event }) => event === 'ended'), 'twice its time is over')
            t.notOk(reader.isOver())
            t.notOk(
              reader.events.some(({ event }) => event === 'expiring'),
              'and nobody is warned',
            )
            reader.close()
            await until(
              async () => (await another.call(KEY, 'GET', `/v1/sessions/${id}?touch=false`)).status === 404,
              'it ends when nobody watches',
            )
          },
        ],
        [
          'a token: renew before its end, unauthorized at its end',
          async (t) => {
            const id = await begin({ a: 1 })
            const reader = await opened(await mint(id, { scope: 'events', expiresInSeconds: 2 }), eventsOf(id))
            const { expiresAt } = await reader.nextOf('renew')
            t.ok(Date.parse(expiresAt) - Date.now() < 2500)
            await endsWith(t, reader, 'unauthorized', { reason: 'expired' })
            t.ok(Math.abs(Date.now() - Date.parse(expiresAt)) < 1000)
          },
        ],
        [
          'nothing happens: a comment keeps the connection open',
          async (t) => {
            const id = await begin({ a: 1 })
            const reader = await watchClosely(KEY, eventsOf(id))
            await reader.until(() => reader.comments.length > 2, 'comments')
            t.equal(reader.events.length, 1)
            reader.close()
          },
        ],
      ])
      sweeping = false
      await sweeps

      await t.test('a token of a signing key that was retired, at the next look', async (t) => {
        const id = await begin({ a: 1 })
        const reader = await watchClosely(await mint(id, { scope: 'events' }), eventsOf(id))
        await reader.nextOf('snapshot')
        const [kid] = looking.signingKeys.known().map((key) => key.kid)
        await send('DELETE', `/v1/signing-keys/${kid}`)
        await looking.signingKeys.refresh()
        await endsWith(t, reader, 'unauthorized', { reason: 'revoked' })
      })
    })

    t.test('a service that stops ends its streams, and tells them to come back at different times', async (t) => {
      const [id, full] = [await begin({ a: 1 }), await begin()]
      const stopping = await startService(store)
      const watchIt = await listen(stopping)
      const readers = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          watchIt(KEY, i < 30 ? eventsOf(id) : i < 40 ? '/v1/events' : eventsOf(randomUUID())),
        ),
      )
      for (const reader of readers) await reader.next()
      const asked = once(stopping.app.server, 'request')
      const lazy = await watchIt(KEY, eventsOf(full))
      const answer = (await asked)[1] as ServerResponse
      lazy.pause()
      for (let n = 0; answer.writableLength < 100_000; n++) {
        await send('PATCH', `/v1/sessions/${full}/settings`, { long: `${n}${'x'.repeat(60_000)}` })
      }
      await send('DELETE', `/v1/sessions/${full}`)
      await until(() => answer.destroyed, 'an end is not held up by who does not read')
      const began = performance.now()
      await stopping.close()
      t.ok(performance.now() - began < 10_000)
      for (const reader of readers) await reader.end()
      const retries = readers.map((reader) => reader.retries.at(-1))
      t.ok(retries.every((ms) => ms !== undefined && ms >= 1000 && ms <= 5000))
      t.ok(new Set(retries).size > 20)
      lazy.close()
    })
  },
  { browsers: BROWSERS },
)
