/** Prints a new API key, once, and the line for the configuration. */
import { hashOf, newApiKey } from '../config/api-keys.ts'
import { type Run, UsageError } from './command.ts'

const NAME = /^[a-z0-9-]{1,32}$/

export const keyNew: Run = async (given, { out }) => {
  const name = given.text('name') ?? 'service'
  const namespace = given.text('namespace') ?? 'app'
  for (const [option, value] of Object.entries({ name, namespace })) {
    if (!NAME.test(value)) throw new UsageError(`--${option} takes 1 to 32 of a-z, 0-9 and -.`)
  }
  const key = newApiKey(name)
  out.write(`The key, for your service; it is shown this once:

  ${key}

What to configure here (several are separated by commas):

  COATCHECK_API_KEYS=${namespace}:${hashOf(key)}

or, to say what it may do, in the file of COATCHECK_CONFIG, in namespaces.${namespace}.apiKeys:

  { "name": "${name}", "sha256": "${hashOf(key)}", "may": ["read", "write"] }
`)
  return undefined
}
