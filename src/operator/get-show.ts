/** Shows a session: its settings, one value, or its clocks. All come from one answer, whose text is not changed. */
import { CoatcheckError } from '../client/errors.ts'
import { decodeString, members } from '../domain/json/json-text.ts'
import { type Given, OperatorError, type Run, type Screen, type Surroundings } from './command.ts'
import { connect, sessionPath } from './connection.ts'
import { fromNow, remark, writeLines, writeTable } from './output.ts'
import { jsonLine, nameLine, prose } from './shown.ts'

/** A session as text, and its members as texts. */
const read = async (given: Given, around: Surroundings) => {
  const [id = ''] = given.positionals
  const { call } = connect(given, around)
  const query = given.flag('touch') ? '' : '?touch=false'
  const { text } = await call({ method: 'GET', path: sessionPath(id) + query, repeat: 'always' })
  try {
    const parts = new Map(members(text))
    return { text, parts, settings: parts.get('settings') ?? '{}' }
  } catch {
    throw new OperatorError('The answer is not a session: is this service Coatcheck?')
  }
}

/** Writes JSON unchanged. On a terminal invisible characters are escaped; the value is the same. */
const writeJson = (out: Screen, text: string): void => out.write(`${out.isTerminal ? jsonLine(text) : text}\n`)

const writeRaw = (out: Screen, text: string): void => {
  const plain = text.startsWith('"') ? decodeString(text) : text
  out.write(`${out.isTerminal ? prose(plain) : plain}\n`)
}

const plural = (count: number): string => (count === 1 ? '1 key' : `${count} keys`)

export const get: Run = async (given, around) => {
  const { out, err } = around
  const [, key] = given.positionals
  const { parts, settings } = await read(given, around)
  const found = members(settings)
  if (key !== undefined) {
    const value = found.find(([name]) => name === key)?.[1]
    if (value === undefined) {
      const detail = 'The settings have no such key; `coatcheck get` with the session alone shows those there are.'
      throw new CoatcheckError({ code: 'key_not_found', status: 404, detail })
    }
    if (given.flag('raw')) writeRaw(out, value)
    else writeJson(out, value)
  } else if (given.flag('json')) writeJson(out, settings)
  else {
    const rows = found
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => [nameLine(name), jsonLine(value)])
    if (out.isTerminal && rows.length > 0) writeTable(out, ['KEY', 'VALUE'], rows)
    else writeLines(out, rows)
    const expiresAt = decodeString(parts.get('expiresAt') ?? '""')
    remark(err, prose(`${plural(rows.length)}; the session expires ${fromNow(expiresAt)}`))
  }
  return undefined
}

/** The text of a value for people: strings without their quotes, times with their distance from now. */
const forPeople = (name: string, text: string): string => {
  if (text === 'null') return '-'
  if (!text.startsWith('"')) return name.endsWith('Seconds') ? `${text} s` : jsonLine(text)
  const plain = decodeString(text)
  return name.endsWith('At') ? `${nameLine(plain)}  ${fromNow(plain)}` : nameLine(plain)
}

export const show: Run = async (given, around) => {
  const { out } = around
  const { text, parts, settings } = await read(given, around)
  if (given.flag('json')) {
    writeJson(out, text)
    return undefined
  }
  const facts = [...parts].filter(([name]) => name !== 'settings')
  const keys = String(members(settings).length)
  if (out.isTerminal) {
    const rows = facts.map(([name, value]) => [nameLine(name), forPeople(name, value)])
    writeTable(out, ['SESSION', ''], [...rows, ['keys', keys]])
  } else {
    const plain = (value: string): string => (value.startsWith('"') ? nameLine(decodeString(value)) : jsonLine(value))
    writeLines(out, [...facts.map(([name, value]) => [nameLine(name), plain(value)]), ['keys', keys]])
  }
  return undefined
}
