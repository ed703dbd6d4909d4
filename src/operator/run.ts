/** Runs one command line and returns its exit code. All failures are reported here. */
import { readFileSync } from 'node:fs'
import { serviceUrl } from './address.ts'
import { type Given, type Surroundings, UsageError } from './command.ts'
import { type Asked, parse } from './parse.ts'
import { prose } from './shown.ts'

const USAGE = 2

const version = (): string => JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

const tellUsage = async ({ message, command }: UsageError, { err }: Surroundings): Promise<number> => {
  err.write(`${prose(message)}\n`)
  if (command) {
    const { usageOf } = await import('./help.ts')
    err.write(`Usage: ${usageOf(command)}\n\`coatcheck ${command.name} --help\` says more.\n`)
  }
  return USAGE
}

const urlFor = (given: Given, { env }: Surroundings): string | undefined => {
  try {
    return serviceUrl(given.text('url'), env)
  } catch {
    return undefined
  }
}

const tell = async (error: unknown, asked: Asked | undefined, around: Surroundings): Promise<number> => {
  if (error instanceof UsageError) {
    const command = error.command ?? (asked?.kind === 'run' ? asked.command : undefined)
    return tellUsage(new UsageError(error.message, command), around)
  }
  const { exitCodeOf, messageOf, problemOf } = await import('./failure.ts')
  const given = asked?.kind === 'run' ? asked.given : undefined
  const url = given && urlFor(given, around)
  const text = given?.flag('json') ? problemOf(error, url) : prose(messageOf(error, url))
  around.err.write(`${text}\n`)
  return exitCodeOf(error)
}

/** Returns the exit code, for a service as soon as it has started. Never throws. */
export const runCommand = async (args: readonly string[], around: Surroundings): Promise<number> => {
  let asked: Asked | undefined
  try {
    asked = parse(args, around.commands)
    if (asked.kind === 'run') {
      const run = await asked.command.load()
      return (await run(asked.given, around)) ?? 0
    }
    if (asked.kind === 'version') around.out.write(`${version()}\n`)
    else {
      const { helpOf, helpOfAll } = await import('./help.ts')
      around.out.write(asked.command ? helpOf(around.out, asked.command) : helpOfAll(around.out, around.commands))
    }
    return 0
  } catch (error) {
    return tell(error, asked, around)
  }
}
