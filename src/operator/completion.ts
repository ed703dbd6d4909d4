/** Scripts that let a shell complete commands and options. They come from the table of commands. */
import { type Command, partsOf, type Run } from './command.ts'

type Word = { readonly text: string; readonly summary: string }

const uniqueBy = (words: readonly Word[]): Word[] => [...new Map(words.map((word) => [word.text, word])).values()]

const namesBelow = (commands: readonly Command[], first: string): Word[] =>
  commands
    .filter(({ name }) => name.startsWith(first === '' ? '' : `${first} `))
    .map(({ name, summary }) => {
      const [word = '', rest] = name.slice(first === '' ? 0 : first.length + 1).split(' ')
      return { text: word, summary: rest === undefined ? summary : `${word} ${rest} ...` }
    })

const wordsOf = (command: Command): Word[] => [
  ...partsOf(command)
    .filter((part) => part.includes('|'))
    .flatMap((part) => part.slice(1, -1).split('|'))
    .map((text) => ({ text, summary: command.summary })),
  ...command.options.map(({ name, summary }) => ({ text: `--${name}`, summary })),
  { text: '--help', summary: 'what the command does' },
]

/** The possible next words for each beginning of a line; longer beginnings come first. */
const table = (commands: readonly Command[]): [words: string, next: Word[]][] => {
  const groups = uniqueBy(
    commands
      .filter(({ name }) => name.includes(' '))
      .map(({ name }) => ({
        text: name.split(' ')[0] ?? '',
        summary: '',
      })),
  )
  return [
    ...commands.map((command): [string, Word[]] => [command.name, wordsOf(command)]),
    ...groups.map(({ text }): [string, Word[]] => [text, namesBelow(commands, text)]),
  ]
}

const first = (commands: readonly Command[]): Word[] =>
  uniqueBy([...namesBelow(commands, ''), { text: '--help', summary: 'all commands' }])

/** A text in single quotes, for a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const bash = (commands: readonly Command[]): string => {
  const list = (words: readonly Word[]): string => quoted(words.map(({ text }) => text).join(' '))
  const cases = table(commands).map(
    ([words, next]) => `    ${quoted(words)}|${quoted(words)}\\ *) words=${list(next)} ;;`,
  )
  return `_coatcheck() {
  local words='' before="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  case "$before" in
    '') words=${list(first(commands))} ;;
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _coatcheck coatcheck
`
}

const zsh = (commands: readonly Command[]): string => {
  const list = (words: readonly Word[]): string =>
    words.map(({ text, summary }) => quoted(`${text.replaceAll(':', '\\:')}:${summary}`)).join(' ')
  const cases = table(commands).map(
    ([words, next]) => `    (${quoted(words)}|${quoted(words)}\\ *) found=(${list(next)}) ;;`,
  )
  return `#compdef coatcheck
_coatcheck() {
  local -a found
  case "\${(j: :)words[2,CURRENT-1]}" in
    ('') found=(${list(first(commands))}) ;;
${cases.join('\n')}
  esac
  _describe coatcheck found
}
compdef _coatcheck coatcheck
`
}

const fish = (commands: readonly Command[]): string => {
  const line = (condition: string, { text, summary }: Word): string => {
    const word = text.startsWith('--') ? `-l ${text.slice(2)}` : `-a ${text}`
    return `complete -c coatcheck -n ${quoted(condition)} ${word} -d ${quoted(summary)}`
  }
  const begins = (words: string): string => {
    const [one = '', two] = words.split(' ')
    return `__fish_seen_subcommand_from ${one}${two === undefined ? '' : `; and __fish_seen_subcommand_from ${two}`}`
  }
  return [
    'complete -c coatcheck -f',
    ...first(commands).map((word) => line('__fish_use_subcommand', word)),
    ...table(commands).flatMap(([words, next]) => next.map((word) => line(begins(words), word))),
    '',
  ].join('\n')
}

const SCRIPTS: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish }

export const completion: Run = async ({ positionals: [shell = ''] }, { out, commands }) => {
  out.write(SCRIPTS[shell]?.(commands) ?? '')
  return undefined
}
