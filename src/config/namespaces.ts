/**
 * The rules of each namespace. They come from the environment and, for the namespaces that it names, from the file of
 * `COATCHECK_CONFIG`. An unsafe rule stops the start; the fault says what to do instead.
 */

import type { ApiKey } from '../domain/credentials/api-key.ts'
import { DEFAULT_PERMISSIONS } from '../domain/credentials/permission.ts'
import { tokensOf } from '../domain/json/pointer-fault.ts'
import type { BrowserRule, Policy, PolicyOf, ValueCheck } from '../domain/policy.ts'
import { isLmdb } from '../store/open.ts'
import { type Config, ConfigError, isLoopback } from './environment.ts'
import { faultLine, readNamespaceEntries } from './namespaces-file.ts'
import type { NamespaceEntry } from './namespaces-schema.ts'
import { compileSettingsSchema } from './settings-schema.ts'

export type Namespaces = {
  readonly policyOf: PolicyOf
  /** The API keys of the file. */
  readonly apiKeys: readonly ApiKey[]
  /** The origins of all browser rules, each once. */
  readonly origins: readonly string[]
  /** The largest limit for settings of all namespaces, in bytes. */
  readonly settingsBytes: number
  /** Whether the durability of any namespace is `replicated`. */
  readonly isAnyReplicated: boolean
}

const NO_REPLICAS =
  'must be acknowledged with the embedded store, which has no replica: it is on one disk. Keep the sessions in a Redis with replicas for replicated'

/** Adds a fault at a place in the file. */
type Report = (tokens: readonly string[], detail: string) => void

/** The policy of a namespace that the file does not name. */
const policyFrom = (config: Config): Policy => {
  const clocks = { idleTimeoutSeconds: config.IDLE_TIMEOUT_SECONDS, lifetimeSeconds: config.LIFETIME_SECONDS }
  return {
    clocks: { anonymous: clocks, bound: clocks },
    tombstoneSeconds: config.TOMBSTONE_SECONDS,
    limits: {
      settingsBytes: config.MAX_SETTINGS_BYTES,
      keys: config.MAX_KEYS,
      keyBytes: config.MAX_KEY_BYTES,
      depth: config.MAX_DEPTH,
      batch: config.MAX_BATCH,
      subjectBytes: config.MAX_SUBJECT_BYTES,
    },
    sessionsPerSubject: null,
    durability: 'acknowledged',
    browser: null,
    checkValue: null,
  }
}

/**
 * An answer to a batch holds that many bytes of settings at most: more is too much for one process beside its other calls. It
 * is as much as the usual batch of the largest sessions.
 */
const MAX_ANSWER_BYTES = 26_214_400

/** The fault of limits that are good each by itself and not together, or undefined. */
const limitsFault = ({ batch, settingsBytes }: Policy['limits']): string | undefined => {
  const most = Math.floor(MAX_ANSWER_BYTES / settingsBytes)
  if (batch <= most) return undefined
  return `allow a batch of ${batch} sessions of ${settingsBytes} bytes, more than ${MAX_ANSWER_BYTES} bytes: lower the batch to ${most}, or the bytes`
}

const isPlainBeyondLoopback = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && !isLoopback(hostname)

/** The fault of an origin, or undefined. */
const originFault = (origin: string): string | undefined => {
  if (origin.includes('*'))
    return 'must be one origin: name each that may call, for `*` would let in pages that nobody thought of'
  if (origin === 'null') return 'must be an origin: `null` is sent by any sandboxed page'
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'must be an origin, such as https://shop.example'
  }
  if (isPlainBeyondLoopback(url)) return 'must be https: what comes over http may come from anybody on the way'
  return url.origin === origin ? undefined : `must be as browsers send it, without a path: ${url.origin}`
}

const browserFrom = (
  { browser }: NamespaceEntry,
  publicUrl: string | undefined,
  report: Report,
): BrowserRule | null => {
  if (browser === undefined) return null
  const { keys, origins = [] } = browser
  if (publicUrl !== undefined && URL.canParse(publicUrl) && isPlainBeyondLoopback(new URL(publicUrl))) {
    report([], 'needs COATCHECK_PUBLIC_URL to be https: browsers keep its cookies only if they came over TLS')
  }
  for (const [i, origin] of origins.entries()) {
    const fault = originFault(origin)
    if (fault !== undefined) report(['origins', String(i)], fault)
  }
  return { keys: { read: keys.read ?? [], write: keys.write ?? [] }, origins }
}

