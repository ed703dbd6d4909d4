/** The words in which the rules of the judge speak. */
import type { Found, History, Operation, What } from './history.ts'

export type Finding = { readonly rule: string; readonly text: string; readonly operations: readonly Operation[] }

export type Rule = (history: History) => Finding[]

/** What is wrong, and the calls that show it; the rule's name is given by the table. */
export const finding = (text: string, operations: readonly Operation[] = []): Finding => ({
  rule: '',
  text,
  operations,
})

export const ofWhat = ({ operations }: History, ...whats: readonly What[]): Operation[] =>
  operations.filter(({ what }) => whats.includes(what))

export const isDone = ({ outcome }: Operation): boolean => outcome === 'done'
export const isUnknown = ({ outcome }: Operation): boolean => outcome === 'unknown'
/** Whether it has or may have had an effect. */
export const mayBeDone = (one: Operation): boolean => one.outcome !== 'refused'

/** Whether it was acknowledged, but in a moment whose writes may be lost. */
export const mayBeLost =
  ({ run }: Pick<History, 'run'>) =>
  (one: Operation): boolean =>
    run.losses.some(({ from, to }) => one.endedAt >= from && one.endedAt <= to)

/** Those that were acknowledged and may not be lost. */
export const kept = (history: History, operations: readonly Operation[]): Operation[] => {
  const isLost = mayBeLost(history)
  return operations.filter((one) => isDone(one) && !isLost(one))
}

export const groups = <Key>(
  operations: readonly Operation[],
  keyOf: (one: Operation) => Key,
): ReadonlyMap<Key, Operation[]> => {
  const found = new Map<Key, Operation[]>()
  for (const one of operations) {
    const key = keyOf(one)
    const group = found.get(key)
    if (group) group.push(one)
    else found.set(key, [one])
  }
  return found
}

/** The settings that a live session has in the end. */
export const finalSettings = ({ found }: History): ReadonlyMap<string, Readonly<Record<string, unknown>>> =>
  new Map(found.flatMap(({ session, settings }) => (settings === null ? [] : [[session, settings] as const])))

export const finalOf = ({ found }: History): ReadonlyMap<string, Found[]> => {
  const all = new Map<string, Found[]>()
  for (const one of found) all.set(one.session, [...(all.get(one.session) ?? []), one])
  return all
}
