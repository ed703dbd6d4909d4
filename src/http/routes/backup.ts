/** A backup of the embedded store, streamed while the service goes on. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { CoatcheckError } from '../../errors.ts'
import type { Store } from '../../store/port.ts'

/** A reader that takes nothing for so long is cut off: its copy takes room on the disk. */
const STALLED_MS = 60_000

export const BACKUP_TYPE = 'application/octet-stream'

export const backupRoute: FastifyPluginAsyncTypebox<{ store: Store; stalledMs: number | undefined }> = async (
  app,
  { store, stalledMs = STALLED_MS },
) => {
  const reading = new Set<() => void>()
  let isClosing = false
  // A service that ends does not wait for a reader.
  app.addHook('preClose', async () => {
    isClosing = true
    for (const stop of reading) stop()
  })

  app.post(
    '/v1/backup',
    {
      config: { access: 'operate', refusals: ['backup_elsewhere', 'backup_running', 'store_full'] },
      schema: {
        tags: ['Operations'],
        operationId: 'makeBackup',
        summary: 'A backup of the embedded store, of all namespaces',
        description:
          'A consistent copy as of one moment. Others read and write meanwhile. It holds every setting, signing key and cookie secret: keep it as you keep these. `coatcheck backup` calls this; `coatcheck restore` makes a store of the answer. On Redis it is refused.',
        response: {
          200: {
            description: 'The backup: an LMDB data file, whole if it has as many bytes as `Content-Length` says.',
            content: { [BACKUP_TYPE]: { schema: { type: 'string', format: 'binary' } } },
          },
        },
      },
    },
    // The answer is no JSON.
    async (_request, reply: FastifyReply) => {
      const backup = await store.backup()
      if (backup.state === 'elsewhere') throw new CoatcheckError('backup_elsewhere')
      if (backup.state === 'busy') throw new CoatcheckError('backup_running')
      const { bytes, read } = backup
      const { raw } = reply
      const stop = (): void => void raw.destroy()
      reading.add(stop)
      read.once('close', () => reading.delete(stop))
      raw.once('close', () => read.destroy())
      if (raw.destroyed || isClosing) stop()
      raw.setTimeout(stalledMs, stop)
      return reply.header('content-length', bytes).type(BACKUP_TYPE).send(read)
    },
  )
}
