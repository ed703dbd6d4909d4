#!/usr/bin/env node
/** The command `coatcheck`. */
import { parseArgs } from 'node:util'
import { hashOf, newApiKey } from './api-key.ts'
import { ConfigError } from './config.ts'
import { serve } from './main.ts'
import { apiKeyFrom, OperatorError, retireSigningKey, serviceUrl, signingKeyNames } from './operator.ts'

const USAGE = `coatcheck: a standalone session store for live views

  coatcheck serve                                run the service; configured by the environment
  coatcheck key new [--name N] [--namespace NS]  print a new API key, once, and the line to configure for it
  coatcheck signing-key list [--url URL]         list the signing keys of a service that runs, newest first
  coatcheck signing-key retire KID [--url URL]   retire one at once: every token that it signed is void
  coatcheck --help                               this

signing-key retire needs an API key with the permission signing-keys: from COATCHECK_API_KEY, COATCHECK_API_KEY_FILE, or the
data folder of a first start. URL is the service's; if left out COATCHECK_URL, or http://127.0.0.1:3000.
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

const signingKey = async ([action, kid, ...more]: string[], url: string | undefined): Promise<void> => {
  if (action === 'list' && kid === undefined) {
    for (const name of await signingKeyNames(serviceUrl(url, process.env))) process.stdout.write(`${name}\n`)
  } else if (action === 'retire' && kid && more.length === 0) {
    await retireSigningKey(serviceUrl(url, process.env), apiKeyFrom(process.env), kid)
    process.stdout.write('It is retired, and what it signed is void; on other replicas within 5 s.\n')
  } else throw new UsageError('`coatcheck signing-key` takes `list`, or `retire` and the name of one key.')
}

const run = async (args: string[]): Promise<void> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      name: { type: 'string', default: 'service' },
      namespace: { type: 'string', default: 'app' },
      url: { type: 'string' },
    },
  })
  const command = positionals.join(' ')
  if (values.help || command === 'help') process.stdout.write(USAGE)
  else if (command === 'serve') await serve()
  else if (command === 'key new') keyNew(values.name, values.namespace)
  else if (positionals[0] === 'signing-key') await signingKey(positionals.slice(1), values.url)
  else throw new UsageError(command === '' ? 'Which command?' : `There is no command "${command}".`)
}

run(process.argv.slice(2)).catch((error: Error & { code?: string }) => {
  const isUsage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS')
  const isExpected = isUsage || error instanceof ConfigError || error instanceof OperatorError
  process.stderr.write(isExpected ? `${error.message}\n` : `The service could not start: ${error.message}\n`)
  if (isUsage) process.stderr.write(`\n${USAGE}`)
  process.exit(isUsage ? 2 : 1)
})
