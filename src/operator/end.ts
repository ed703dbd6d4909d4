/** Ends the named sessions, or all sessions of a user. */
import type { Client } from '../client/index.ts'
import { type Given, OperatorError, type Run, type Surroundings, UsageError } from './command.ts'
import { connect } from './connection.ts'
import { exitCodeOf, messageOf, problemOf } from './failure.ts'
import { remark } from './output.ts'
import { nameLine, prose } from './shown.ts'

const tellCount = (given: Given, { out }: Surroundings, ended: number): void => {
  if (given.flag('json')) out.write(`{"ended":${ended}}\n`)
  else if (out.isTerminal) out.write(ended === 1 ? '1 session has ended.\n' : `${ended} sessions have ended.\n`)
  else out.write(`${ended}\n`)
}

/** Asks the operator. Throws OperatorError if the answer is no. */
const confirm = async (client: Client, subject: string, given: Given, around: Surroundings): Promise<void> => {
  if (given.flag('yes')) return
  if (!around.input.isTerminal || !around.err.isTerminal) {
    throw new UsageError('Nobody can be asked here whether all sessions of a user are to end: say --yes.')
  }
  let count = 0
  for await (const _session of client.subject(subject).sessions()) count++
  const times = count === 1 ? '1 session' : `${count} sessions`
  const answer = await around.input.ask(`${nameLine(subject)} has ${times}. End all of them? [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new OperatorError('Nothing was ended.')
}

/** Tries all sessions. The exit code is that of the first failure. */
const endEach = async (client: Client, given: Given, around: Surroundings): Promise<number> => {
  let ended = 0
  let code = 0
  for (const id of given.positionals) {
    try {
      await client.session(id).end()
      ended++
    } catch (error) {
      const text = given.flag('json') ? problemOf(error) : prose(`${id}: ${messageOf(error)}`)
      around.err.write(`${text}\n`)
      code ||= exitCodeOf(error)
    }
  }
  tellCount(given, around, ended)
  return code
}

export const end: Run = async (given, around) => {
  const subject = given.text('subject')
  const except = given.text('except')
  if (subject === undefined) {
    if (given.positionals.length === 0) throw new UsageError('Name a session, or a user with --subject.')
    if (except !== undefined) throw new UsageError('--except goes with --subject.')
    return endEach(connect(given, around).client, given, around)
  }
  if (given.positionals.length > 0) throw new UsageError('Name sessions or --subject, not both.')
  const { client } = connect(given, around)
  await confirm(client, subject, given, around)
  const ended = await client.subject(subject).end(except === undefined ? {} : { except })
  tellCount(given, around, ended)
  if (ended === 0) remark(around.err, `${nameLine(subject)} is logged in nowhere else.`)
  return undefined
}
