/**
 * The scripts: one table of their names, flags and named arguments. The named arguments of a call are packed in one buffer,
 * ARGV[1], since each argument of a script costs both ends time. A line in front of each script unpacks them into locals of
 * the same names. Arguments of which there may be any number (texts to put, keys to remove) follow from ARGV[2] on.
 */
import { readFileSync } from 'node:fs'

/** How an argument is packed: an unsigned integer of so many bytes, or bytes of any length. */
type Format = 'u1' | 'u4' | 'u6' | 'bytes'

type Script = {
  readonly file: string
  /** Files of functions that it calls; they are put between record.lua and it. */
  readonly uses?: readonly string[]
  /** Whether it runs also when Redis is out of memory. `second`: after it was refused for that, in a form of its own. */
  readonly allowOom: boolean | 'second'
  /** Whether it changes nothing: then a replica runs it, too. */
  readonly changesNothing?: boolean
  readonly args: Readonly<Record<string, Format>>
}

export const SCRIPTS = {
  write: {
    file: 'write.lua',
    uses: ['tell-changed.lua', 'sealed.lua'],
    allowOom: 'second',
    args: {
      sentAt: 'u6',
      life: 'bytes',
      gen: 'bytes',
      member: 'bytes',
      create: 'bytes',
      idle: 'u4',
      idleUntilWritten: 'u4',
      lifetime: 'u4',
      subject: 'bytes',
      newLife: 'bytes',
      newGen: 'bytes',
      newTag: 'bytes',
      ifMatch: 'bytes',
      ifNoneMatch: 'bytes',
      options: 'bytes',
      maxBytes: 'u4',
      maxKeys: 'u4',
      fingerprint: 'bytes',
      take: 'bytes',
      result: 'bytes',
      origin: 'bytes',
      expected: 'u4',
      set: 'u4',
      seal: 'bytes',
      judged: 'bytes',
    },
  },
  touch: {
    file: 'touch.lua',
    allowOom: true,
    args: { sentAt: 'u6', life: 'bytes', gen: 'bytes', member: 'bytes' },
  },
  end: {
    file: 'end.lua',
    allowOom: true,
    args: {
      sentAt: 'u6',
      life: 'bytes',
      gen: 'bytes',
      member: 'bytes',
      reason: 'u1',
      tombstoneMs: 'u6',
      subject: 'bytes',
      subjectMac: 'bytes',
    },
  },
  rotate: {
    file: 'rotate.lua',
    uses: ['tell-changed.lua'],
    allowOom: 'second',
    args: {
      sentAt: 'u6',
      member: 'bytes',
      newMember: 'bytes',
      expectedLife: 'bytes',
      subject: 'bytes',
      boundTo: 'bytes',
      idle: 'u4',
      lifetime: 'u4',
      newLife: 'bytes',
      newGen: 'bytes',
      options: 'bytes',
      tombstoneMs: 'u6',
      fingerprint: 'bytes',
      result: 'bytes',
      seal: 'bytes',
      newSeal: 'bytes',
    },
  },
  list: {
    file: 'list.lua',
    allowOom: false,
    args: { sentAt: 'u6', id: 'bytes', keepMs: 'u6', lifetimeMs: 'u6' },
  },
  admit: {
    file: 'admit.lua',
    allowOom: false,
    args: { sentAt: 'u6', id: 'bytes', replaced: 'bytes', most: 'u4', keepMs: 'u6', lifetimeMs: 'u6', isCounted: 'u1' },
  },
  unlist: { file: 'unlist.lua', allowOom: true, args: { sentAt: 'u6' } },
  revoke: { file: 'revoke.lua', allowOom: true, args: { sentAt: 'u6', member: 'bytes', newGen: 'bytes' } },
  reencrypt: {
    file: 'reencrypt.lua',
    allowOom: false,
    args: {
      sentAt: 'u6',
      life: 'bytes',
      version: 'bytes',
      seal: 'bytes',
      newSeal: 'bytes',
      subject: 'bytes',
      size: 'u4',
    },
  },
  reseal: {
    file: 'reseal.lua',
    allowOom: false,
    args: { sentAt: 'u6', place: 'bytes', old: 'bytes', fresh: 'bytes' },
  },
  sweep: { file: 'sweep.lua', allowOom: true, args: { sentAt: 'u6' } },
  again: { file: 'again.lua', allowOom: true, args: { sentAt: 'u6' } },
  rights: { file: 'rights.lua', allowOom: true, changesNothing: true, args: { sentAt: 'u6', copies: 'u1' } },
} as const satisfies Record<string, Script>

