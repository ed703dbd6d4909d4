/**
 * Inspects `data.mdb` before LMDB opens it. LMDB maps the file and trusts it: a file that is not LMDB's, or that a broken
 * copy has cut short, kills the process by a signal and without a message. So this reads the two meta pages first (the
 * format of LMDB's data version 2, as 64-bit little-endian machines write it), and compares the file's length with its
 * last page. A file that is too short need not be damaged, since free pages may never have been written.
 *
 *     of each meta page:  18  2  flags; 8 marks a meta page     28  4  version     144  8  last page
 *                         24  4  magic                          48  4  page size   152  8  transaction
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'

const META_FLAG = 8
const MAGIC = 0xbeefc0de
const VERSION = 2
const META_BYTES = 160

/**
 * How long the file is, and how long it would be with all the pages that its meta pages count, in bytes. Null if there is
 * no file, or an empty one, as an interrupted first start leaves it. `r+` also makes sure that it may be written. Throws an Error that says how the file is damaged.
 */
export const inspectDataFile = (file: string, flags: 'r' | 'r+' = 'r+'): { length: number; whole: number } | null => {
  let fd: number
  try {
    fd = openSync(file, flags)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const length = fstatSync(fd).size
    if (length === 0) return null
    if (endianness() !== 'LE') return { length, whole: length }
    const first = readMeta(fd, 0)
    const second = readMeta(fd, first.pageBytes)
    const latest = first.transaction >= second.transaction ? first : second
    return { length, whole: (latest.lastPage + 1) * latest.pageBytes }
  } finally {
    closeSync(fd)
  }
}

const readMeta = (fd: number, position: number) => {
  const page = Buffer.alloc(META_BYTES)
  if (readSync(fd, page, 0, META_BYTES, position) !== META_BYTES) throw new Error('it is cut short')
  const isMeta = (page.readUInt16LE(18) & META_FLAG) !== 0 && page.readUInt32LE(24) === MAGIC
  if (!isMeta) throw new Error('it is no LMDB file, or its first pages are overwritten')
  const version = page.readUInt32LE(28) & 0xffff
  if (version !== VERSION) throw new Error(`it is of LMDB's data version ${version}, not ${VERSION}`)
  const pageBytes = page.readUInt32LE(48)
  if (pageBytes < 512 || pageBytes > 65_536) throw new Error(`its pages can't have ${pageBytes} bytes`)
  return { pageBytes, lastPage: Number(page.readBigUInt64LE(144)), transaction: page.readBigUInt64LE(152) }
}
