/** Gives each call a name, by which its line in the log, its trace and what its caller saw are found together. */
import { randomBytes } from 'node:crypto'

/** What a caller may name a call: it goes to logs and into an answer. */
const SANE = /^[\w.:+/=@-]{1,128}$/

const own = randomBytes(6).toString('base64url')
let count = 0

/** A name that nobody else makes: neither this process again nor another replica. */
export const newRequestId = (): string => {
  count += 1
  return `${own}-${count.toString(36)}`
}

/** `X-Request-Id` if it is sane, else a new one. */
export const requestIdOf = ({ headers }: { readonly headers: NodeJS.Dict<string | string[]> }): string => {
  const sent = headers['x-request-id']
  return typeof sent === 'string' && SANE.test(sent) ? sent : newRequestId()
}