type Table = typeof SCRIPTS

/** Scripts that look by themselves whether they need room; they are run so when Redis is out of memory. */
export type SecondName = { [Name in keyof Table]: Table[Name]['allowOom'] extends 'second' ? Name : never }[keyof Table]

export type ScriptName = keyof Table | `${SecondName}_when_full`

export type Arg = string | number | Buffer

type Packed<F extends Format> = F extends 'bytes' ? string | Buffer : number

/** The named arguments of a script; none may be left out. */
export type ScriptArgs<Name extends keyof Table> = {
  readonly [Arg in keyof Table[Name]['args']]: Packed<Table[Name]['args'][Arg] & Format>
}

const WIDTHS = { u1: 1, u4: 4, u6: 6 } as const

/** The same formats for Lua's struct library: bytes come after their length. */
const LUA_FORMATS: Record<Format, string> = { u1: 'B', u4: 'I4', u6: 'I6', bytes: 'I4c0' }

/** The arguments of each script after `sentAt`, the first of all scripts, with the width of a number, 0 for bytes. */
const ORDERS = new Map(
  Object.entries(SCRIPTS).map(([name, { args }]) => [
    name,
    Object.entries<Format>(args)
      .slice(1)
      .map(([arg, format]) => ({ arg, width: format === 'bytes' ? 0 : WIDTHS[format] })),
  ]),
)

const lengthOf = (value: string | number | Buffer, width: number): number => {
  if (width > 0) return width
  return 4 + (typeof value === 'string' ? Buffer.byteLength(value) : (value as Buffer).length)
}

/** The named arguments of a call as one buffer, in the order of the table. `sentAt` is in ms of Redis's time. */
export const packArgs = <Name extends keyof Table>(
  name: Name,
  sentAt: number,
  args: Omit<ScriptArgs<Name>, 'sentAt'>,
): Buffer => {
  const values = args as Readonly<Record<string, string | number | Buffer>>
  const order = ORDERS.get(name) ?? []
  let length = WIDTHS.u6
  for (const { arg, width } of order) length += lengthOf(values[arg] as string, width)
  const packed = Buffer.allocUnsafe(length)
  let at = packed.writeUIntBE(sentAt, 0, WIDTHS.u6)
  for (const { arg, width } of order) {
    const value = values[arg] as string | number | Buffer
    if (typeof value === 'number') {
      at = packed.writeUIntBE(value, at, width)
    } else {
      const written = typeof value === 'string' ? packed.write(value, at + 4, 'utf8') : value.copy(packed, at + 4)
      packed.writeUInt32BE(written, at)
      at += 4 + written
    }
  }
  return packed
}

const read = (file: string): string => readFileSync(new URL(`./lua/${file}`, import.meta.url), 'utf8')

const compose = (name: keyof Table, allowOom: boolean): string => {
  const { file, uses = [], args, changesNothing }: Script = SCRIPTS[name]
  const header = changesNothing ? '#!lua flags=no-writes' : allowOom ? '#!lua flags=allow-oom' : '#!lua'
  const format = Object.values(args).map((one) => LUA_FORMATS[one])
  const unpacking = `local ${Object.keys(args).join(', ')} = struct.unpack('>${format.join('')}', ARGV[1])`
  return [header, unpacking, ...['record.lua', ...uses, file].map(read)].join('\n')
}

/** Every script's text, as it is sent to Redis. */
export const scriptTexts = (): Record<ScriptName, string> =>
  Object.fromEntries(
    (Object.keys(SCRIPTS) as (keyof Table)[]).flatMap((name) => {
      const { allowOom } = SCRIPTS[name]
      if (allowOom !== 'second') return [[name, compose(name, allowOom)]]
      return [
        [name, compose(name, false)],
        [`${name}_when_full`, compose(name, true)],
      ]
    }),
  ) as Record<ScriptName, string>
