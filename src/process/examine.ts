/** Looks at a configuration and its store as the start would, and goes on where a start would end. It opens no store. */
import { examineConfiguration } from '../config/read-configuration.ts'
import { unsafeSettings } from '../config/unsafe-settings.ts'
import { type Examined, examineStore, type Finding } from '../store/open.ts'

export type { Finding, Level } from '../store/open.ts'

const faultFinding = (fault: string): Finding => ({
  check: 'configuration',
  level: 'stops',
  where: /^(?:PORT|HOST|COATCHECK_\w+)/.exec(fault)?.[0] ?? 'COATCHECK_CONFIG',
  found: fault,
  todo: 'The service does not start before this is corrected.',
})

const NO_STORE: Examined = { looked: ['the store: not looked at, since COATCHECK_STORE is at fault'], findings: [] }

const LEVELS = ['stops', 'harms', 'note'] as const

/** What was looked at, and all findings, the worst first. */
export const examine = async (env: NodeJS.ProcessEnv, clock: () => number = Date.now): Promise<Examined> => {
  const { config, configuration, storeAccess, encryption, faults, unknown } = examineConfiguration(env)
  const settings = unsafeSettings({ env, config, namespaces: configuration?.namespaces, unknown })
  const copies = configuration?.namespaces.isAnyReplicated ? config.STORE_COPIES : 0
  const store = storeAccess
    ? await examineStore({ url: config.STORE, ...storeAccess, clock, copies, encryption })
    : NO_STORE
  const findings = [...faults.map(faultFinding), ...settings, ...store.findings]
  return {
    looked: [`the configuration: ${faults.length === 0 ? 'it can be started with' : 'a start ends'}`, ...store.looked],
    findings: LEVELS.flatMap((wanted) => findings.filter(({ level }) => level === wanted)),
  }
}
