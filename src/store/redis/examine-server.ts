/** One server as the doctor sees it: whether it can serve, with the questions that the service asks, and how it is set up. */
import { TLSSocket } from 'node:tls'
import type { Finding } from '../finding.ts'
import { encryptionFindings } from '../sealing/examine.ts'
import { INDEX_KEYS } from '../sealing/index-key.ts'
import type { MasterKeys } from '../sealing/master-keys.ts'
import type { Access, Address } from './access.ts'
import { todoFor } from './causes.ts'
import { causeOf, type Say } from './connection.ts'
import { checkRights, greetServer, readTime } from './greeting.ts'
import { secretsKey } from './keys.ts'
import { lookOnce } from './look-once.ts'
import { indexKeysIn } from './open-sealing.ts'
import { engineOf, judgeSetup, readSetup, type ServerSetup } from './server-setup.ts'
import { addressText } from './topology.ts'

const WITHIN_MS = 3000
/** A certificate that ends sooner is a finding. */
const CERTIFICATE_DAYS = 14
const DAY_MS = 86_400_000

export type Seen = {
  /** Its address. */
  readonly where: string
  /** What it is, in a few words. */
  readonly looked: string
  readonly findings: readonly Finding[]
  /** Undefined if it was not told. */
  readonly setup?: ServerSetup | undefined
  /** How far its clock is ahead of this machine's, in ms, as far as that can be told; undefined if it was not told. */
  readonly aheadMs?: number | undefined
}

export type Examining = {
  readonly access: Access
  /** This machine's time in ms. */
  readonly clock: () => number
  /** On how many replicas some namespaces have to be; 0 if there are none of these. */
  readonly copies: number
  /** The encryption keys; null if none are configured. */
  readonly keys: MasterKeys | null
}

/** What keeps a server from its work. Without a replica the service goes on. */
export const causeFinding = (where: string, cause: string, level: Finding['level'], what = 'Redis'): Finding => ({
  check: 'redis-away',
  level,
  where,
  found: `${what} cannot be used: ${cause}.`,
  todo: todoFor(cause),
})

export const certificateFinding = (where: string, validTo: string, now: number): Finding[] => {
  const days = Math.floor((Date.parse(validTo) - now) / DAY_MS)
  if (!(days < CERTIFICATE_DAYS)) return []
  const found = days < 0 ? 'The certificate has expired.' : `The certificate expires in ${days} days.`
  return [{ check: 'redis-certificate', level: 'harms', where, found, todo: 'Put a new one in its place.' }]
}

/** Whole ms by which it is surely ahead of us, or behind. */
const readAhead = async (say: Say, clock: () => number): Promise<number> => {
  const before = clock()
  const time = readTime(await say('time'))
  const after = clock()
  return time < before ? time - before : Math.max(0, time - after)
}

const servesAs = (role: 'master' | 'replica', say: Say, { target }: Access, copies: boolean): Promise<unknown> =>
  role === 'replica'
    ? checkRights(say, copies)
    : greetServer({ isCluster: target.kind === 'cluster', db: target.db, copies, onTime: () => {} })(say, true)

/** A master with fewer replicas than have to have it. */
export const copiesFindings = (where: string, setup: ServerSetup, needed: number): Finding[] => {
  const { length } = replicasOf(setup)
  if (length >= needed || !setup.info.has('connected_slaves')) return []
  return [
    {
      check: 'redis-copies',
      level: 'harms',
      where,
      found: `It has ${length} replicas, and COATCHECK_STORE_COPIES asks for ${needed}: who writes to a namespace with durability replicated gets 503.`,
      todo: 'Add replicas, or ask for fewer copies.',
    },
  ]
}

/** Another node of a Cluster has them, or the server cannot serve, which is found elsewhere. */
const readEncryption = async (say: Say, keys: MasterKeys | null): Promise<Finding[]> => {
  const flat = (await say('HGETALL', secretsKey(INDEX_KEYS)).catch(() => null)) as Buffer[] | null
  return flat === null ? [] : encryptionFindings(indexKeysIn(flat), keys)
}

/** Never rejects. */
export const examineServer = async (
  { access, clock, copies, keys }: Examining,
  address: Address,
  role: 'master' | 'replica',
): Promise<Seen> => {
  const where = addressText(address)
  const level = role === 'master' ? 'stops' : 'harms'
  const what = role === 'master' ? 'Redis' : 'The replica'
  try {
    return await lookOnce(access, address, { role: 'redis', withinMs: WITHIN_MS }, async (say, socket) => {
      const cause = await servesAs(role, say, access, copies > 0).then(() => undefined, causeOf)
      const setup = await readSetup(say).catch(() => undefined)
      const aheadMs = await readAhead(say, clock).catch(() => undefined)
      const encryption = role === 'master' ? await readEncryption(say, keys) : []
      const line = socket()
      const validTo = line instanceof TLSSocket ? line.getPeerCertificate().valid_to : undefined
      const findings = [
        ...(cause === undefined ? [] : [causeFinding(where, cause, level, what)]),
        ...encryption,
        ...(setup === undefined ? [] : judgeSetup(where, setup)),
        ...(setup === undefined || role === 'replica' ? [] : copiesFindings(where, setup, copies)),
        ...(validTo === undefined ? [] : certificateFinding(where, validTo, clock())),
      ]
      const engine = setup === undefined ? 'it does not say what it is' : engineOf(setup)
      return { where, looked: `${where}: ${engine}, ${role}`, findings, setup, aheadMs }
    })
  } catch (error) {
    const cause = causeOf(error)
    return { where, looked: `${where}: ${role}, away`, findings: [causeFinding(where, cause, level, what)] }
  }
}

/** The replicas that a master knows: `slave0:ip=10.0.0.2,port=6379,state=online,…`. */
export const replicasOf = ({ info }: ServerSetup): Address[] =>
  [...info].flatMap(([name, value]) => {
    const [, host, port] = /^ip=([^,]+),port=(\d+),/.exec(/^slave\d+$/.test(name) ? value : '') ?? []
    return host === undefined ? [] : [{ host, port: Number(port) }]
  })
