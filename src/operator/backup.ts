/** Makes a backup of an embedded store: by the service that runs, or of the folder if none does. */
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { CoatcheckError } from '../client/errors.ts'
import { whereabouts, withFolderBackup } from '../process/backups.ts'
import { OperatorError, type Run, type Surroundings } from './command.ts'
import { connect } from './connection.ts'
import { refuseExisting, writeNewFile } from './new-file.ts'
import { nameLine } from './shown.ts'

export const ON_REDIS =
  'The sessions are in Redis, which makes its own backups: copy the file that BGSAVE writes. docs/operation/backup.md says how.'

const fromService = async (file: string, open: ReturnType<typeof connect>['open']): Promise<number> => {
  const answer = await open('POST', '/v1/backup')
  const bytes = Number(answer.headers.get('content-length'))
  if (answer.body === null || answer.headers.get('content-type') !== 'application/octet-stream' || !(bytes > 0)) {
    throw new CoatcheckError({ code: 'unreachable', detail: 'The answer is no backup: is this service Coatcheck?' })
  }
  await writeNewFile(file, Readable.fromWeb(answer.body as ReadableStream), bytes)
  return bytes
}

/** Whether the service was named. Otherwise the folder says who has the sessions. */
const isNamed = (url: string | undefined, { env }: Surroundings): boolean => Boolean(url ?? env.COATCHECK_URL)

export const backup: Run = async (given, around) => {
  const [name = ''] = given.positionals
  const file = resolve(name)
  refuseExisting(file)
  const where = isNamed(given.text('url'), around) ? undefined : await whereabouts(around.env)
  if (where?.kind === 'redis') throw new OperatorError(ON_REDIS)
  const isLocal = where?.kind === 'closed'
  const bytes = isLocal
    ? await withFolderBackup(around.env, async ({ bytes, read }) => {
        await writeNewFile(file, read, bytes)
        return bytes
      })
    : await fromService(file, connect(given, around).open)
  const from = isLocal ? 'folder' : 'service'
  const what = isLocal ? `the folder ${nameLine(resolve(where.folder))}` : 'the running service'
  around.out.write(
    given.flag('json')
      ? `${JSON.stringify({ file, bytes, from })}\n`
      : `A backup of ${what} is in ${nameLine(file)} (${bytes} bytes). Keep it as secret as the store.\n`,
  )
  return undefined
}
