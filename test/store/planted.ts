/** Plants what a thief would look for into a store, and says that it is still there. */
import type { Test } from 'tap'
import type { Reencrypted, Store } from '../../src/store/port.ts'
import { aWrite, put, texts } from './lmdb/session.ts'

export const ONE = { namespace: 'app', id: '00112233-4455-6677-8899-aabbccddeeff' }
/** In the same partition. */
export const TWO = { namespace: 'app', id: '00112233-4455-6677-8899-aabbccddee00' }
const CODE = { namespace: 'app', partition: '76', hash: 'ab'.repeat(32) }
const REPEAT = { key: '0123456789abcdef0123456789abcdef', fingerprint: 'fedcba9876543210fedcba9876543210' }
const SUBJECT = { namespace: 'app', subject: 'planted-subject' }

/** Settings, a subject in its lists, an outcome, a hand-off and a secret, each with `planted` in it. */
export const plant = async (store: Store): Promise<void> => {
  const subject = 'planted-subject'
  await put(store, ONE, { theme: '"planted-setting"', gone: '"planted-taken"' }, { subject })
  await put(store, TWO, { long: `"planted-${'long '.repeat(2000)}"` }, { subject })
  await store.write(ONE, aWrite({ take: 'gone', remove: ['gone'], result: '"planted-result"', repeat: REPEAT }))
  const bind = { subject, newId: TWO.id }
  const handoff = { sessionId: ONE.id, life: 'AAECAwQFBgcICQoL', payload: '"planted-payload"', bind }
  await store.addHandoff(CODE, handoff, 60)
  for (const { id } of [ONE, TWO]) {
    await store.list(SUBJECT, { id, keepSeconds: 60, lifetimeSeconds: 600 })
    await store.admit(SUBJECT, { id, replaced: null, most: 9, keepSeconds: 60, lifetimeSeconds: 600, counted: [] })
  }
  await store.addSecret('signing-keys', 'a', 'planted-secret')
}

export const PLANTED: readonly (string | Buffer)[] = ['planted', Buffer.from(REPEAT.fingerprint, 'hex')]

/** The names of settings are not encrypted: a search that does not find them finds nothing at all. */
export const NOT_HIDDEN = 'theme'

/** Holds that all of it is there, as it was planted, but for `without`. */
export const isPlanted = async (t: Test, store: Store, without: 'nothing' | 'what lapses' = 'nothing') => {
  t.match(await store.read(ONE), { state: 'live', record: { subject: 'planted-subject' } })
  t.match(await store.read(TWO), { state: 'live', record: { subject: 'planted-subject' } })
  const { entries, next } = await store.listed(SUBJECT, { after: null, limit: 10 })
  t.same(entries.map(({ id }) => id).sort(), [TWO.id, ONE.id])
  t.equal(next, null)
  t.same((await store.secrets('signing-keys')).get('a'), 'planted-secret')
  if (without === 'what lapses') return
  t.match(await store.write(ONE, aWrite({ repeat: REPEAT })), { taken: '"planted-taken"', result: '"planted-result"' })
  t.match(await store.readHandoff(CODE), { payload: '"planted-payload"', bind: { subject: 'planted-subject' } })
}

/** Encrypts all that is there, while a writer goes on. Answers how much has been changed. */
export const reencryptAll = async (store: Store): Promise<number> => {
  let changed = 0
  for (let after: string | null = null; ; ) {
    const [part]: [Reencrypted, unknown] = await Promise.all([
      store.reencrypt(after),
      store.write(TWO, aWrite({ set: texts({ n: `${changed}` }) })),
    ])
    if (part.state === 'plain') throw new Error('The store does not encrypt.')
    changed += part.changed
    after = part.next
    if (after === null) return changed
  }
}
