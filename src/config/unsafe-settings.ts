/**
 * Settings that the service starts with and that an operator should think over. The start logs those that harm; the doctor
 * tells all. No value is quoted that may be secret.
 */
import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Finding } from '../store/open.ts'
import { type Config, type Environment, isLoopback } from './environment.ts'
import type { Namespaces } from './namespaces.ts'
import { wideProxies } from './trusted-proxies.ts'

export type Judged = {
  readonly env: Environment
  readonly config: Config
  /** Undefined if the rules of the namespaces are at fault. */
  readonly namespaces?: Namespaces | undefined
  readonly unknown: readonly string[]
}

/** Secrets of 32 characters drawn at random hold far more different ones, also in hex. */
const LEAST_LETTERS = 8
const SHORT_TOMBSTONE_SECONDS = 600

const isPublic = ({ HOST }: Config): boolean => !isLoopback(HOST)

const listening = ({ config }: Judged): Finding[] => {
  const { ADMIN_PORT, HOST, ADMIN_HOST = HOST, PUBLIC_URL, RATE_LIMIT, LOG_LEVEL, TRUST_PROXY } = config
  const told: Finding[] = []
  if (ADMIN_PORT !== undefined && !isLoopback(ADMIN_HOST)) {
    told.push({
      check: 'admin-port-open',
      level: 'note',
      where: 'COATCHECK_ADMIN_PORT',
      found: 'Whoever reaches the second port sees the API description without an API key.',
      todo: 'Let no balancer lead to it, and only operators reach it: COATCHECK_ADMIN_HOST, a firewall.',
    })
  }
  if (PUBLIC_URL?.startsWith('http:') && !isLoopback(new URL(PUBLIC_URL).hostname)) {
    told.push({
      check: 'public-url-plain',
      level: 'harms',
      where: 'COATCHECK_PUBLIC_URL',
      found: 'Callers come over http: everybody on the way reads their tokens, and browsers keep no cookie.',
      todo: 'Put a proxy that speaks TLS before the service (docs/proxies.md), and write https here.',
    })
  }
  if (RATE_LIMIT === 'off') {
    told.push({
      check: 'rate-limit-off',
      level: isPublic(config) ? 'harms' : 'note',
      where: 'COATCHECK_RATE_LIMIT',
      found: 'Wrong credentials are tried without a limit.',
      todo: 'Unset it, unless your proxy limits the calls of an address.',
    })
  }
  if (LOG_LEVEL === 'silent' || LOG_LEVEL === 'fatal') {
    told.push({
      check: 'log-silent',
      level: 'note',
      where: 'COATCHECK_LOG_LEVEL',
      found: 'The log does not say when the store is away.',
      todo: 'Take error or more.',
    })
  }
  for (const network of wideProxies(TRUST_PROXY)) {
    told.push({
      check: 'trust-proxy-wide',
      level: 'harms',
      where: 'COATCHECK_TRUST_PROXY',
      found: `${network} holds callers as well as proxies: anybody may say which address he calls from, and escape the limits.`,
      todo: 'Name the addresses of your proxies.',
    })
  }
  return told
}

const isWeak = (secret: string): boolean =>
  new Set(secret).size < LEAST_LETTERS || /(change|replace).?(me|this|it)|placeholder|example|password/i.test(secret)

const cookies = ({ config: { COOKIE_SECRETS } }: Judged): Finding[] => {
  const where = 'COATCHECK_COOKIE_SECRETS'
  const secrets = COOKIE_SECRETS?.split(',').map((one) => one.trim()) ?? []
  const told: Finding[] = []
  for (const [i, secret] of secrets.entries()) {
    if (!isWeak(secret)) continue
    const found = `Secret ${i + 1} can be guessed: whoever does makes cookies of any session.`
    told.push({ check: 'cookie-secret-weak', level: 'harms', where, found, todo: 'Draw one: openssl rand -hex 32.' })
  }
  if (new Set(secrets).size < secrets.length) {
    const found = 'One secret stands there twice.'
    told.push({ check: 'cookie-secret-twice', level: 'note', where, found, todo: 'Take one of them out.' })
  }
  return told
}

