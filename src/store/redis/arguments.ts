/** Turns what the port is asked into the arguments of the scripts. */

import { draw } from '../draw.ts'
import type { Credential, Expectation, Precondition, Rotation, Version, Write } from '../port.ts'
import { packVersion } from './answers.ts'
import type { Arg, ScriptArgs } from './scripts.ts'

const lifeArg = (credential: Credential) => (credential === null ? '' : Buffer.from(credential.life, 'base64url'))
const genArg = (credential: Credential) => (credential === null ? '' : Buffer.from(credential.gen, 'base64url'))

/** The life and generation that a script judges; empty for an API key. */
export const credentialArgs = (credential: Credential) => ({ life: lifeArg(credential), gen: genArg(credential) })

const versionsArg = (versions: Precondition['ifMatch']): string | Buffer => {
  if (versions === undefined) return ''
  if (versions === '*') return '*'
  return versions.length === 0 ? NEVER : Buffer.concat(versions.map((version: Version) => packVersion(version)))
}

/** An empty list of versions matches nothing. This byte stands for it, since no version is like it. */
const NEVER = '-'

const expectationArgs = (expect: ReadonlyMap<string, Expectation>): Arg[] => {
  const args: Arg[] = []
  for (const [key, expected] of expect) {
    if (expected === null) args.push(key, 'absent', '')
    else if (expected === 'present') args.push(key, 'present', '')
    else args.push(key, 'text', expected.text)
  }
  return args
}

const writeLetters = (write: Write, isFull: boolean): string =>
  `${write.replace ? 'p' : ''}${write.writes ? 'w' : ''}${write.use ? 'u' : ''}${write.readBack ? 'b' : ''}${isFull ? 'n' : ''}${write.keepsBoundAt ? 't' : ''}`

/**
 * With `isFull` the script does nothing and answers `full` if the write would put something new. Each write passes here, so
 * all members stand in one literal: with others spread into it, a patch took half as long again.
 */
export const writeArgs = (write: Write, member: Buffer, isFull: boolean): Omit<ScriptArgs<'write'>, 'sentAt'> => ({
  life: lifeArg(write.credential),
  gen: genArg(write.credential),
  member,
  create: write.create,
  idle: write.clocks.idleTimeoutSeconds,
  idleUntilWritten: write.idleUntilWrittenSeconds ?? 0,
  lifetime: write.clocks.lifetimeSeconds,
  subject: write.subject ?? '',
  newLife: draw(12),
  newGen: draw(12),
  newTag: draw(6),
  ifMatch: versionsArg(write.precondition?.ifMatch),
  ifNoneMatch: versionsArg(write.precondition?.ifNoneMatch),
  options: writeLetters(write, isFull),
  maxBytes: write.limits.bytes,
  maxKeys: write.limits.keys,
  fingerprint: write.repeat === undefined ? '' : Buffer.from(write.repeat.fingerprint, 'hex'),
  take: write.take ?? '',
  result: write.result ?? '',
  origin: write.origin ?? '',
  expected: write.expect?.size ?? 0,
  set: write.set?.size ?? 0,
  seal: '',
  judged: '',
})

const rotationLetters = (rotation: Rotation, isFull: boolean): string =>
  [
    rotation.newId === null ? '' : 'm',
    rotation.handoff === undefined ? '' : 'h',
    rotation.repeat === undefined ? '' : 'o',
    rotation.subject === undefined ? '' : 's',
    rotation.boundTo === undefined ? '' : 'b',
    rotation.newIdle ? 'i' : '',
    rotation.newLifetime ? 'l' : '',
    isFull ? 'n' : '',
    rotation.keepsBoundAt ? 't' : '',
  ].join('')

/** With `isFull` the script does nothing and answers `full` if the rotation is neither refused nor repeated. */
export const rotateArgs = (
  rotation: Rotation,
  { member, newMember, isFull }: { member: Buffer; newMember: Buffer; isFull: boolean },
): Omit<ScriptArgs<'rotate'>, 'sentAt'> => ({
  member,
  newMember,
  expectedLife: rotation.life === null ? '' : Buffer.from(rotation.life, 'base64url'),
  subject: rotation.subject ?? '',
  boundTo: rotation.boundTo ?? '',
  idle: rotation.clocks.idleTimeoutSeconds,
  lifetime: rotation.clocks.lifetimeSeconds,
  newLife: draw(12),
  newGen: draw(12),
  options: rotationLetters(rotation, isFull),
  tombstoneMs: rotation.tombstoneSeconds * 1000,
  fingerprint: rotation.repeat === undefined ? '' : Buffer.from(rotation.repeat.fingerprint, 'hex'),
  result: rotation.result ?? '',
  seal: '',
  newSeal: '',
})

/**
 * What a write names, in any number: expectations, texts to put, keys to remove. With `replace` the script itself finds
 * the keys to remove.
 */
export const writeTexts = ({ expect, set, remove = [], replace }: Write): Arg[] => {
  const args = expectationArgs(expect ?? new Map())
  for (const [key, text] of set ?? []) args.push(key, text)
  if (!replace) args.push(...remove)
  return args
}
