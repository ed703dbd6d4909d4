/** Puts and removes keys by one JSON Patch: all of them or none. Each value keeps the text that was given. */
import { patchOf, pointerTo } from '../client/difference.ts'
import { tagIn } from '../client/sending.ts'
import { type Given, type Run, type Surroundings, UsageError } from './command.ts'
import { connect, sessionPath } from './connection.ts'
import { dim, remark } from './output.ts'
import { jsonLine, nameLine } from './shown.ts'

type Pair = readonly [key: string, text: string]

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The JSON text of a value. */
const textOf = (key: string, word: string, isString: boolean): string => {
  if (isString) return JSON.stringify(word)
  const text = word.trim()
  if (isJson(text)) return text
  if (/^[[{"]/.test(text)) {
    throw new UsageError(
      `The value of ${JSON.stringify(key)} begins like JSON but is not valid JSON. --string takes it as text.`,
    )
  }
  return JSON.stringify(word)
}

const pairsOf = async (given: Given, { input }: Surroundings): Promise<Pair[]> => {
  const words = given.positionals.slice(1)
  const isString = given.flag('string')
  if (words.length % 2 === 1) {
    const last = words.at(-1) ?? ''
    const hint = last.includes('=') ? ' A key and its value are two arguments, without a = between them.' : ''
    throw new UsageError(`The key ${JSON.stringify(last)} has no value.${hint}`)
  }
  if (words.filter((word, i) => i % 2 === 1 && word === '-').length > 1) {
    throw new UsageError('The standard input can be read for one value only.')
  }
  const pairs: Pair[] = []
  for (let i = 0; i < words.length; i += 2) {
    const [key = '', word = ''] = words.slice(i)
    const value = word === '-' ? (await input.read()).replace(/\r?\n$/, '') : word
    pairs.push([key, textOf(key, value, isString)])
  }
  return pairs
}

const patchText = (pairs: readonly Pair[], removed: readonly string[]): string => {
  const puts = pairs.map(([key, text]) => `{"op":"add","path":${JSON.stringify(pointerTo(key))},"value":${text}}`)
  const removals = patchOf({ set: {}, removed }).map((operation) => JSON.stringify(operation))
  return `[${[...puts, ...removals].join(',')}]`
}

export const set: Run = async (given, around) => {
  const { out, err } = around
  const [id = ''] = given.positionals
  const removed = given.texts('remove')
  const pairs = await pairsOf(given, around)
  if (pairs.length + removed.length === 0) throw new UsageError('There is nothing to put or remove.')
  const tag = given.text('if-match')?.replace(/^"(.*)"$/, '$1')

  const { call } = connect(given, around)
  const { status, headers } = await call({
    method: 'PATCH',
    path: `${sessionPath(id)}/settings`,
    text: patchText(pairs, removed),
    type: 'application/json-patch+json',
    headers: tag === undefined ? {} : { 'if-match': tag === '*' ? tag : `"${tag}"` },
    repeat: 'keyed',
  })
  const etag = tagIn(headers) ?? ''
  const created = status === 201

  if (given.flag('json')) out.write(`${JSON.stringify({ etag, created })}\n`)
  else if (!out.isTerminal) out.write(`${etag}\n`)
  else {
    for (const [key, text] of pairs) out.write(`${nameLine(key)} = ${jsonLine(text)}\n`)
    for (const key of removed) out.write(`${nameLine(key)} is removed\n`)
    out.write(`${dim(out, `ETag ${etag}`)}\n`)
  }
  if (created) remark(err, 'The session was missing: this call has begun it.')
  return undefined
}
