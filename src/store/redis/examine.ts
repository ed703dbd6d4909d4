/**
 * Looks at a Redis for the doctor: every server that the URL names or that these name, one after the other asked what the
 * service asks, and what only an operator wants to know. It changes nothing, opens no store, and never rejects.
 */
import { X509Certificate } from 'node:crypto'
import type { Examined, Finding } from '../finding.ts'
import type { MasterKeys } from '../sealing/master-keys.ts'
import { examineTlsFiles, type TlsFiles } from '../tls-files.ts'
import { type Access, type AccessOptions, createAccess } from './access.ts'
import { examineCluster } from './examine-cluster.ts'
import { examineSentinels } from './examine-sentinels.ts'
import { certificateFinding, type Examining, examineServer, type Seen } from './examine-server.ts'

export type ExamineRedisOptions = Pick<AccessOptions, 'readUrl' | 'tlsFiles'> & {
  /** This machine's time in ms. */
  readonly clock?: () => number
  /** On how many replicas some namespaces have to be; none if left out. */
  readonly copies?: number
  readonly keys?: MasterKeys | null
}

const MACHINE_APART_MS = 5000
const SERVERS_APART_MS = 1000

const seconds = (ms: number): string => `${(Math.abs(ms) / 1000).toFixed(1)} s`

export const clockFindings = (servers: readonly Pick<Seen, 'where' | 'aheadMs'>[]): Finding[] => {
  const known = servers.flatMap(({ where, aheadMs }) => (aheadMs === undefined ? [] : [{ where, aheadMs }]))
  const findings: Finding[] = []
  const all = known.map(({ aheadMs }) => aheadMs)
  const apart = Math.max(...all) - Math.min(...all)
  if (known.length > 1 && apart > SERVERS_APART_MS) {
    const found = `The clocks of the servers of Redis differ by ${seconds(apart)}: after a fail-over sessions end too early or late.`
    findings.push({ check: 'redis-clocks', level: 'harms', where: 'Redis', found, todo: 'Set all of them by NTP.' })
  }
  const far = known.find(({ aheadMs }) => Math.abs(aheadMs) > MACHINE_APART_MS)
  if (far) {
    const found = `Its clock is ${seconds(far.aheadMs)} ${far.aheadMs > 0 ? 'ahead of' : 'behind'} this machine's, and sessions end by it.`
    const todo = 'One of them is wrong: set both by NTP.'
    findings.push({ check: 'machine-clock', level: 'harms', where: far.where, found, todo })
  }
  return findings
}

const isOfThisMachine = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)

const lineFindings = ({ target, addresses, connectionTo }: Access, servers: readonly Seen[]): Finding[] => {
  const { tls, hosts } = target
  if (tls || hosts.every(({ host }) => isOfThisMachine(host))) return []
  const where = 'COATCHECK_STORE'
  const findings: Finding[] = []
  const found = 'Redis is reached without TLS: whoever is on the way reads settings, keys and the password.'
  const todo = 'Write rediss in the URL, or keep the way within a network of your own.'
  findings.push({ check: 'redis-plain', level: 'note', where, found, todo })
  const isOpen = servers.some(({ setup }) => setup !== undefined)
  const [first] = addresses
  if (isOpen && first && connectionTo(first, 'redis').password === undefined) {
    const found = 'Redis asks for no password: whoever reaches it has all power over all sessions.'
    const todo = 'Make a user for the service, as docs/redis.md says, or let nobody else reach it.'
    findings.push({ check: 'redis-open', level: 'note', where, found, todo })
  }
  return findings
}

const ownCertificate = (files: TlsFiles | undefined, now: number): Finding[] => {
  const { cert } = examineTlsFiles(files ?? {}).texts
  return cert === undefined
    ? []
    : certificateFinding('COATCHECK_STORE_CERT_FILE', new X509Certificate(cert).validTo, now)
}

const lookAt = async (around: Examining): Promise<Examined & { readonly servers: readonly Seen[] }> => {
  const { target, addresses } = around.access
  if (target.kind === 'sentinel') return examineSentinels(around)
  if (target.kind === 'cluster') return examineCluster(around)
  const servers = await Promise.all(addresses.map((address) => examineServer(around, address, 'master')))
  return { looked: [], findings: [], servers }
}

export const examineRedis = async ({
  clock = Date.now,
  copies = 0,
  keys = null,
  ...options
}: ExamineRedisOptions): Promise<Examined> => {
  let access: Access
  try {
    access = createAccess(options)
  } catch (error) {
    const todo = 'Correct it: docs/redis.md has the forms of the URL.'
    const found = (error as Error).message
    return {
      looked: [],
      findings: [{ check: 'configuration', level: 'stops', where: 'COATCHECK_STORE', found, todo }],
    }
  }
  const { looked, findings, servers } = await lookAt({ access, clock, copies, keys })
  return {
    looked: [...looked, ...servers.map((one) => one.looked)],
    findings: [
      ...findings,
      ...servers.flatMap((one) => one.findings),
      ...clockFindings(servers),
      ...lineFindings(access, servers),
      ...ownCertificate(options.tlsFiles, clock()),
    ],
  }
}
