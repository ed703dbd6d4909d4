/** Sessions and their settings, as calls take and answer them. */
import { Type } from 'typebox'
import { TokenAnswer, TokenBody } from '../token-body.ts'
import { Id } from './bricks.ts'

export const Settings = Type.Object(
  {},
  {
    additionalProperties: true,
    description: "An app's settings: a JSON object. Each value is kept as the text that was sent.",
    examples: [{ username: 'henrik', theme: 'dark' }],
  },
)

const time = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-11-21T20:00:00.000Z'] })

const idleTimeout = {
  minimum: 1,
  maximum: 4_000_000_000,
  description: 'How long the session lives unused.',
  examples: [8_640_000],
}
const lifetime = {
  minimum: 1,
  maximum: 4_000_000_000,
  description: 'How long the session lives at most, used or not.',
  examples: [34_560_000],
}

const subject = {
  description: 'The user that the session is bound to. A session token does not see it.',
  examples: ['user-42'],
}

const SessionState = {
  id: Id,
  etag: Type.String({
    description: 'The ETag of the settings, without quotes; `0` while they are unwritten.',
    examples: ['3-Xq2mB0aZ'],
  }),
  revision: Type.Integer({ minimum: 0, description: '+1 with each change of the settings.', examples: [3] }),
  subject: Type.Optional(Type.Union([Type.String(), Type.Null()], subject)),
  createdAt: time('When this life of the session began.'),
  lastSeenAt: time('The latest use that was written down: at most a tenth of the idle timeout, or 60 s, too early.'),
  idleTimeoutSeconds: Type.Integer(idleTimeout),
  lifetimeSeconds: Type.Integer(lifetime),
  expiresAt: time('When the session ends if nobody uses it from now on.'),
}

/** A session without its settings, as `touch` answers it. */
export const SessionClocks = Type.Object(SessionState, {
  $id: 'SessionClocks',
  title: 'A session without its settings',
})

export const Session = Type.Object({ ...SessionState, settings: Settings }, { $id: 'Session', title: 'A session' })

/** The user that a session is bound to, as a call names it. */
export const Subject = Type.String({ minLength: 1, ...subject })

export const ClocksAsked = {
  idleTimeoutSeconds: Type.Optional(Type.Integer(idleTimeout)),
  lifetimeSeconds: Type.Optional(Type.Integer(lifetime)),
}

/** A session that was begun or moved, and the token if one was asked for. */
export const SessionWithToken = Type.Object(
  { ...SessionState, settings: Settings, token: Type.Optional(TokenAnswer) },
  { $id: 'SessionWithToken', title: 'A session, and its token if one was asked for' },
)

/** Only in a namespace whose durability is `replicated`. */
export const Copies = Type.Optional(
  Type.Integer({
    minimum: 0,
    description:
      'Only in a namespace with durability `replicated`: how many replicas of the store had it in time. If they are fewer than are needed, a fail-over may undo the rotation.',
  }),
)

/** A session that was moved to another id. */
export const RotatedSession = Type.Object(
  { ...SessionState, settings: Settings, copies: Copies, token: Type.Optional(TokenAnswer) },
  { $id: 'RotatedSession', title: 'A session under its new id, and its token if one was asked for' },
)

export const NewSession = Type.Object(
  {
    id: Type.Optional(Id),
    settings: Type.Optional(Settings),
    subject: Type.Optional(Subject),
    ...ClocksAsked,
    token: Type.Optional(TokenBody),
  },
  { additionalProperties: false, examples: [{ settings: { username: 'henrik' } }] },
)
