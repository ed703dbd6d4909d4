/**
 * What a server is asked on a new connection and then each second: whether it is the one that takes writes, and its time. On
 * a new connection, and when something looks wrong, it is asked for more: the database, and the user's rights.
 */
import { type Say, Unfit } from './connection.ts'
import { packArgs, scriptTexts } from './scripts.ts'

export type GreetingOptions = {
  readonly isCluster: boolean
  readonly db: number
  /** Whether some namespaces have to be on replicas, which takes more rights. */
  readonly copies?: boolean
  /** Learns the store's time, in ms, from an answer to what was sent at `sentAt`, by `performance.now()`. */
  readonly onTime: (time: number, sentAt: number) => void
  /** Asks whether this server is still the one to talk to. Rejects with Unfit if it is not. */
  readonly confirm?: (() => Promise<void>) | undefined
}

/** The time in ms, from the seconds and microseconds that TIME answers. */
export const readTime = (answer: unknown): number => {
  const [seconds, micros] = answer as [Buffer, Buffer]
  return Number(String(seconds)) * 1000 + Math.floor(Number(String(micros)) / 1000)
}

/** A client goes on with database 0 where there is none of that number. So this asks for itself. */
const select = async (say: Say, db: number): Promise<void> => {
  await say('select', db).catch((error: Error) => {
    if (/DB index|out of range|not allowed/i.test(error.message)) throw new Unfit(`no database ${db} is there`)
    throw error
  })
}

/**
 * Whether the user may run all commands of the scripts. Without one of these rights a script would stop half done. A server
 * that cannot tell is believed to allow everything.
 */
export const checkRights = async (say: Say, copies = false): Promise<void> => {
  const args = packArgs('rights', 0, { copies: copies ? 1 : 0 })
  const [, , missing] = (await say('EVAL', scriptTexts().rights, 0, args)) as [0, 0, Buffer[]]
  if (missing.length > 0) throw new Unfit(`NOPERM: its user may not run ${missing.map(String).join(', ')}`)
}

/** One node of a Cluster has some of the partitions alone, and a server that is no Cluster has no slots. */
const checkMode = async (say: Say, isCluster: boolean): Promise<void> => {
  const mode = /redis_mode:(\w+)/.exec(String(await say('info', 'server')))?.[1]
  if (mode === undefined || isCluster === (mode === 'cluster')) return
  throw new Unfit(isCluster ? 'not a Cluster: say redis:// in the URL' : 'a Cluster: say redis+cluster:// in the URL')
}

export const greetServer =
  ({ isCluster, db, copies = false, onTime, confirm = async () => {} }: GreetingOptions) =>
  async (say: Say, isThorough: boolean): Promise<void> => {
    const sentAt = performance.now()
    const [time, role] = await Promise.all([
      say('time'),
      say('role'),
      ...(isThorough && db > 0 ? [select(say, db)] : []),
      ...(isThorough ? [checkMode(say, isCluster), checkRights(say, copies), confirm()] : []),
    ])
    onTime(readTime(time), sentAt)
    const [word] = role as [Buffer]
    if (String(word) !== 'master') throw new Unfit(`READONLY: it is a ${String(word) === 'slave' ? 'replica' : word}`)
  }
