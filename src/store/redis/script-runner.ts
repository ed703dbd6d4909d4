/** Runs scripts, and learns Redis's time from their answers. */
import { StoreFull, StoreUnavailable } from '../port.ts'
import { type Answer, readAnswer } from './answers.ts'
import type { Link } from './link.ts'
import type { RedisTime } from './redis-time.ts'
import { type Arg, packArgs, type SCRIPTS, type ScriptArgs, type ScriptName, type SecondName } from './scripts.ts'

type Rest = {
  /** The instant of the running time after which nobody waits for the answer. */
  readonly by?: number | undefined
  /** Arguments after the packed ones. */
  readonly more?: readonly Arg[]
  readonly command?: ScriptName
}

/** @param onRoom told whether Redis had room for the latest script that may need some */
export const createScriptRunner = (link: Link, time: RedisTime, onRoom: (hasRoom: boolean) => void) => {
  /** Runs a script. If it was `late`, it has done nothing, and Redis's clock is known only now: it is run once more. */
  const run = async <Name extends keyof typeof SCRIPTS>(
    script: Name,
    keys: readonly (Buffer | string)[],
    args: Omit<ScriptArgs<Name>, 'sentAt'>,
    { by, more = [], command = script }: Rest = {},
  ): Promise<Answer> => {
    for (let attempt = 1; ; attempt++) {
      const sent = performance.now()
      const answer = readAnswer(await link.run(command, keys, [packArgs(script, time.now(), args), ...more], by))
      time.learn(answer.time, sent)
      if (answer.word !== 'late') return answer
      if (attempt === 2) throw new StoreUnavailable()
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
