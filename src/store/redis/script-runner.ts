/** Runs scripts; learns from their answers Redis's time, and which lives they have begun and ended. */
import { type EndReason, NotReplicated, type OnLives, StoreFull, StoreUnavailable } from '../port.ts'
import { type Answer, type ChangedLives, readAnswer } from './answers.ts'
import type { Link } from './link.ts'
import type { RedisTime } from './redis-time.ts'
import { type Arg, packArgs, type SCRIPTS, type ScriptArgs, type ScriptName, type SecondName } from './scripts.ts'

type Rest = {
  /** The instant of the running time after which nobody waits for the answer. */
  readonly by?: number | undefined
  /** Arguments after the packed ones. */
  readonly more?: readonly Arg[]
  readonly command?: ScriptName
  /** Why a life ends that the script ends. */
  readonly ends?: EndReason
  /** The namespace whose sessions it is about, if it has to be on replicas where that namespace says so. */
  readonly of?: string
}

/** On how many replicas has to be what some namespaces write. */
export type NeededCopies = { readonly needed: number; isFor(namespace: string): boolean }

export type ScriptRunnerOptions = {
  readonly link: Link
  readonly time: RedisTime
  /** Told whether Redis had room for the latest script that may need some. */
  readonly onRoom: (hasRoom: boolean) => void
  readonly onLives: OnLives
  readonly copies?: NeededCopies | undefined
}

/** What else is answered has changed nothing, and may be told at once. */
const HAVE_CHANGED = new Set(['written', 'ended', 'rotated', 'revoked', 'listed', 'admitted'])

export type ScriptRunner = ReturnType<typeof createScriptRunner>

export const createScriptRunner = ({ link, time, onRoom, onLives, copies }: ScriptRunnerOptions) => {
  const tellLives = ([begun, ended, idle, lifetime]: ChangedLives, reason: EndReason | undefined): void => {
    if (begun > 0) onLives('begun', begun)
    if (ended > 0 && reason !== undefined) onLives(reason, ended)
    if (idle > 0) onLives('idle', idle)
    if (lifetime > 0) onLives('lifetime', lifetime)
  }

  /** Runs a script. If it was `late`, it has done nothing, and Redis's clock is known only now: it is run once more. */
  const run = async <Name extends keyof typeof SCRIPTS>(
    script: Name,
    keys: readonly (Buffer | string)[],
    args: Omit<ScriptArgs<Name>, 'sentAt'>,
    { by, more = [], command = script, ends, of }: Rest = {},
  ): Promise<Answer> => {
    const needed = of !== undefined && copies?.isFor(of) ? copies.needed : 0
    for (let attempt = 1; ; attempt++) {
      const sent = performance.now()
      const all = [packArgs(script, time.now(), args), ...more]
      const done = needed > 0 ? await link.copied.run(command, keys, all, by) : undefined
      const answer = readAnswer(done?.answer ?? (await link.run(command, keys, all, by)))
      time.learn(answer.time, sent)
      if (answer.lives !== null) tellLives(answer.lives, ends)
      if (answer.word === 'late') {
        if (attempt === 2) throw new StoreUnavailable()
        continue
      }
      // An end that finds one there already may be the repeat of a call that was not confirmed.
      const isEnd = command === 'end' && answer.word === 'gone'
      if (done === undefined || !(isEnd || HAVE_CHANGED.has(answer.word))) return answer
      const found = await done.copies
      // A rotation says so in its answer: whoever does not get the new id has lost the session.
      if (found < needed && answer.word !== 'rotated') throw new NotReplicated()
      return { ...answer, copies: found }
    }
  }

  /**
   * Runs a script that may need room. A full Redis refuses it and runs nothing. Then this sends the form that runs in a full
   * Redis, too, and that answers `full` if it would take room.
   */
  const runInRoom = async <Name extends SecondName>(
    script: Name,
    keys: readonly (Buffer | string)[],
    argsFor: (isFull: boolean) => Omit<ScriptArgs<Name>, 'sentAt'>,
    rest: Rest = {},
  ): Promise<Answer> => {
    try {
      const answer = await run(script, keys, argsFor(false), rest)
      onRoom(true)
      return answer
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error
      onRoom(false)
    }
    const answer = await run(script, keys, argsFor(true), { ...rest, command: `${script}_when_full` })
    if (answer.word === 'full') throw new StoreFull()
    return answer
  }

  return { run, runInRoom }
}
