/** What a command of `coatcheck` is: what it takes and says of itself, from which parsing, help and completion come. */
import type { Environment } from '../config/environment.ts'

export type Option = {
  /** Without its dashes. */
  readonly name: string
  readonly short?: string
  /** What its value is called in the help; an option without one is a flag. */
  readonly value?: string
  /** Whether it may be said several times. */
  readonly several?: boolean
  readonly summary: string
}

export type Command = {
  /** One word, or two. */
  readonly name: string
  readonly group: 'sessions' | 'service'
  /** Its arguments: `<needed>`, `[optional]`, `[any number]...`, `<one|of|these>`; one named `session` is a UUID. */
  readonly takes: string
  readonly options: readonly Option[]
  /** One line. */
  readonly summary: string
  /** What a reader of its help should know beyond that, in lines of 100 characters at most. */
  readonly details: string
  readonly examples: readonly string[]
  /** Gets what it does, with all that this needs: other commands need not wait for it. */
  readonly load: () => Promise<Run>
}

/** The parts of what a command takes: `<session>`, `[key]`, `[key value]...`. */
export const partsOf = ({ takes }: Command): string[] => takes.match(/<[^>]*>(?:\.\.\.)?|\[[^\]]*\](?:\.\.\.)?/g) ?? []

/** What was given on the command line. */
export type Given = {
  readonly positionals: readonly string[]
  flag(name: string): boolean
  text(name: string): string | undefined
  /** Of an option that may be said several times. */
  texts(name: string): readonly string[]
}

/** One of the two streams that a command writes to. */
export type Screen = {
  readonly isTerminal: boolean
  /** How wide it is, in characters. */
  readonly columns: number
  readonly isColoured: boolean
  write(text: string): void
}

/** What there is around a command. */
export type Surroundings = {
  /** The table of all commands. */
  readonly commands: readonly Command[]
  readonly env: Environment
  readonly out: Screen
  readonly err: Screen
  readonly input: {
    readonly isTerminal: boolean
    /** All of it. */
    read(): Promise<string>
    /** One line, after a question. */
    ask(question: string): Promise<string>
  }
  /** Where a command that goes on is ended; if left out it goes on until the process is ended. */
  readonly signal?: AbortSignal
}

/** Answers the exit code if it is not 0. Throws UsageError, OperatorError, CoatcheckError. */
export type Run = (given: Given, around: Surroundings) => Promise<number | undefined>

/** What was asked for is no way to ask; the exit code is 2. */
export class UsageError extends Error {
  readonly command: Command | undefined

  /** @param command of which the usage is then shown */
  constructor(message: string, command?: Command) {
    super(message)
    this.command = command
  }
}

/** Something that the operator can mend; told without a stack. */
export class OperatorError extends Error {}
