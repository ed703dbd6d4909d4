/** Subjects' lists, and beside each the ids that count for its limit. */
import { idBytes } from '../layout/partition.ts'
import type { Store } from '../port.ts'
import { readAdmitted } from './answers.ts'
import { type ListNames, PLAIN_LISTS } from './keys.ts'
import type { Link } from './link.ts'
import { createListed, readListed } from './listed.ts'
import type { ScriptRunner } from './script-runner.ts'

/** More than there are. */
const ANY_NUMBER = 0xffffffff

export type SubjectLists = Pick<Store, 'list' | 'listed' | 'sampleListed' | 'unlist' | 'admit' | 'admitted' | 'dismiss'>

type Parts = { readonly link: Link; readonly run: ScriptRunner['run']; readonly names?: ListNames }

export const createSubjectLists = ({ link, run, names = PLAIN_LISTS }: Parts): SubjectLists => ({
  async list(ref, { id, keepSeconds, lifetimeSeconds }) {
    const args = { id: idBytes(id), keepMs: keepSeconds * 1000, lifetimeMs: lifetimeSeconds * 1000 }
    await run('list', [names.list(ref)], args, { by: ref.by, of: ref.namespace })
  },

  listed: createListed(link, names),

  async sampleListed(ref, count) {
    const flat = (await link.send('zrandmember', [names.list(ref), count, 'WITHSCORES'], ref.by)) as Buffer[]
    return readListed(flat)
  },

  async unlist(ref, ids) {
    if (ids.length > 0) await run('unlist', [names.list(ref)], {}, { by: ref.by, more: ids.map(idBytes) })
  },

  async admit(ref, { id, replaced, most, keepSeconds, lifetimeSeconds, counted }) {
    const args = {
      id: idBytes(id),
      replaced: replaced === null ? '' : idBytes(replaced),
      most: most ?? ANY_NUMBER,
      keepMs: keepSeconds * 1000,
      lifetimeMs: lifetimeSeconds * 1000,
      isCounted: counted === null ? 0 : 1,
    }
    const more = (counted ?? []).map(idBytes)
    return readAdmitted(await run('admit', [names.admissions(ref)], args, { by: ref.by, of: ref.namespace, more }))
  },

  async admitted(ref) {
    return readListed((await link.send('zrange', [names.admissions(ref), 0, -1, 'WITHSCORES'], ref.by)) as Buffer[])
  },

  async dismiss(ref, ids) {
    if (ids.length > 0) await link.send('zrem', [names.admissions(ref), ...ids.map(idBytes)], ref.by)
  },
})
