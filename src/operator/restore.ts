/** Makes an embedded store of a backup, and says what that undoes. */
import { resolve } from 'node:path'
import { configuredSecrets, restore as restoreBackup, whereabouts } from '../process/backups.ts'
import { OperatorError, type Run } from './command.ts'
import { bold } from './output.ts'
import { nameLine } from './shown.ts'

const ON_REDIS =
  'COATCHECK_STORE names a Redis, and a backup is restored into a folder: set COATCHECK_STORE=lmdb:<folder>. ' +
  'docs/operation/backup.md says how a Redis is restored.'

const UNDONE = `Whatever was done since the backup is undone, log-outs too:
- Sessions that were ended since then live again. So does each value that was taken once since then.`

const VALID_AGAIN = `- Tokens and cookies that were revoked since then are valid again.
  To make void all tokens and cookies, restore again into an empty folder, with --revoke-tokens.`

const ALL_VOID = `- All tokens and cookies are void: each page and each browser has to get a new one.`

const STILL = `Who keeps the id of a session beside an API key can use it again although it was ended. End those sessions again,
or begin with an empty store if all users are to log in anew.`

export const restore: Run = async (given, { env, out, err }) => {
  const [name = ''] = given.positionals
  const revokeTokens = given.flag('revoke-tokens')
  const where = await whereabouts(env)
  if (where.kind === 'redis') throw new OperatorError(ON_REDIS)
  const configured = configuredSecrets(env)
  if (revokeTokens && configured.length > 0) {
    throw new OperatorError(
      `--revoke-tokens draws new keys in the store, but ${configured.join(' and ')} come from the configuration. ` +
        'Replace them there, then restore without --revoke-tokens.',
    )
  }
  const folder = resolve(where.folder)
  let sessions: number
  try {
    sessions = await restoreBackup(env, { file: resolve(name), revokeTokens })
  } catch (error) {
    throw new OperatorError((error as Error).message, { cause: error })
  }
  out.write(
    given.flag('json')
      ? `${JSON.stringify({ folder, sessions, tokensRevoked: revokeTokens })}\n`
      : `${sessions} sessions are in ${nameLine(folder)} again.\n`,
  )
  err.write(`${bold(err, 'READ THIS')}\n${[UNDONE, revokeTokens ? ALL_VOID : VALID_AGAIN, STILL].join('\n')}\n`)
  return undefined
}
