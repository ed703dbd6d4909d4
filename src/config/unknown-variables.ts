/** Variables that look like settings and are none, such as `COATCHECK_TRUSTPROXY`: they must not pass silently. */
import { ConfigSchema, type Environment, variableOf } from './environment.ts'
import { nearest } from './nearest-word.ts'

const PREFIX = 'COATCHECK_'

const SETTINGS = Object.keys(ConfigSchema.properties)
/** The settings, and what the other commands of `coatcheck` read. */
const KNOWN = new Set([
  ...SETTINGS.map(variableOf).flatMap((variable) => [variable, `${variable}_FILE`]),
  ...['URL', 'API_KEY', 'API_KEY_FILE'].map((name) => PREFIX + name),
])

/** Kubernetes tells every container of its services: one that is called `coatcheck` makes COATCHECK_PORT=tcp://10.0.0.1:80. */
const isOfKubernetes = (variable: string, value: string): boolean =>
  /_SERVICE_(HOST|PORT)|_PORT_\d+_/.test(variable) || /^(tcp|udp|sctp):/.test(value)

/** Faults are probably misspelt settings. The others may be an app's own. No value is quoted. */
export const unknownVariables = (env: Environment): { faults: string[]; others: string[] } => {
  const faults: string[] = []
  const others: string[] = []
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || !value || KNOWN.has(variable) || isOfKubernetes(variable, value)) continue
    const meant = nearest(variable.slice(PREFIX.length).replace(/_FILES?$/, ''), SETTINGS)
    if (meant === undefined) others.push(variable)
    else faults.push(`${variable} is no setting. Did you mean ${variableOf(meant)}? Otherwise unset it.`)
  }
  return { faults, others }
}
