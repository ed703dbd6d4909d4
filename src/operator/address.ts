/**
 * The address of the service and the API key for it. They come from the environment; after a first start the API key is in
 * the data folder. The API key is never an argument, because every user of a machine can list arguments.
 */
import { readFileSync } from 'node:fs'
import type { Environment } from '../config/environment.ts'
import { OperatorError } from './command.ts'

const DEFAULT_URL = 'http://127.0.0.1:3000'
const FIRST_START_FILE = 'data/authorization.header'

const NO_KEY =
  'No API key: set COATCHECK_API_KEY, or COATCHECK_API_KEY_FILE to a file that holds it. ' +
  `After a first start without configuration it is in ${FIRST_START_FILE}: run the command where that is.`

/** The service's URL without a slash at its end. Throws OperatorError. */
export const serviceUrl = (option: string | undefined, env: Environment): string => {
  const text = option ?? (env.COATCHECK_URL || DEFAULT_URL)
  const source = option === undefined ? 'COATCHECK_URL' : '--url'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new OperatorError(`${source} is no URL of a service: it looks like ${DEFAULT_URL}.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new OperatorError(`${source} has a user or a password in it, which is never sent: take them out.`)
  }
  return url.href.replace(/\/+$/, '')
}

const readKeyFile = (file: string): string => readFileSync(file, 'utf8').replace(/^Authorization: Bearer /i, '')

/** The API key of `COATCHECK_API_KEY`, `COATCHECK_API_KEY_FILE` or a first start. Throws OperatorError. */
export const apiKeyFrom = (env: Environment): string => {
  const { COATCHECK_API_KEY: direct, COATCHECK_API_KEY_FILE: file } = env
  if (direct && file) throw new OperatorError('COATCHECK_API_KEY and COATCHECK_API_KEY_FILE are both set: unset one.')
  let key = direct ?? ''
  if (key === '') {
    try {
      key = readKeyFile(file || FIRST_START_FILE)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (!file && code === 'ENOENT') throw new OperatorError(NO_KEY)
      throw new OperatorError(
        `${file ? 'The file that COATCHECK_API_KEY_FILE names' : FIRST_START_FILE} cannot be read (${code}).`,
      )
    }
  }
  key = key.trim()
  if (!/^ck_[\x21-\x7e]+$/.test(key))
    throw new OperatorError('What was given as the API key is none: it begins with ck_.')
  return key
}
