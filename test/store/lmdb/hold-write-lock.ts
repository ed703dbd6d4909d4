/** Begins a write in the LMDB folder that is its argument, says so, and does not end it before it is killed. */
import { open } from 'lmdb'

const root = open({ path: process.argv[2] as string, noSubdir: false, overlappingSync: false })
root.transactionSync(() => {
  process.send?.('begun')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
})
