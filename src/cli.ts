#!/usr/bin/env node
/** The command `coatcheck`. */
import { parseArgs } from 'node:util'
import { hashOf, newApiKey } from './api-key.ts'
import { ConfigError } from './config.ts'
import { serve } from './main.ts'

const USAGE = `coatcheck: a standalone session store for live views

  coatcheck serve                                run the service; configured by the environment
  coatcheck key new [--name N] [--namespace NS]  print a new API key, once, and the line to configure for it
  coatcheck --help                               this

Every setting is listed in docs/configuration.md.
`

const NAME = /^[a-z0-9-]{1,32}$/

const keyNew = (name: string, namespace: string): void => {
  for (const [option, value] of Object.entries({ name, namespace })) {
    if (!NAME.test(value)) throw new UsageError(`--${option} takes 1 to 32 of a-z, 0-9 and -.`)
  }
  const key = newApiKey(name)
  process.stdout.write(`The key, for your service; it is shown this once:

  ${key}

What to configure here (several are separated by commas):

  COATCHECK_API_KEYS=${namespace}:${hashOf(key)}

or, to say what it may do, in the file of COATCHECK_CONFIG, in namespaces.${namespace}.apiKeys:

  { "name": "${name}", "sha256": "${hashOf(key)}", "may": ["read", "write"] }
`)
}

class UsageError extends Error {}

const run = async (args: string[]): Promise<void> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      name: { type: 'string', default: 'service' },
      namespace: { type: 'string', default: 'app' },
    },
  })
  const command = positionals.join(' ')
  if (values.help || command === 'help') process.stdout.write(USAGE)
  else if (command === 'serve') await serve()
  else if (command === 'key new') keyNew(values.name, values.namespace)
  else throw new UsageError(command === '' ? 'Which command?' : `There is no command "${command}".`)
}

run(process.argv.slice(2)).catch((error: Error & { code?: string }) => {
  const isUsage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS')
  const isExpected = isUsage || error instanceof ConfigError
  process.stderr.write(isExpected ? `${error.message}\n` : `The service could not start: ${error.message}\n`)
  if (isUsage) process.stderr.write(`\n${USAGE}`)
  process.exit(isUsage ? 2 : 1)
})
