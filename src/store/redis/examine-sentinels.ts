/** The Sentinels, the master that they name, and its replicas, as the doctor sees them. */
import type { Examined, Finding } from '../finding.ts'
import type { Address } from './access.ts'
import { causeOf, Unfit } from './connection.ts'
import { causeFinding, type Examining, examineServer, replicasOf, type Seen } from './examine-server.ts'
import { lookOnce } from './look-once.ts'
import { addressText } from './topology.ts'

const WITHIN_MS = 3000
const LEAST_SENTINELS = 3

type Facts = ReadonlyMap<string, string>
export type Said = { readonly master: Address; readonly facts: Facts }

const readSaid = ([named, flat]: readonly unknown[]): Said => {
  const [host, port] = named as [Buffer, Buffer]
  const words = (flat as Buffer[]).map(String)
  const facts = new Map(words.flatMap((name, i) => (i % 2 === 0 ? [[name, words[i + 1] ?? ''] as const] : [])))
  return { master: { host: String(host), port: Number(String(port)) }, facts }
}

const ask = ({ access }: Examining, sentinel: Address): Promise<Said> => {
  const { master } = access.target
  return lookOnce(access, sentinel, { role: 'sentinel', withinMs: WITHIN_MS }, async (say) => {
    const answers = await Promise.all([
      say('sentinel', 'GET-MASTER-ADDR-BY-NAME', master),
      say('sentinel', 'MASTER', master),
    ]).catch((error: Error) => {
      throw /^-?ERR No such master/i.test(error.message) ? new Unfit(`no master ${master} is known to it`) : error
    })
    return readSaid(answers)
  })
}

/** What the Sentinels that answered say of the group. */
export const judgeGroup = (named: number, all: readonly Said[]): Finding[] => {
  const [first] = all
  if (first === undefined) return []
  const findings: Finding[] = []
  const add = (check: string, level: Finding['level'], found: string, todo: string): void =>
    void findings.push({ check, level, where: 'COATCHECK_STORE', found, todo })
  const masters = new Set(all.map(({ master }) => addressText(master)))
  if (masters.size > 1) {
    const found = `The Sentinels name different masters: ${[...masters].join(', ')}.`
    add('sentinels-disagree', 'harms', found, 'Wait half a minute. If it stays so, look at what the Sentinels log.')
  }
  const known = 1 + Math.max(...all.map(({ facts }) => Number(facts.get('num-other-sentinels')) || 0))
  if (known > named) {
    const found = `There are ${known} Sentinels, and the URL names ${named}.`
    add('sentinels-unnamed', 'note', found, 'Name all of them: then any of them may be away.')
  }
  if (known < LEAST_SENTINELS) {
    const found = `There are ${known} Sentinels: when one is away, the others may not promote a replica.`
    add('sentinels-few', 'harms', found, `Run ${LEAST_SENTINELS} of them, on different machines.`)
  }
  if (first.facts.get('num-slaves') === '0') {
    const found = 'The master has no replica: a fail-over is not possible.'
    add('sentinels-no-replica', 'harms', found, 'Add a replica, better two.')
  }
  return findings
}

/** Without this a master that is cut off from its replicas goes on to take writes that are lost later. */
const cutOffNote = ({ where, setup }: Seen): Finding[] =>
  setup === undefined || setup.info.has('min_slaves_good_slaves')
    ? []
    : [
        {
          check: 'redis-cut-off',
          level: 'note',
          where,
          found: 'A master that is cut off from its replicas goes on to take writes, and they will be lost.',
          todo: 'Set min-replicas-to-write 1 and min-replicas-max-lag 10 on each server.',
        },
      ]

export const examineSentinels = async (
  around: Examining,
): Promise<Examined & { readonly servers: readonly Seen[] }> => {
  const { hosts } = around.access.target
  const asked = await Promise.allSettled(hosts.map((host) => ask(around, host)))
  const said = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const level = said.length === 0 ? 'stops' : 'harms'
  const looked: string[] = []
  const findings: Finding[] = []
  for (const [i, one] of asked.entries()) {
    const where = `Sentinel ${addressText(hosts[i] as Address)}`
    const isThere = one.status === 'fulfilled'
    looked.push(isThere ? `${where}: it names ${addressText(one.value.master)}` : `${where}: away`)
    if (!isThere) findings.push(causeFinding(where, causeOf(one.reason), level, 'The Sentinel'))
  }
  findings.push(...judgeGroup(hosts.length, said))
  const latest = [...said].sort((a, b) => epochOf(b) - epochOf(a))[0]
  if (latest === undefined) return { looked, findings, servers: [] }
  const master = await examineServer(around, latest.master, 'master')
  const replicas = master.setup === undefined ? [] : replicasOf(master.setup)
  const servers = [master, ...(await Promise.all(replicas.map((one) => examineServer(around, one, 'replica'))))]
  return { looked, findings: [...findings, ...cutOffNote(master)], servers }
}

/** Who knows the latest fail-over is believed, as in `sentinels.ts`. */
const epochOf = ({ facts }: Said): number => Number(facts.get('config-epoch')) || 0