const checkFrom = ({ settings }: NamespaceEntry, report: Report): ValueCheck | null => {
  if (settings === undefined) return null
  const compiled = compileSettingsSchema(settings)
  if ('check' in compiled) return compiled.check
  for (const { pointer, detail } of compiled.faults) report(tokensOf(decodeURIComponent(pointer)), detail)
  return null
}

const policyWith = (base: Policy, entry: NamespaceEntry, config: Config, report: Report): Policy => {
  const anonymous = {
    idleTimeoutSeconds: entry.idleTimeoutSeconds ?? base.clocks.anonymous.idleTimeoutSeconds,
    lifetimeSeconds: entry.lifetimeSeconds ?? base.clocks.anonymous.lifetimeSeconds,
  }
  const within =
    (member: string): Report =>
    (tokens, detail) =>
      report([member, ...tokens], detail)
  return {
    clocks: { anonymous, bound: { ...anonymous, ...entry.bound } },
    tombstoneSeconds: entry.tombstoneSeconds ?? base.tombstoneSeconds,
    limits: { ...base.limits, ...entry.limits },
    sessionsPerSubject: entry.sessionsPerSubject ?? null,
    durability: entry.durability ?? base.durability,
    browser: browserFrom(entry, config.PUBLIC_URL, within('browser')),
    checkValue: checkFrom(entry, within('settings')),
  }
}

const apiKeysFrom = (
  namespace: string,
  { apiKeys = [] }: NamespaceEntry,
  seen: Set<string>,
  report: Report,
): ApiKey[] =>
  apiKeys.map(({ name, sha256, may }, i) => {
    if (seen.has(sha256)) {
      report(['apiKeys', String(i), 'sha256'], 'stands twice: a key is of one namespace, and is named once')
    }
    seen.add(sha256)
    return { namespace, name, hash: Buffer.from(sha256, 'hex'), permissions: may ?? DEFAULT_PERMISSIONS }
  })

/**
 * Reads what holds in each namespace. `elsewhere` are the API keys that are configured already. Throws `ConfigError` with
 * every fault of the file.
 */
export const readNamespaces = (config: Config, elsewhere: readonly ApiKey[] = []): Namespaces => {
  const faults: string[] = []
  const base = policyFrom(config)
  const fault = limitsFault(base.limits)
  if (fault !== undefined) faults.push(`COATCHECK_MAX_BATCH and COATCHECK_MAX_SETTINGS_BYTES ${fault}.`)
  const policies = new Map<string, Policy>()
  const apiKeys: ApiKey[] = []
  const seen = new Set(elsewhere.map(({ hash }) => hash.toString('hex')))
  const entries = config.CONFIG === undefined ? new Map() : readNamespaceEntries(config.CONFIG, faults)
  for (const [name, entry] of entries) {
    const report: Report = (tokens, detail) => faults.push(faultLine(['namespaces', name, ...tokens], detail))
    const policy = policyWith(base, entry, config, report)
    const fault = limitsFault(policy.limits)
    if (fault !== undefined) report(['limits'], fault)
    if (policy.durability === 'replicated' && isLmdb(config.STORE)) report(['durability'], NO_REPLICAS)
    policies.set(name, policy)
    apiKeys.push(...apiKeysFrom(name, entry, seen, report))
  }
  if (faults.length > 0) throw new ConfigError(faults)
  const all = [base, ...policies.values()]
  return {
    policyOf: (namespace) => policies.get(namespace) ?? base,
    apiKeys,
    origins: [...new Set(all.flatMap(({ browser }) => browser?.origins ?? []))],
    isAnyReplicated: all.some(({ durability }) => durability === 'replicated'),
    settingsBytes: Math.max(...all.map(({ limits }) => limits.settingsBytes)),
  }
}
