/** Copies all sessions from one store to another, or opens the store again that a copy has closed. */
import { CoatcheckError } from '../client/errors.ts'
import { CopyAway, CopyFailed, copy as copyStores, type Phase, reopen, type Sides } from '../process/copies.ts'
import { type Given, OperatorError, type Run, type Surroundings, UsageError } from './command.ts'
import { writeLines, writeTable } from './output.ts'
import { nameLine } from './shown.ts'

const PHASES: Readonly<Record<Phase, string>> = {
  waiting: 'The source is closed for writes. Waiting until every replica has seen that …',
  clearing: 'Removing what an earlier run has left in the target …',
  copying: 'Copying …',
  comparing: 'Comparing both stores …',
}

const WORDS: Readonly<Record<keyof Sides['source'], string>> = {
  session: 'sessions',
  tombstone: 'ended sessions',
  handoff: 'hand-offs',
  outcome: 'kept outcomes',
  listed: "entries of subjects' lists",
  admitted: "entries of subjects' limits",
  secret: 'signing keys and secrets',
}

const TELL_EACH_MS = 5000

/** A line for each step, and every few seconds how far it is. */
const progressOn = ({ err }: Surroundings) => {
  let present: Phase | undefined
  let toldAt = 0
  return (phase: Phase, items: number): void => {
    const now = performance.now()
    if (phase !== present) err.write(`${PHASES[phase]}\n`)
    else if (now - toldAt < TELL_EACH_MS) return
    else err.write(`  ${items} records\n`)
    present = phase
    toldAt = now
  }
}

const rowsOf = ({ source, target }: Sides): string[][] =>
  (Object.keys(WORDS) as (keyof typeof WORDS)[]).map((kind) => [WORDS[kind], `${source[kind]}`, `${target[kind]}`])

const showSides = ({ out }: Surroundings, sides: Sides): void => {
  if (out.isTerminal) writeTable(out, ['what', 'source', 'target'], rowsOf(sides))
  else writeLines(out, rowsOf(sides))
}

/** As the other commands tell it: with exit code 4 where trying again later may help. */
const told = (error: unknown): Error => {
  if (error instanceof CopyAway) {
    return new CoatcheckError({ code: 'store_unavailable', status: 503, detail: error.message, cause: error })
  }
  return error instanceof CopyFailed ? new OperatorError(error.message, { cause: error }) : (error as Error)
}

const reopenSource = async (given: Given, around: Surroundings, from: string): Promise<undefined> => {
  if (given.text('to') !== undefined) throw new UsageError('--reopen takes --from alone.')
  const { store, wasMoved } = await reopen(around.env, from)
  around.out.write(
    given.flag('json') ? `${JSON.stringify({ reopened: store })}\n` : `${nameLine(store)} is open for writes again.\n`,
  )
  if (wasMoved) {
    around.err.write(
      'Its copy was finished. What was done in the other store since then is not here, and log-outs there are undone here.\n',
    )
  }
  return undefined
}

export const copy: Run = async (given, around) => {
  const [from, to] = [given.text('from'), given.text('to')]
  if (from === undefined) throw new UsageError('--from is missing: it names the store to copy.')
  try {
    if (given.flag('reopen')) return await reopenSource(given, around, from)
    if (to === undefined) throw new UsageError('--to is missing: it names an empty store.')
    const copied = await copyStores(around.env, { from, to, onProgress: progressOn(around) })
    const { source, target } = copied.sides
    if (given.flag('json')) {
      around.out.write(`${JSON.stringify({ from: copied.from, to: copied.to, source, target })}\n`)
      return undefined
    }
    showSides(around, copied.sides)
    around.err.write(
      `Both hold the same. Start the service with COATCHECK_STORE=${nameLine(copied.to)}. ${nameLine(copied.from)} stays closed for writes.\n`,
    )
    return undefined
  } catch (error) {
    if (error instanceof CopyFailed && error.sides) showSides(around, error.sides)
    throw told(error)
  }
}
