/** What asks for a session token, and what one is answered as: by itself, or along with a session. */
import { Type } from 'typebox'
import { parseScope, SCOPES } from '../domain/credentials/scope.ts'
import { type Granted, LONGEST_TOKEN_SECONDS, type TokenRequest } from '../domain/sessions/token-grants.ts'
import { CoatcheckError } from '../errors.ts'

const Rule = Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
  maxItems: 64,
  description: 'Names of keys; `prefix*` stands for all that begin so, `*` for all.',
  examples: [['theme', 'cart-*']],
})

export const TokenBody = Type.Object(
  {
    scope: Type.Optional(
      Type.String({
        maxLength: 256,
        description: `Space-separated, of ${SCOPES.map((scope) => `\`${scope}\``).join(', ')}. \`read write touch\` if left out.`,
        examples: ['read write touch'],
      }),
    ),
    keys: Type.Optional(
      Type.Object(
        { read: Type.Optional(Rule), write: Type.Optional(Rule) },
        { additionalProperties: false, description: 'Which keys of the settings the token may see and change.' },
      ),
    ),
    expiresInSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: LONGEST_TOKEN_SECONDS,
        description: 'How long the token lives; 900 if left out, and never longer than the session.',
        examples: [900],
      }),
    ),
    audience: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Who is to take the token, if not this service: it is then not taken here.',
      }),
    ),
    subject: Type.Optional(
      Type.Boolean({ description: 'Whether the token is to name the subject. Whoever holds a token can read it.' }),
    ),
  },
  { additionalProperties: false, examples: [{ keys: { read: ['*'], write: ['theme', 'username'] } }] },
)

export const TokenAnswer = Type.Object({
  access_token: Type.String(),
  token_type: Type.String({ examples: ['Bearer'] }),
  expires_in: Type.Integer({ description: 'In seconds.' }),
  scope: Type.String(),
})

type Body = {
  scope?: string
  keys?: { read?: string[]; write?: string[] }
  expiresInSeconds?: number
  audience?: string
  subject?: boolean
}

/** What a body asks for; throws invalid_request for a word that is no scope. */
export const tokenRequest = ({ scope, subject, ...rest }: Body): TokenRequest => {
  const parsed = scope === undefined ? undefined : parseScope(scope)
  if (scope !== undefined && (parsed === undefined || parsed.length === 0)) {
    throw new CoatcheckError('invalid_request', 'A word in `scope` is no scope.', {
      errors: [{ pointer: '#/scope', detail: `takes ${SCOPES.join(', ')}` }],
    })
  }
  return { ...rest, ...(parsed === undefined ? {} : { scope: parsed }), withSubject: subject === true }
}

/** A token as RFC 6749 §5.1 answers it. */
export const tokenAnswer = ({ token, expiresInSeconds, scope }: Granted) => ({
  access_token: token,
  token_type: 'Bearer',
  expires_in: expiresInSeconds,
  scope: scope.join(' '),
})

/** The same as one more member of an object's text. */
export const tokenMember = (granted: Granted | undefined): string =>
  granted === undefined ? '' : `,"token":${JSON.stringify(tokenAnswer(granted))}`