const workers = ({ config: { WORKERS } }: Judged): Finding[] => {
  const cores = availableParallelism()
  if (WORKERS === 'auto' || Number(WORKERS) <= cores) return []
  const found = `${WORKERS} workers share ${cores === 1 ? 'one core' : `${cores} cores`}: each adds memory and connections to Redis, and none adds speed.`
  return [{ check: 'workers-many', level: 'note', where: 'COATCHECK_WORKERS', found, todo: 'Take auto.' }]
}

const clocks = ({ config }: Judged): Finding[] => {
  const { TOMBSTONE_SECONDS } = config
  if (TOMBSTONE_SECONDS >= SHORT_TOMBSTONE_SECONDS) return []
  return [
    {
      check: 'tombstone-short',
      level: 'harms',
      where: 'COATCHECK_TOMBSTONE_SECONDS',
      found: `A session that was ended ${TOMBSTONE_SECONDS} s ago can be begun anew by a late write.`,
      todo: `Take ${SHORT_TOMBSTONE_SECONDS} or more; a day is usual.`,
    },
  ]
}

const origins = ({ config, namespaces }: Judged): Finding[] => {
  if (!isPublic(config)) return []
  const local = (namespaces?.origins ?? []).filter((origin) => isLoopback(new URL(origin).hostname))
  return local.map((origin) => ({
    check: 'origin-local',
    level: 'note',
    where: 'COATCHECK_CONFIG',
    found: `Pages of ${origin} may call with a visitor's cookie: whatever runs on the visitor's own machine.`,
    todo: 'Take it out where visitors are real.',
  }))
}

const SECRETS = [
  'COATCHECK_STORE',
  'COATCHECK_SIGNING_KEYS',
  'COATCHECK_COOKIE_SECRETS',
  'COATCHECK_ENCRYPTION_KEYS',
] as const

const holdsSecret = (name: (typeof SECRETS)[number], value: string): boolean =>
  name === 'COATCHECK_STORE' ? /:\/\/[^/]*@|[?&]sentinelPassword=/.test(value) : true

const modeOf = (file: string): number | undefined => {
  try {
    return statSync(file).mode
  } catch {
    return undefined
  }
}

const secrets = ({ env }: Judged): Finding[] =>
  SECRETS.flatMap((name): Finding[] => {
    const [direct, file] = [env[name], env[`${name}_FILE`]]
    if (direct && holdsSecret(name, direct)) {
      const found = 'A secret stands in the environment, where tools and crash reports show it.'
      const todo = `Put it into a file, and name that in ${name}_FILE.`
      return [{ check: 'secret-in-environment', level: 'note', where: name, found, todo }]
    }
    const mode = file ? modeOf(file) : undefined
    if (mode === undefined || (mode & 0o004) === 0) return []
    const found = 'Every user of this machine can read the file.'
    const todo = 'chmod it to 0600 or 0640. In a container with one user it does no harm.'
    return [{ check: 'secret-file-open', level: 'note', where: `${name}_FILE`, found, todo }]
  })

/** What Node itself is told. */
const node = ({ env, config }: Judged): Finding[] => {
  const told: Finding[] = []
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    told.push({
      check: 'tls-unchecked',
      level: 'harms',
      where: 'NODE_TLS_REJECT_UNAUTHORIZED',
      found: 'No certificate is checked: anybody may pass for Redis.',
      todo: 'Unset it, and name the authority in COATCHECK_STORE_CA_FILE.',
    })
  }
  if (/--inspect\b/.test(env.NODE_OPTIONS ?? '')) {
    told.push({
      check: 'debugger-open',
      level: isPublic(config) ? 'harms' : 'note',
      where: 'NODE_OPTIONS',
      found: 'The debugger of Node is open: whoever reaches it runs code in the service.',
      todo: 'Take --inspect out.',
    })
  }
  return told
}

const unknownNames = ({ unknown }: Judged): Finding[] =>
  unknown.map((variable) => ({
    check: 'unknown-variable',
    level: 'note',
    where: variable,
    found: 'It is no setting of Coatcheck: it has no effect.',
    todo: 'Unset it, or correct its name, if it was meant for Coatcheck.',
  }))

const JUDGES = [listening, workers, cookies, clocks, origins, secrets, node, unknownNames]

export const unsafeSettings = (judged: Judged): Finding[] => JUDGES.flatMap((judge) => judge(judged))
