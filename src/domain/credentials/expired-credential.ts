import { CoatcheckError } from '../../errors.ts'

/** A credential that was good until its time ran out. Nobody who has one is guessing, so it is no failed authentication. */
export class ExpiredCredential extends CoatcheckError {
  constructor() {
    super('invalid_credential', 'The credential has expired: get a new one.')
  }
}
