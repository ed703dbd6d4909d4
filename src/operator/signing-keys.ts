/** Lists the signing keys of a running service, and retires one. */
import { OperatorError, type Run } from './command.ts'
import { connect } from './connection.ts'
import { nameLine } from './shown.ts'

/** The names in a JWK Set; undefined if the text is not a JWK Set. */
const namesIn = (text: string): string[] | undefined => {
  try {
    const { keys } = JSON.parse(text) as { keys: { kid?: string }[] }
    return keys.map(({ kid }) => kid ?? '(without a name)')
  } catch {
    return undefined
  }
}

export const list: Run = async (given, around) => {
  const { call } = connect(given, around, { isPublic: true })
  const { text } = await call({ method: 'GET', path: '/.well-known/jwks.json', repeat: 'always' })
  const names = namesIn(text)
  if (!names) throw new OperatorError('The answer is not a set of keys: is this service Coatcheck?')
  around.out.write(given.flag('json') ? `${text}\n` : names.map((name) => `${nameLine(name)}\n`).join(''))
  return undefined
}

export const retire: Run = async (given, around) => {
  const [kid = ''] = given.positionals
  const { call } = connect(given, around)
  // Not repeated: a second call would not find the key.
  await call({ method: 'DELETE', path: `/v1/signing-keys/${encodeURIComponent(kid)}`, repeat: 'refused' })
  around.out.write(
    given.flag('json')
      ? `${JSON.stringify({ retired: kid })}\n`
      : 'It is retired, and what it signed is void; on other replicas within 5 s.\n',
  )
  return undefined
}
