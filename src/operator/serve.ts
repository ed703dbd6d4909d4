/** Runs the service. Only this command loads its code. */
import { ConfigError } from '../config/environment.ts'
import { startService } from '../process/serve.ts'
import { OperatorError, type Run } from './command.ts'

export const serve: Run = async () => {
  try {
    await startService()
    return undefined
  } catch (error) {
    const { message } = error as Error
    throw new OperatorError(error instanceof ConfigError ? message : `The service could not start: ${message}`)
  }
}
