/** The nodes of a Cluster as the doctor sees them: those that the URL names, and all that they name. */
import type { Examined, Finding } from '../finding.ts'
import type { Address } from './access.ts'
import { type Range, readSlots } from './cluster.ts'
import { causeOf } from './connection.ts'
import { causeFinding, type Examining, examineServer, type Seen } from './examine-server.ts'
import { lookOnce } from './look-once.ts'
import { addressText } from './topology.ts'

const WITHIN_MS = 3000
const SLOTS = 16_384

const ask = ({ access }: Examining, host: Address): Promise<Range[]> =>
  lookOnce(access, host, { role: 'redis', withinMs: WITHIN_MS }, async (say) =>
    readSlots(await say('cluster', 'SLOTS'), host),
  )

export const judgeMap = (ranges: readonly Range[]): Finding[] => {
  const findings: Finding[] = []
  const where = 'the Cluster'
  const served = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)
  if (served < SLOTS) {
    const found = `${SLOTS - served} of ${SLOTS} slots have no master: calls for the sessions there get 503.`
    const todo = 'Start the nodes that had them, or move the slots: redis-cli --cluster fix.'
    findings.push({ check: 'cluster-slots', level: served === 0 ? 'stops' : 'harms', where, found, todo })
  }
  const alone = new Set(
    ranges.flatMap(({ address, replicas }) => (replicas.length === 0 ? [addressText(address)] : [])),
  )
  for (const one of alone) {
    const found = 'The master has no replica: while it is away, so are the sessions on it.'
    findings.push({ check: 'cluster-no-replica', level: 'note', where: one, found, todo: 'Add a replica.' })
  }
  return findings
}

/** Each address once, in the order in which they came. */
const distinct = (all: readonly Address[]): Address[] => [
  ...new Map(all.map((one) => [addressText(one), one])).values(),
]

export const examineCluster = async (around: Examining): Promise<Examined & { readonly servers: readonly Seen[] }> => {
  const { hosts } = around.access.target
  const asked = await Promise.allSettled(hosts.map((host) => ask(around, host)))
  const maps = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const ranges = maps.sort((a, b) => b.length - a.length)[0]
  const masters = distinct((ranges ?? []).map(({ address }) => address))
  const names = new Set(masters.map(addressText))
  const replicas = distinct((ranges ?? []).flatMap((one) => one.replicas)).filter((one) => !names.has(addressText(one)))
  const known = new Set([...masters, ...replicas].map(addressText))

  const findings: Finding[] = ranges === undefined ? [] : judgeMap(ranges)
  const looked: string[] = []
  for (const [i, one] of asked.entries()) {
    const where = addressText(hosts[i] as Address)
    // What the Cluster names is looked at below.
    if (one.status === 'fulfilled' || known.has(where)) continue
    const isNone = /cluster support disabled/i.test(String((one.reason as Error).message))
    const cause = isNone ? 'not a Cluster: say redis:// in the URL' : causeOf(one.reason)
    looked.push(`${where}: away`)
    findings.push(causeFinding(where, cause, ranges === undefined ? 'stops' : 'harms', 'The node'))
  }
  const servers = await Promise.all([
    ...masters.map((one) => examineServer(around, one, 'master')),
    ...replicas.map((one) => examineServer(around, one, 'replica')),
  ])
  return { looked, findings, servers: eased(servers) }
}

/** While a part of a Cluster serves, a node that is away stops nothing but its own part. */
const eased = (servers: readonly Seen[]): readonly Seen[] => {
  const stops = ({ level }: Finding): boolean => level === 'stops'
  if (servers.every(({ findings }) => findings.some(stops))) return servers
  return servers.map((one) => ({
    ...one,
    findings: one.findings.map((finding) => (stops(finding) ? { ...finding, level: 'harms' as const } : finding)),
  }))
}
