/**
 * What an operator should know of a configuration or a store, with what to do about it. The log of the start, `/readyz` and
 * `coatcheck doctor` tell the same findings. No finding quotes a secret.
 */

/**
 * `stops`: the service does not start, or cannot do its work. `harms`: it works, and sessions may be lost, slow or open to
 * others. `note`: good to know; nothing is wrong.
 */
export type Level = 'stops' | 'harms' | 'note'

export type Finding = {
  /** A name for programs. It stays when the texts get better. */
  readonly check: string
  readonly level: Level
  /** The variable, the server or the folder. */
  readonly where: string
  /** What is there, in sentences. */
  readonly found: string
  /** What to do, in sentences. */
  readonly todo: string
}

/** What was looked at, and what was found there. */
export type Examined = { readonly looked: readonly string[]; readonly findings: readonly Finding[] }

/** For a list of warnings, which has no room for notes. */
export const warningsIn = (findings: readonly Finding[]): string[] => [
  ...new Set(findings.filter(({ level }) => level !== 'note').map(({ found, todo }) => `${found} ${todo}`)),
]
