/** Form bodies, for the two OAuth calls that are defined by them and for nothing else. */
import type { FastifyInstance } from 'fastify'
import { CoatcheckError } from '../../errors.ts'

export const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Takes form bodies in this scope. A parameter that stands twice is refused (RFC 6749 §3.2). */
export const takeForms = (scope: FastifyInstance): void => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(FORM_TYPE, { parseAs: 'string' }, async (_request: unknown, body: string) => {
    const form: Record<string, string> = Object.create(null)
    for (const [name, value] of new URLSearchParams(body)) {
      if (name in form) throw new CoatcheckError('invalid_request', 'A parameter of the form stands twice.')
      form[name] = value
    }
    return { ...form }
  })
  // Forms are checked by their content type, so one that was not sent would pass unchecked.
  scope.addHook('preValidation', async ({ body }) => {
    if (body === undefined) throw new CoatcheckError('invalid_request', `The call needs a form: send ${FORM_TYPE}.`)
  })
}
