/** The options of every command that calls a service. */
import type { Option } from './command.ts'

export const URL_OPTION: Option = { name: 'url', value: 'URL', summary: 'where the service is' }

export const TIMEOUT_OPTION: Option = {
  name: 'timeout',
  value: 'SECONDS',
  summary: 'how long to try, repeats included; 5 if left out',
}

export const jsonOption = (summary: string): Option => ({ name: 'json', summary: `${summary}; errors as JSON, too` })
