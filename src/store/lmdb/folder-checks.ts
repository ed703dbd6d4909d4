/** What is wrong with the folder of a store and with its disk: `/readyz` and the doctor tell the same. */
import { statfs } from 'node:fs/promises'
import type { Finding } from '../finding.ts'
import { isOpenToOthers } from './folder.ts'
import type { Room } from './space.ts'

/** A clock that is behind by less than this was only corrected. */
const BEHIND_MS = 5000

const mebibytes = (bytes: number): number => Math.floor(bytes / (1024 * 1024))

export const spaceFinding = (where: string, { freeBytes, isLow }: Room, reserveBytes: number): Finding[] => {
  if (!isLow && freeBytes >= 2 * reserveBytes) return []
  const free = `${mebibytes(freeBytes)} MiB of the disk are free`
  const reserve = mebibytes(reserveBytes)
  const found = isLow
    ? `${free}, less than the reserve of ${reserve}: writes that grow are refused.`
    : `${free}. Below ${reserve} writes that grow will be refused.`
  return [{ check: 'disk-space', level: 'harms', where, found, todo: 'Give the disk room.' }]
}

/** `ms`: how far this machine's clock is behind the last time that was stored. */
export const behindFinding = (where: string, ms: number): Finding[] => {
  if (ms <= BEHIND_MS) return []
  const found = `The clock is ${Math.ceil(ms / 1000)} s behind the last time that was stored: until it has caught up nothing expires.`
  return [{ check: 'machine-clock', level: 'harms', where, found, todo: 'Set the clock of this machine by NTP.' }]
}

/** As statfs(2) names them on Linux. */
const NETWORK_DISKS: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  16914839: '9p',
  12805120: 'Ceph',
  1937076805: 'Coda',
  198183888: 'Lustre',
  1196443219: 'GPFS',
}
const TMPFS = 0x01021994
const OVERLAY = 0x794c7630

/** Other systems than Linux number their file systems otherwise. */
const diskFindings = async (folder: string): Promise<Finding[]> => {
  if (process.platform !== 'linux') return []
  const { type } = await statfs(folder)
  const unsigned = type >>> 0
  const finding = (check: string, level: Finding['level'], found: string, todo: string): Finding[] => [
    { check, level, where: folder, found, todo },
  ]
  const network = NETWORK_DISKS[unsigned]
  if (network !== undefined) {
    const found = `The folder is on a network drive (${network}): LMDB may lose or mix up what is written there.`
    return finding('network-disk', 'harms', found, 'Take a folder on a local disk, or a Redis.')
  }
  if (unsigned === TMPFS) {
    const found = 'The folder is in memory (tmpfs): all sessions are lost with a restart of the machine.'
    return finding('memory-disk', 'harms', found, 'Take a folder on a disk.')
  }
  if (unsigned === OVERLAY) {
    const found = 'The folder is in the layer of a container: all sessions are lost with the container.'
    return finding('container-disk', 'note', found, 'Mount a volume there, unless the folder is to be thrown away.')
  }
  return []
}

/** The folder has to be there. */
export const folderFindings = async (folder: string): Promise<Finding[]> => {
  const findings = await diskFindings(folder)
  if (!isOpenToOthers(folder)) return findings
  const found = `Others may enter the folder ${folder}.`
  const todo = 'chmod it to 0700; its files are closed to them in any case.'
  return [...findings, { check: 'folder-open', level: 'harms', where: folder, found, todo }]
}
