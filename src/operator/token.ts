/** Mints a token. The output has only the token, for scripts; the error output shows its rights, for people. */
import type { TokenRequest } from '../client/index.ts'
import { type Given, type Run, UsageError } from './command.ts'
import { connect } from './connection.ts'
import { remark } from './output.ts'
import { nameLine } from './shown.ts'

const namesOf = (given: Given, option: string): string[] =>
  given.texts(option).flatMap((text) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )

const requestOf = (given: Given): TokenRequest => {
  const [read, write] = [namesOf(given, 'read'), namesOf(given, 'write')]
  const scope = given
    .text('scope')
    ?.replace(/[\s,]+/g, ' ')
    .trim()
  const expires = given.text('expires')
  const audience = given.text('audience')
  if (expires !== undefined && !/^[1-9]\d{0,9}$/.test(expires)) throw new UsageError('--expires takes whole seconds.')
  return {
    ...(scope === undefined ? {} : { scope }),
    ...(expires === undefined ? {} : { expiresInSeconds: Number(expires) }),
    ...(audience === undefined ? {} : { audience }),
    ...(read.length + write.length === 0
      ? {}
      : { keys: { ...(read.length > 0 && { read }), ...(write.length > 0 && { write }) } }),
  }
}

type Claims = { readonly keys?: { readonly read?: readonly string[]; readonly write?: readonly string[] } }

/** The claims of a token. It is not verified, because the service has just made it. */
const claimsIn = (token: string): Claims => {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  } catch {
    return {}
  }
}

const list = (names: readonly string[] = []): string => (names.length === 0 ? 'no key' : names.map(nameLine).join(', '))

export const token: Run = async (given, around) => {
  const { out, err } = around
  const [id = ''] = given.positionals
  const request = requestOf(given)
  const { client } = connect(given, around)
  const minted = await client.session(id).token(request)
  out.write(`${given.flag('json') ? JSON.stringify(minted) : nameLine(minted.access_token)}\n`)
  const { keys } = claimsIn(minted.access_token)
  const rules = `reads ${list(keys?.read)}; writes ${list(keys?.write)}`
  remark(err, `scope ${nameLine(minted.scope)}; ${rules}; good for ${minted.expires_in} s`)
  return undefined
}
