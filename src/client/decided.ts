/** Writes that depend on what there is: read, decide, and write if nobody else was faster. */
import type { CallOptions } from './call.ts'
import type { PatchOperation } from './difference.ts'
import { CoatcheckError, isCoatcheckError } from './errors.ts'
import { pause, pauseBefore } from './waiting.ts'

type Found<Settings> = { readonly settings: Partial<Settings>; readonly etag: string }

export type DecidedSettings<Settings, Done> = {
  readonly read: (options: CallOptions) => Promise<Found<Settings>>
  readonly patch: (operations: readonly PatchOperation[], options: CallOptions & { ifMatch: string }) => Promise<Done>
  readonly timeoutMs: number
}

type Decide<Settings> = (found: Found<Settings>) => readonly PatchOperation[] | Promise<readonly PatchOperation[]>

/** After so many defeats the losers step aside for a moment. */
const PATIENT_TRIES = 3

/**
 * What it makes writes what is decided by the settings as they are. If somebody else was faster it decides anew, until it
 * wins or the call's time is over. Undefined where nothing is to be written.
 */
export const createDecided =
  <Settings, Done>({ read, patch, timeoutMs }: DecidedSettings<Settings, Done>) =>
  async (decide: Decide<Settings>, options: CallOptions): Promise<Done | undefined> => {
    const { timeoutMs: ms = timeoutMs } = options
    const until = performance.now() + ms
    let lost: CoatcheckError | undefined
    let losses = 0

    const isOver = (isSent: boolean): CoatcheckError => {
      const others = losses === 0 ? '' : ` Others were faster ${losses} times.`
      const end = isSent ? 'Whether the last try was done is not known.' : 'Nothing was written.'
      const detail = `There were ${ms} ms, and that was too short.${others} ${end}`
      return new CoatcheckError(lost && !isSent ? { ...lost, detail } : { code: 'deadline_exceeded', detail })
    }

    /** What a call comes to in the time that is left. */
    const inTime = async <Result>(
      isWrite: boolean,
      made: (options: CallOptions) => Promise<Result>,
    ): Promise<Result> => {
      const left = until - performance.now()
      if (left <= 0) throw isOver(false)
      return made({ ...options, timeoutMs: left }).catch((error) => {
        throw isCoatcheckError(error, 'deadline_exceeded') ? isOver(isWrite) : error
      })
    }

    for (;;) {
      const found = await inTime(false, read)
      const operations = await decide(found)
      if (operations.length === 0) return undefined
      const done = await inTime(true, (more) =>
        patch(operations, { ...more, ifMatch: found.etag }).catch((error) => {
          if (!isCoatcheckError(error, 'precondition_failed')) throw error
          lost = error
          return undefined
        }),
      )
      if (done) return done
      if (losses++ >= PATIENT_TRIES) await pause(pauseBefore(0), options.signal)
    }
  }
