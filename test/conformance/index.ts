/**
 * The store's conformance suite: what every adapter must do, whatever it is built on. README.md says how to put an
 * adapter to it.
 */
import type { Test } from 'tap'
import { admitting } from './admitting.ts'
import { clocks } from './clocks.ts'
import { creating } from './creating.ts'
import { credentials } from './credentials.ts'
import { ending } from './ending.ts'
import { expectations } from './expectations.ts'
import { final } from './final.ts'
import { type Concern, type Harness, type TimedConcern, withStores } from './harness.ts'
import { ids } from './ids.ts'
import { limits } from './limits.ts'
import { listing, listingTimed } from './listing.ts'
import { lives } from './lives.ts'
import { opening } from './opening.ts'
import { preconditions } from './preconditions.ts'
import { races } from './races.ts'
import { repeats } from './repeats.ts'
import { revisions } from './revisions.ts'
import { rotating, rotatingTimed } from './rotating.ts'
import { sequences } from './sequences.ts'
import { states } from './states.ts'
import { sweeping } from './sweeping.ts'
import { telling } from './telling.ts'
import { tellingEnds } from './telling-ends.ts'
import { runTimed } from './timeline.ts'
import { values } from './values.ts'

export type { Harness } from './harness.ts'

const CONCERNS: [string, Concern][] = [
  ['values are kept as they were sent', values],
  ['a session is live, gone or missing', states],
  ['a session begins', creating],
  ['the settings have a version', revisions],
  ['preconditions', preconditions],
  ['expectations', expectations],
  ['limits', limits],
  ['random sequences', sequences],
  ['many writers at once', races],
  ['a session ends', ending],
  ['credentials', credentials],
  ['ends and revocations are final', final],
  ['repeated calls', repeats],
  ['rotations and hand-offs', rotating],
  ["subjects' lists", listing],
  ["a subject's limit", admitting],
  ["a namespace's ids", ids],
  ['what happens is told', telling],
]

/** Each of these has a timeline of its own; what is on one timeline runs at once. */
const TIMED: [string, TimedConcern[]][] = [
  ['sweeping', [sweeping]],
  ['clocks and lives', [clocks, lives, rotatingTimed, listingTimed, tellingEnds]],
]

/** Holds an adapter to the port's sentences. The store must be one that nobody else writes to meanwhile. */
export const conformance = async (t: Test, harness: Harness): Promise<void> => {
  await t.test('opening and closing', (t) => opening(t, harness))
  for (const [name, concern] of CONCERNS) {
    await t.test(name, (t) => withStores(harness, (stores) => concern(t, stores)))
  }
  for (const [name, concerns] of TIMED) {
    await t.test(name, (t) => withStores(harness, (stores) => runTimed(t, harness, stores, concerns)))
  }
}
