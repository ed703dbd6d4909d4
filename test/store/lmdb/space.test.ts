/** The disk is measured only now and then, and yet no write goes below the reserve. */
import t from 'tap'
import { createSpace } from '../../../src/store/lmdb/space.ts'

const MEBIBYTE = 1024 * 1024

/** A disk of 100 MiB with a reserve of 50, and how often it was measured. A measurement holds as long as a test runs. */
const newDisk = () => {
  const disk = { freeBytes: 100 * MEBIBYTE, measured: 0 }
  const space = createSpace({
    folder: '.',
    reserveBytes: 50 * MEBIBYTE,
    freeBytes: () => {
      disk.measured += 1
      return disk.freeBytes
    },
    freshMs: 600_000,
    reusableBytes: () => 0,
  })
  return { disk, space }
}

t.test('many small writes share one measurement', async (t) => {
  const { disk, space } = newDisk()
  for (let n = 0; n < 100; n++) t.notOk(await space.isLowFor(1000))
  t.equal(disk.measured, 1)
})

t.test('what was let through since a measurement is counted off', async (t) => {
  const { disk, space } = newDisk()
  let written = 0
  while (!(await space.isLowFor(MEBIBYTE))) {
    written += MEBIBYTE
    disk.freeBytes -= MEBIBYTE
    if (written > 60 * MEBIBYTE) break
  }
  t.ok(written > 40 * MEBIBYTE, `${written} bytes were let through`)
  t.ok(disk.freeBytes >= 49 * MEBIBYTE, `${disk.freeBytes} bytes are left`)
  t.ok(disk.measured < 10, `it was measured ${disk.measured} times`)
})

t.test('after a commit that failed the disk is measured again', async (t) => {
  const { disk, space } = newDisk()
  await space.isLowFor(0)
  disk.freeBytes = 0
  t.notOk(await space.isLowFor(0), 'a measurement holds')
  space.doubt()
  t.ok(await space.isLowFor(0))
})
