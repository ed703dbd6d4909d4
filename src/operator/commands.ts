/** The one table of commands. What each does is loaded when it is asked for. */
import type { Command } from './command.ts'
import { SERVICE_COMMANDS } from './service-commands.ts'
import { SESSION_COMMANDS } from './session-commands.ts'

export const COMMANDS: readonly Command[] = [...SESSION_COMMANDS, ...SERVICE_COMMANDS]
