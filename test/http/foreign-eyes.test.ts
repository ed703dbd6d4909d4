/** Tokens as another service sees them that takes them: by the published keys, with a library that is not ours. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { newSession, onLmdb } from '../helpers/app.ts'

const VERIFY = `
import json, sys, jwt
keys, token, audience, issuer = json.loads(sys.stdin.read())
kid = jwt.get_unverified_header(token)["kid"]
key = next(jwt.PyJWK(one) for one in keys if one["kid"] == kid)
try:
    claims = jwt.decode(token, key.key, algorithms=["EdDSA"], audience=audience, issuer=issuer,
        options={"require": ["exp", "iat", "iss", "aud", "jti"]})
    print(json.dumps(claims))
except jwt.PyJWTError as error:
    print(json.dumps({"refused": type(error).__name__}))
`

type Claims = Record<string, unknown>

const verify = async (...asked: readonly [keys: unknown, token: string, audience: string, issuer: string]) => {
  const python = promisify(execFile)(process.env.PYTHON ?? 'python3', ['-c', VERIFY])
  python.child.stdin?.end(JSON.stringify(asked))
  return JSON.parse((await python).stdout) as Claims
}

t.test('a token is good to whoever has the published keys, and to nobody else', async (t) => {
  const issuer = 'https://sessions.example'
  const api = await onLmdb(t, { publicUrl: issuer })
  const session = newSession()
  const mint = async (more: object): Promise<string> => {
    const body = { keys: { read: ['theme'], write: [] }, scope: 'read touch', expiresInSeconds: 60, ...more }
    const { json } = await api.call('POST', `${session}/tokens`, { body })
    return (json as unknown as { access_token: string }).access_token
  }
  const { keys } = (await api.call('GET', '/.well-known/jwks.json', { key: null })).json as unknown as {
    keys: unknown[]
  }
  const [own, foreign] = [await mint({}), await mint({ audience: 'billing' })]

  const claims = await verify(keys, own, 'coatcheck', issuer)
  t.match(claims, {
    iss: issuer,
    aud: 'coatcheck',
    sid: session.slice(13),
    scope: 'read touch',
    keys: { read: ['theme'] },
  })
  t.equal(Number(claims.exp) - Number(claims.iat), 60)
  t.match(await verify(keys, foreign, 'billing', issuer), { aud: 'billing' })

  t.strictSame(await verify(keys, foreign, 'coatcheck', issuer), { refused: 'InvalidAudienceError' })
  t.strictSame(await verify(keys, own, 'coatcheck', 'https://else.example'), { refused: 'InvalidIssuerError' })
  const [head, payload, signature] = own.split('.') as [string, string, string]
  const other = Buffer.from(JSON.stringify({ ...claims, scope: 'read write' })).toString('base64url')
  t.not(other, payload)
  t.strictSame(await verify(keys, `${head}.${other}.${signature}`, 'coatcheck', issuer), {
    refused: 'InvalidSignatureError',
  })
})
