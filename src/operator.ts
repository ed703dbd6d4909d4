/**
 * What an operator at a terminal does to a service that runs: over HTTP, as everybody else. Where the service is, and the
 * API key, come from the environment; after a first start the key is found in the data folder.
 */
import { readFileSync } from 'node:fs'

/** Something that the operator can mend; told without a stack. */
export class OperatorError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>

const DEFAULT_URL = 'http://127.0.0.1:3000'
const FIRST_START_FILE = 'data/authorization.header'
const DEADLINE_MS = 10_000

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

/** The API key, by `COATCHECK_API_KEY`, `COATCHECK_API_KEY_FILE` or of a first start. Throws OperatorError. */
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

/** Calls the service and answers what it said; throws OperatorError with the service's own words if it refused. */
const call = async (method: string, url: string, key?: string): Promise<Response> => {
  let answer: Response
  try {
    answer = await fetch(url, {
      method,
      // An API key goes to the service that was named, and to no other.
      redirect: 'manual',
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: string }; name: string }
    throw new OperatorError(
      `${new URL(url).origin} does not answer (${cause?.code ?? name}). Does the service run? --url or COATCHECK_URL says where.`,
    )
  }
  if (answer.ok) return answer
  const { title, detail } = (await answer.json().catch(() => ({}))) as { title?: string; detail?: string }
  const words = title === undefined ? 'and not as Coatcheck does: is it that service?' : `"${title}". ${detail ?? ''}`
  throw new OperatorError(`The service answered ${answer.status}, ${words}`)
}

/** The names of all signing keys, newest first. */
export const signingKeyNames = async (url: string): Promise<string[]> => {
  const answer = await call('GET', `${url}/.well-known/jwks.json`)
  const { keys } = (await answer.json().catch(() => ({}))) as { keys?: { kid?: string }[] }
  if (!keys) throw new OperatorError(`What ${new URL(url).origin} answers is no set of keys: is it Coatcheck?`)
  return keys.map(({ kid }) => kid ?? '(without a name)')
}

export const retireSigningKey = async (url: string, key: string, kid: string): Promise<void> => {
  await call('DELETE', `${url}/v1/signing-keys/${encodeURIComponent(kid)}`, key)
}
