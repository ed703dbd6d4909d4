/** Parses a command line by the table of commands. A fault says what is wrong and what was probably meant. */
import { parseArgs } from 'node:util'
import { nearest } from '../config/nearest-word.ts'
import { type Command, type Given, partsOf, UsageError } from './command.ts'

export type Asked =
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly command: Command; readonly given: Given }

const meant = (word: string, words: readonly string[]): string => {
  const found = nearest(word, words)
  return found === undefined ? '' : ` Did you mean ${found}?`
}

const LIST = '`coatcheck --help` lists the commands.'

/** The command at the beginning of a line, and the rest of the line. */
const commandOf = (args: readonly string[], commands: readonly Command[]): { command: Command; rest: string[] } => {
  const [first = '', second] = args
  for (const words of [2, 1]) {
    const command = commands.find(({ name }) => name === args.slice(0, words).join(' '))
    if (command) return { command, rest: args.slice(words) }
  }
  if (first === '') throw new UsageError(`Which command? ${LIST}`)
  if (first.startsWith('-')) throw new UsageError(`The command comes before its options. ${LIST}`)
  const within = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name.split(' ')[1] ?? '')
  if (within.length > 0) {
    const hint = second === undefined ? '' : meant(second, within)
    throw new UsageError(`\`coatcheck ${first}\` goes on with ${within.join(' or ')}.${hint}`)
  }
  const names = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))]
  throw new UsageError(`There is no command ${JSON.stringify(first)}.${meant(first, names)} ${LIST}`)
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const checkArguments = (command: Command, positionals: readonly string[]): void => {
  const parts = partsOf(command)
  for (const [i, part] of parts.entries()) {
    if (part.startsWith('<') && positionals[i] === undefined) throw new UsageError(`${part} is missing.`, command)
    const choices = part.includes('|') ? part.slice(1, -1).split('|') : undefined
    const given = part.endsWith('...') ? positionals.slice(i) : positionals.slice(i, i + 1)
    for (const word of given) {
      if (/^[<[]session\b/.test(part) && !UUID.test(word)) {
        throw new UsageError(`${JSON.stringify(word)} is no session: its id is a UUID.`, command)
      }
      if (choices && !choices.includes(word)) {
        throw new UsageError(`${JSON.stringify(word)} is none of ${choices.join(', ')}.`, command)
      }
    }
  }
  const isOpen = parts.at(-1)?.endsWith('...') ?? false
  if (!isOpen && positionals.length > parts.length) {
    throw new UsageError(`${JSON.stringify(positionals[parts.length])} is one argument too many.`, command)
  }
}

/** Marks an argument such as `-1`, which is a value and not an option. No argument can contain this character. */
const VALUE = '\0'

const optionsOf = (command: Command) =>
  Object.fromEntries(
    [...command.options, { name: 'help', short: 'h' }].map(({ name, ...one }: Partial<Command['options'][number]>) => [
      name,
      {
        type: one.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(one.short === undefined ? {} : { short: one.short }),
        ...(one.several ? { multiple: true } : {}),
      },
    ]),
  )

const refusedOption = (error: Error & { code?: string }, command: Command): unknown => {
  if (!error.code?.startsWith('ERR_PARSE_ARGS')) return error
  const option = /'(--?[^\s'=]+)/.exec(error.message)?.[1]
  if (error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || option === undefined) {
    return new UsageError(`${error.message.split('\n')[0]}`, command)
  }
  const options = command.options.map(({ name }) => `--${name}`)
  const hint = option.startsWith('--') ? meant(option, options) : ' A value that begins with - comes after --.'
  return new UsageError(`There is no option ${option}.${hint}`, command)
}

/** Throws UsageError. */
export const parse = (args: readonly string[], commands: readonly Command[]): Asked => {
  const [first = '', ...more] = args
  if (first === '--version' || first === '-V') return { kind: 'version' }
  if (['--help', '-h', 'help'].includes(first)) {
    return { kind: 'help', command: more.length === 0 ? undefined : commandOf(more, commands).command }
  }
  const { command, rest } = commandOf(args, commands)
  const marked = rest.map((arg) => (/^-[\d.]/.test(arg) ? VALUE + arg : arg))
  const plain = (text: string): string => (text.startsWith(VALUE) ? text.slice(1) : text)
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args: marked, allowPositionals: true, options: optionsOf(command) })
  } catch (error) {
    throw refusedOption(error as Error, command)
  }
  const { values } = parsed
  if (values.help === true) return { kind: 'help', command }
  const positionals = parsed.positionals.map(plain)
  checkArguments(command, positionals)
  const texts = (name: string): string[] =>
    [values[name]].flat().flatMap((value) => (typeof value === 'string' ? [plain(value)] : []))
  const given: Given = { positionals, flag: (name) => values[name] === true, text: (name) => texts(name).at(-1), texts }
  return { kind: 'run', command, given }
}
