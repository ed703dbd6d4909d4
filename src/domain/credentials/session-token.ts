/**
 * Session tokens: JWTs (RFC 7519) signed with EdDSA that name one life of one session. They are verified by RFC 8725: one
 * algorithm, an explicit type, our issuer and audience, and no key but one of ours, found by its `kid` alone.
 */
import { randomBytes } from 'node:crypto'
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { CoatcheckError } from '../../errors.ts'
import type { Observe } from '../../observe.ts'
import type { SessionCaller } from './caller.ts'
import { ExpiredCredential } from './expired-credential.ts'
import type { KeyRules } from './key-rule.ts'
import { parseScope, type Scope } from './scope.ts'
import { SIGNING_ALGORITHM, type SigningKeys } from './signing-keys.ts'
import { rememberVerified } from './verified-cache.ts'

const TYPE = 'coatcheck+jwt'
const AUDIENCE = 'coatcheck'
const MAX_CHARACTERS = 8192
const TOLERANCE_SECONDS = 5

export type Claims = {
  readonly namespace: string
  readonly sessionId: string
  readonly life: string
  readonly gen: string
  readonly scope: readonly Scope[]
  readonly keys: KeyRules
  /** Who is to take the token; this service if left out. A token for somebody else is not taken here. */
  readonly audience?: string | undefined
  readonly subject?: string | undefined
  /** Seconds since 1970, as all times in a token. */
  readonly issuedAt: number
  readonly expiresAt: number
  readonly renewUntil: number | null
}

const Rule = Type.Array(Type.String())

/** What a token of ours says beside the registered claims. Anything else is not ours, whoever signed it. */
const OwnClaims: TSchema = Type.Object({
  ns: Type.String(),
  sid: Type.String(),
  life: Type.String(),
  gen: Type.String(),
  scope: Type.String(),
  keys: Type.Object({ read: Rule, write: Rule }),
  jti: Type.String(),
  iat: Type.Integer(),
  exp: Type.Integer({ maximum: 2 ** 40 }),
  sub: Type.Optional(Type.String()),
  renewUntil: Type.Optional(Type.Integer()),
})

type Own = JWTPayload & {
  ns: string
  sid: string
  life: string
  gen: string
  scope: string
  keys: KeyRules
  jti: string
  exp: number
  renewUntil?: number
}

const invalid = (): CoatcheckError => new CoatcheckError('invalid_credential')

const callerOf = (payload: Own): SessionCaller => {
  const scope = parseScope(payload.scope)
  if (!scope) throw invalid()
  return {
    kind: 'session',
    via: 'token',
    namespace: payload.ns,
    credentialId: payload.jti,
    sessionId: payload.sid,
    life: payload.life,
    gen: payload.gen,
    may: scope,
    keys: payload.keys,
    expiresAt: payload.exp * 1000,
    renewUntil: payload.renewUntil === undefined ? null : payload.renewUntil * 1000,
  }
}

/** Whether text is base64url as RFC 7515 §2 wants it: no padding, nothing else beside it, one text for the same bytes. */
const isStrict = (text: string): boolean => Buffer.from(text, 'base64url').toString('base64url') === text

export const createTokens = ({
  signingKeys,
  issuer,
  now,
  observe,
}: {
  signingKeys: SigningKeys
  issuer: string
  /** The store's time in ms. */
  now: () => number
  observe: Pick<Observe, 'minted'>
}) => {
  const check = async (token: string): Promise<SessionCaller> => {
    if (!token.split('.').every(isStrict)) throw invalid()
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = typeof kid === 'string' ? await signingKeys.find(kid) : undefined
        if (!key) throw invalid()
        return key.publicKey
      },
      {
        algorithms: [SIGNING_ALGORITHM],
        typ: TYPE,
        issuer,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'iat', 'jti'],
        currentDate: new Date(now()),
      },
    ).catch((error: unknown) => {
      // This is looked at last, when the signature is known to be ours.
      throw error instanceof errors.JWTExpired ? new ExpiredCredential() : error
    })
    if (!Value.Check(OwnClaims, payload)) throw invalid()
    if ((payload.iat as number) * 1000 > now() + TOLERANCE_SECONDS * 1000) throw invalid()
    return callerOf(payload as Own)
  }

  const verified = rememberVerified({ ring: signingKeys, now, check })

  return {
    /** Signs a token. Throws limit_exceeded if it would be longer than what is taken. */
    async mint(claims: Claims): Promise<string> {
      const { kid, privateKey } = await signingKeys.current()
      const token = await new SignJWT({
        ns: claims.namespace,
        sid: claims.sessionId,
        life: claims.life,
        gen: claims.gen,
        scope: claims.scope.join(' '),
        keys: claims.keys,
        ...(claims.renewUntil === null ? {} : { renewUntil: claims.renewUntil }),
        ...(claims.subject === undefined ? {} : { sub: claims.subject }),
      })
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: TYPE, kid })
        .setIssuer(issuer)
        .setAudience(claims.audience ?? AUDIENCE)
        .setIssuedAt(claims.issuedAt)
        .setExpirationTime(claims.expiresAt)
        .setJti(randomBytes(12).toString('base64url'))
        .sign(privateKey)
      if (token.length > MAX_CHARACTERS) {
        throw new CoatcheckError(
          'limit_exceeded',
          'The token would be too long: name fewer keys, or leave the subject out.',
          {
            limit: MAX_CHARACTERS,
          },
        )
      }
      observe.minted('token')
      return token
    },

    /** Who holds this token, if it is one of ours and has not expired. Throws invalid_credential. */
    async verify(token: string): Promise<SessionCaller> {
      if (token.length > MAX_CHARACTERS) throw invalid()
      return verified(token)
    },
  }
}

export type Tokens = ReturnType<typeof createTokens>
