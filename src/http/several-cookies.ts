import type { SentCookie } from '../domain/credentials/cookies.ts'
import { CoatcheckError } from '../errors.ts'

/** A page cannot choose among its cookies, nor clear them: the answer does, so that it can go on. */
export class SeveralCookies extends CoatcheckError {
  readonly cookies: readonly SentCookie[]
  constructor(cookies: readonly SentCookie[]) {
    super('invalid_credential', 'The browser sent several cookies of ours, and is told to forget them: get a new one.')
    this.cookies = cookies
  }
}
