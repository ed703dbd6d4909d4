/** The type of a command of `coatcheck`: its arguments, options and texts. Parsing, help and completion use them. */
import type { Environment } from '../config/environment.ts'

export type Option = {
  /** Without its dashes. */
  readonly name: string
  readonly short?: string
  /** The name of its value in the help. An option without a value is a flag. */
  readonly value?: string
  /** Whether it may occur several times. */
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
  /** More for a reader of its help, in lines of 100 characters at most. */
  readonly details: string
  readonly examples: readonly string[]
  /** Imports the code of the command, so that other commands do not wait for it. */
  readonly load: () => Promise<Run>
}

/** The arguments of a command: `<session>`, `[key]`, `[key value]...`. */
export const partsOf = ({ takes }: Command): string[] => takes.match(/<[^>]*>(?:\.\.\.)?|\[[^\]]*\](?:\.\.\.)?/g) ?? []

/** The arguments and options of a command line. */
export type Given = {
  readonly positionals: readonly string[]
  flag(name: string): boolean
  text(name: string): string | undefined
  /** All values of an option that may occur several times. */
  texts(name: string): readonly string[]
}

/** One of the two streams that a command writes to. */
export type Screen = {
  readonly isTerminal: boolean
  /** Its width in characters. */
  readonly columns: number
  readonly isColoured: boolean
  write(text: string): void
}

/** The surroundings of a command. */
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
  /** Ends a command that runs on, such as `watch`. If left out, the command runs until the process ends. */
  readonly signal?: AbortSignal
}

/** Returns the exit code if it is not 0. Throws UsageError, OperatorError, CoatcheckError. */
export type Run = (given: Given, around: Surroundings) => Promise<number | undefined>

/** The command line is wrong; the exit code is 2. */
export class UsageError extends Error {
  readonly command: Command | undefined

  /** @param command the usage of this command is shown with the error */
  constructor(message: string, command?: Command) {
    super(message)
    this.command = command
  }
}

/** A fault that the operator can correct. It is shown without a stack. */
export class OperatorError extends Error {}
