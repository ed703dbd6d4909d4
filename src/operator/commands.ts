/** The one table of commands. The code of a command is loaded when it is called. */
import type { Command } from './command.ts'
import { SERVICE_COMMANDS } from './service-commands.ts'
import { SESSION_COMMANDS } from './session-commands.ts'

export const COMMANDS: readonly Command[] = [...SESSION_COMMANDS, ...SERVICE_COMMANDS]
