/** Lists the sessions of a user or of the namespace, page after page. Settings are printed as they were put. */
import { decodeString, elements, members } from '../domain/json/json-text.ts'
import { OperatorError, type Run } from './command.ts'
import { type Connection, connect } from './connection.ts'
import { fromNow, remark, writeLines, writeTable } from './output.ts'
import { jsonLine, nameLine } from './shown.ts'

/** The texts of all sessions. */
async function* sessionTexts({ call }: Connection, path: string): AsyncGenerator<string[], void> {
  let cursor: string | undefined
  do {
    const from = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`
    const { text } = await call({ method: 'GET', path: path + from, repeat: 'always' })
    let parts: Map<string, string>
    try {
      parts = new Map(members(text))
      yield elements(parts.get('sessions') ?? '[]')
    } catch {
      throw new OperatorError('The answer is not a list of sessions: is this service Coatcheck?')
    }
    const next = parts.get('next')
    cursor = next === undefined ? undefined : decodeString(next)
  } while (cursor !== undefined)
}

const COLUMNS = ['id', 'createdAt', 'lastSeenAt', 'expiresAt'] as const

const fieldsOf = (text: string): string[] => {
  const parts = new Map(members(text))
  return COLUMNS.map((name) => nameLine(decodeString(parts.get(name) ?? '""')))
}

export const sessions: Run = async (given, around) => {
  const { out, err } = around
  const [subject] = given.positionals
  const path = subject === undefined ? '/v1/sessions' : `/v1/subjects/${encodeURIComponent(subject)}/sessions`
  const asJson = given.flag('json')
  const texts: string[] = []
  const rows: string[][] = []
  for await (const page of sessionTexts(connect(given, around), path)) {
    if (asJson) texts.push(...page)
    else if (out.isTerminal) rows.push(...page.map(fieldsOf))
    else writeLines(out, page.map(fieldsOf))
  }
  if (asJson) {
    const text = `[${texts.join(',')}]`
    out.write(`${out.isTerminal ? jsonLine(text) : text}\n`)
  } else if (rows.length > 0) {
    const shown = rows.map(([id = '', ...times]) => [id, ...times.map((time) => fromNow(time))])
    writeTable(out, ['SESSION', 'CREATED', 'LAST SEEN', 'EXPIRES'], shown)
  } else if (out.isTerminal) {
    remark(err, subject === undefined ? 'There are no sessions.' : `${nameLine(subject)} is logged in nowhere.`)
  }
  return undefined
}
