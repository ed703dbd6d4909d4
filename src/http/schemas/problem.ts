/** A problem, RFC 9457, as every refusal answers it. */
import { Type } from 'typebox'
import { ERRORS, type ErrorCode } from '../../errors.ts'
import { oneOf } from './bricks.ts'

export const Problem = Type.Object(
  {
    type: Type.String({ examples: ['urn:coatcheck:problem:session_gone'] }),
    title: Type.String({ description: 'The same for every problem of this code.' }),
    status: Type.Integer({ examples: [410] }),
    code: oneOf(Object.keys(ERRORS) as ErrorCode[], {
      description: 'One of a closed list: what a program switches on.',
    }),
    detail: Type.String({ description: 'What to do about this case.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({
            description: 'An RFC 6901 pointer into the body, or `#/path`, `#/query`, `#/headers`.',
          }),
          detail: Type.String(),
        }),
      ),
    ),
    limit: Type.Optional(Type.Integer({ description: 'How much may be.' })),
    reason: Type.Optional(Type.String({ description: 'Why a session is gone.', examples: ['deleted'] })),
    endedAt: Type.Optional(Type.String({ format: 'date-time', description: 'When a session was ended.' })),
    requestId: Type.Optional(Type.String({ description: 'What to look for in the log.' })),
  },
  { $id: 'Problem', title: 'A problem, RFC 9457' },
)
