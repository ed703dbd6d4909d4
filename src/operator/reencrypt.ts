/** Encrypts what is stored, by a service that runs. */
import { OperatorError, type Run } from './command.ts'
import { connect } from './connection.ts'

type Part = { readonly looked: number; readonly changed: number; readonly next: string | null }

const partIn = (text: string): Part => {
  try {
    const part = JSON.parse(text) as Part
    if (Number.isInteger(part.looked) && Number.isInteger(part.changed)) return part
  } catch {}
  throw new OperatorError('The answer tells of no part: is this service Coatcheck?')
}

export const reencrypt: Run = async (given, around) => {
  const { call } = connect(given, around)
  let [looked, changed] = [0, 0]
  for (let after: string | null = null; ; ) {
    const body = after === null ? {} : { after }
    const { text } = await call({ method: 'POST', path: '/v1/reencrypt', body, repeat: 'always' })
    const part = partIn(text)
    looked += part.looked
    changed += part.changed
    after = part.next
    if (after === null) break
  }
  around.out.write(
    given.flag('json')
      ? `${JSON.stringify({ looked, changed })}\n`
      : `${changed} of ${looked} sessions, lists and secrets were encrypted anew. The rest was so already.\n`,
  )
  return undefined
}
