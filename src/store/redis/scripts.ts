/**
 * The scripts: one table of their names, flags, KEYS and ARGV. A script reads its arguments by the names given here, as
 * locals that the loader puts in front of it; `FIRST` is the index of the first argument after the named ones.
 */
import { readFileSync } from 'node:fs'

export const SCRIPTS = {
  write: {
    file: 'write.lua',
    allowOom: false,
    argv: [
      'sentAt',
      'life',
      'gen',
      'member',
      'create',
      'idle',
      'lifetime',
      'subject',
      'newLife',
      'newGen',
      'newTag',
      'ifMatch',
      'ifNoneMatch',
      'options',
      'maxBytes',
      'maxKeys',
      'fingerprint',
      'take',
      'result',
      'expected',
      'set',
    ],
  },
  touch: { file: 'touch.lua', allowOom: true, argv: ['sentAt', 'life', 'gen', 'member'] },
  end: { file: 'end.lua', allowOom: true, argv: ['sentAt', 'life', 'gen', 'member', 'reason', 'tombstoneMs'] },
  revoke: { file: 'revoke.lua', allowOom: true, argv: ['sentAt', 'newGen'] },
  sweep: { file: 'sweep.lua', allowOom: true, argv: ['sentAt'] },
} as const satisfies Record<string, { file: string; allowOom: boolean; argv: readonly string[] }>

type Table = typeof SCRIPTS

/** A write that only removes is the same script, run under the flag that lets it run when Redis is out of memory. */
export type ScriptName = keyof Table | 'remove'

export type Arg = string | number | Buffer

/** The named arguments of a script; none may be left out. */
export type ScriptArgs<Name extends keyof Table> = Readonly<Record<Table[Name]['argv'][number], Arg>>

const read = (file: string): string => readFileSync(new URL(`./lua/${file}`, import.meta.url), 'utf8')

const compose = (name: keyof Table, allowOom: boolean): string => {
  const { file, argv } = SCRIPTS[name]
  const header = allowOom ? '#!lua flags=allow-oom' : '#!lua'
  const locals = argv.map((arg, i) => `local ${arg} = ARGV[${i + 1}]`)
  return [header, ...locals, `local FIRST = ${argv.length + 1}`, read('record.lua'), read(file)].join('\n')
}

/** Every script's text, as it is sent to Redis. */
export const scriptTexts = (): Record<ScriptName, string> => ({
  write: compose('write', false),
  remove: compose('write', true),
  touch: compose('touch', true),
  end: compose('end', true),
  revoke: compose('revoke', true),
  sweep: compose('sweep', true),
})

/** The named arguments of a script in the order in which it takes them. */
export const positional = <Name extends keyof Table>(name: Name, args: ScriptArgs<Name>): Arg[] =>
  (SCRIPTS[name].argv as readonly (keyof ScriptArgs<Name>)[]).map((arg) => args[arg])
