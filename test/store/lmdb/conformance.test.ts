/** The conformance suite on LMDB, in a folder of its own, with a clock that stands still until it is moved. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openLmdbStore } from '../../../src/store/lmdb/store.ts'
import { conformance } from '../../conformance/index.ts'

t.test('LMDB', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-lmdb-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  let now = Date.now()
  await conformance(t, {
    open: () => openLmdbStore({ path, clock: () => now }),
    elapse: async (ms) => {
      now += ms
    },
    replicas: 1,
  })
})
