/**
 * One stream for all tabs, forms and views of a browser that follow the same session: over HTTP/1.1 it has six connections to a
 * host, and a stream that each of them held would leave none for writes.
 */
import { isCoatcheckError, staysRefused } from './errors.ts'
import type { ServerEvent } from './event-text.ts'
import { listen } from './listen.ts'
import type { Page } from './page.ts'
import type { SessionView } from './shapes.ts'
import { CANNOT_SHARE, joinGroup, type Sharing } from './stream-group.ts'
import { ruleIn, snapshotOf } from './told.ts'
import { pause, pauseBefore, unlessAborted } from './waiting.ts'

/** Settles when a page that was put away is shown again. */
const shownAgain = ({ document, events }: Page): Promise<void> =>
  new Promise((resolve) => {
    document.addEventListener('resume', () => resolve(), { once: true })
    events.addEventListener('pageshow', () => resolve(), { once: true })
  })

/**
 * What `listen` gives, by whichever tab's stream; and first a snapshot, which this tab has read by itself: so it never shows a
 * key that its own credential may not read.
 *
 * @param sharing `look` is tried until it is answered
 * @throws {CoatcheckError} a refusal that stays, of this tab's own credential
 */
export async function* listenTogether(page: Page, sharing: Sharing): AsyncGenerator<ServerEvent, void> {
  const { listening } = sharing
  const { signal } = listening

  const look = async (stop: AbortSignal): Promise<SessionView> => {
    for (let failures = 0; ; failures++) {
      try {
        return await sharing.look(stop)
      } catch (error) {
        if (stop.aborted || staysRefused(error)) throw error
      }
      await pause(pauseBefore(failures), stop)
    }
  }

  let etag: string | undefined
  const alone = { ...listening, lastEventId: () => etag }
  for (;;) {
    let seen: SessionView
    try {
      seen = await look(signal)
    } catch (error) {
      // Some credentials may follow a session and not look at it.
      if (!isCoatcheckError(error, 'insufficient_scope')) throw error
      return yield* listen(alone)
    }
    if (seen.etag !== etag) yield snapshotOf(seen)
    // Its number is that of the messages. The same id may stand for another life, which began at another time.
    const group = `coatcheck-1 ${sharing.alike} ${seen.id} ${seen.createdAt} ${ruleIn(seen.etag)}`
    const member = joinGroup(page, group, seen.etag, { ...sharing, look })
    try {
      yield* member.events()
    } catch (error) {
      if (error !== CANNOT_SHARE) throw error
      etag = member.etag()
      return yield* listen(alone)
    } finally {
      member.leave()
    }
    etag = member.etag()
    if (member.isPutAway()) await unlessAborted(shownAgain(page), signal)
  }
}
