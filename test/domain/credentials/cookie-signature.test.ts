import { signerFactory } from '@fastify/cookie'
import t from 'tap'
import { signText, verifiedText } from '../../../src/domain/credentials/cookie-signature.ts'

const SECRETS = ['the newest secret', 'the one before', 'the oldest']
const [NEWEST = '', BEFORE = '', OLDEST = ''] = SECRETS
const TEXT = Buffer.from('{"sid":"b6a8"}').toString('base64url')

t.test('a text that any known secret has signed is verified', async (t) => {
  for (const secret of SECRETS) t.equal(verifiedText(signText(TEXT, secret), SECRETS), TEXT)
  t.equal(verifiedText(signText(TEXT, BEFORE), [NEWEST, OLDEST]), undefined)
  t.equal(verifiedText(signText(TEXT, NEWEST), []), undefined, 'without a secret nothing is')
})

t.test('a changed text, a changed signature or a part of one is not verified', async (t) => {
  const signed = signText(TEXT, NEWEST)
  const signature = signed.slice(TEXT.length + 1)
  const isRefused = (text: string) => t.equal(verifiedText(text, SECRETS), undefined, text)
  for (let at = 0; at < signed.length; at += 1) {
    isRefused(`${signed.slice(0, at)}${signed[at] === 'A' ? 'B' : 'A'}${signed.slice(at + 1)}`)
    isRefused(signed.slice(0, at))
  }
  for (const text of [`${signed}=`, `${signed}A`, `${TEXT}.`, TEXT, signature, `.${signature}`, '.', ''])
    isRefused(text)
})

t.test('signatures are those of @fastify/cookie, so that cookies of earlier versions stay valid', async (t) => {
  const signer = signerFactory(SECRETS)
  t.equal(signText(TEXT, NEWEST), signer.sign(TEXT))
  t.equal(verifiedText(signer.sign(TEXT), SECRETS), TEXT)
})
