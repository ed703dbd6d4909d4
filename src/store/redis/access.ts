/**
 * How each connection to Redis is made: where to, as whom, and with which certificates. The place is fixed at the start.
 * Password and certificates are read again for each new connection: so they may be changed without a restart.
 */
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { RedisOptions } from 'ioredis'
import { examineTlsFiles, type TlsFiles, type TlsTexts } from '../tls-files.ts'
import { parseRedisUrl, type RedisCredentials, type RedisPlace, type RedisTarget } from './url.ts'

export type Address = { readonly host: string; readonly port: number } | { readonly path: string }

export type Access = {
  readonly target: RedisPlace
  /** Whom to ask first: the hosts in the URL, or its socket. */
  readonly addresses: readonly Address[]
  /** What ioredis needs for one new connection, with the credentials and certificates of this moment. It never throws. */
  connectionTo(address: Address, role: 'redis' | 'sentinel'): RedisOptions
}

export type AccessOptions = {
  /** The URL as it is now. May throw, with a `code`. */
  readonly readUrl: () => string
  readonly tlsFiles?: TlsFiles
  /** Called once when what is read again is at fault, and what was read before stays in use. The text holds no secret. */
  readonly onFault?: (text: string) => void
}

const STAYS = 'What was read before stays in use.'

const placeOf = ({ kind, tls, hosts, path, db, master }: RedisPlace): RedisPlace => ({
  kind,
  tls,
  hosts,
  path,
  db,
  master,
})

/** Throws an Error, whose message holds nothing of the URL, if it cannot be read or names another place. */
const readAgain = (readUrl: () => string, place: RedisPlace): RedisTarget => {
  let url: string
  try {
    url = readUrl()
  } catch (error) {
    throw new Error(`It cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no reason given'}).`)
  }
  const read = parseRedisUrl(url)
  if (JSON.stringify(placeOf(read)) !== JSON.stringify(place)) {
    throw new Error('It names another place than at the start: to move there, restart the service.')
  }
  return read
}

/** Tells a fault once, and again only after it was over or has become another. */
const createTeller = (tell: (text: string) => void) => {
  let last = ''
  return (fault: string): void => {
    if (fault !== '' && fault !== last) tell(fault)
    last = fault
  }
}

const SPOKEN = { ca: 'CA', cert: 'certificate', key: 'key' }

const readTexts = (files: TlsFiles): TlsTexts => {
  const { texts, faults } = examineTlsFiles(files)
  const [fault] = faults
  if (fault) throw new Error(`The ${SPOKEN[fault.part]} file for the store ${fault.problem}`)
  return texts
}

/** The name is said (SNI) and must be in the certificate. An address cannot be said; then the address must be in it. */
const serverName = (address: Address): ConnectionOptions =>
  'path' in address || isIP(address.host) !== 0 ? {} : { servername: address.host.replace(/\.$/, '') }

/** Throws an Error if the URL or a file is at fault at the start; its message holds no secret. */
export const createAccess = ({ readUrl, tlsFiles = {}, onFault = () => {} }: AccessOptions): Access => {
  const first = parseRedisUrl(readUrl())
  const target = placeOf(first)
  if (!target.tls && Object.values(tlsFiles).some((file) => file !== undefined)) {
    throw new Error('There are files for TLS, but the URL does not say rediss.')
  }
  let credentials: RedisCredentials = first
  let texts = readTexts(tlsFiles)
  const tellUrl = createTeller(onFault)
  const tellFiles = createTeller(onFault)

  const credentialsNow = (): RedisCredentials => {
    try {
      credentials = readAgain(readUrl, target)
      tellUrl('')
    } catch (error) {
      tellUrl(`The URL of the store was read again: ${(error as Error).message} ${STAYS}`)
    }
    return credentials
  }

  const textsNow = (): TlsTexts => {
    try {
      texts = readTexts(tlsFiles)
      tellFiles('')
    } catch (error) {
      tellFiles(`${(error as Error).message} ${STAYS}`)
    }
    return texts
  }

  return {
    target,
    addresses: target.path === undefined ? target.hosts : [{ path: target.path }],
    connectionTo(address, role) {
      const { username, password, sentinelUsername, sentinelPassword } = credentialsNow()
      const [user, secret] = role === 'sentinel' ? [sentinelUsername, sentinelPassword] : [username, password]
      return {
        ...('path' in address ? { path: address.path } : { host: address.host, port: address.port }),
        ...(user === undefined ? {} : { username: user }),
        ...(secret === undefined ? {} : { password: secret }),
        ...(role === 'redis' && target.kind === 'single' ? { db: target.db } : {}),
        ...(target.tls ? { tls: { ...textsNow(), ...serverName(address) } } : {}),
        // A user needs the right for each command that is sent. Nobody needs to know the version of the client.
        disableClientInfo: true,
        // It would be an INFO. A Sentinel has nothing to load.
        ...(role === 'sentinel' ? { enableReadyCheck: false } : {}),
      }
    },
  }
}
