/**
 * Preconditions, RFC 9110 §13.1, as they come from If-Match and If-None-Match: each '*' or a list of opaque tags. By a
 * stated deviation, '*' on the settings asks whether they were ever written, not whether the resource exists.
 */
import type { Precondition, Version } from '../../store/port.ts'
import type { Caller } from '../credentials/caller.ts'
import { keyVersion, parseVersion } from '../etag.ts'
import { preconditionFailed } from '../store-refusals.ts'

export type Condition = {
  readonly ifMatch?: '*' | readonly string[] | undefined
  readonly ifNoneMatch?: '*' | readonly string[] | undefined
}

export const isConditional = (condition: Condition): boolean =>
  condition.ifMatch !== undefined || condition.ifNoneMatch !== undefined

const versions = (tags: '*' | readonly string[], caller: Caller): '*' | Version[] =>
  tags === '*' ? '*' : tags.map((tag) => parseVersion(tag, caller)).filter((version) => version !== undefined)

/** The condition on the whole settings, as the store judges it. Tags that no settings ever had match nothing. */
export const settingsPrecondition = ({ ifMatch, ifNoneMatch }: Condition, caller: Caller): Precondition => ({
  ifMatch: ifMatch && versions(ifMatch, caller),
  ifNoneMatch: ifNoneMatch && versions(ifNoneMatch, caller),
})

/** Judges a condition on one key by its present text. '*' asks whether the key is there. */
export const requireKeyCondition = ({ ifMatch, ifNoneMatch }: Condition, text: string | undefined): void => {
  const tag = text === undefined ? undefined : keyVersion(text)
  const matches = (tags: '*' | readonly string[]) => tag !== undefined && (tags === '*' || tags.includes(tag))
  if ((ifMatch !== undefined && !matches(ifMatch)) || (ifNoneMatch !== undefined && matches(ifNoneMatch))) {
    throw preconditionFailed(tag)
  }
}
