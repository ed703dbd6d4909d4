/**
 * The closed list of what can go wrong, and the only place that knows which HTTP status each has. A caller switches on
 * `code`; `title` never changes for a code; `detail` says what to do about this one case (RFC 9457). The table in
 * docs/errors.md is made from this list.
 */

type Definition = { readonly status: number; readonly title: string; readonly meaning: string }

export const ERRORS = {
  malformed_json: {
    status: 400,
    title: 'The body is not JSON that can be taken',
    meaning: 'No JSON, bytes that are no UTF-8, or a member name that stands twice in one object, at any depth.',
  },
  invalid_request: {
    status: 400,
    title: 'The request does not fit its schema',
    meaning: 'A member, parameter or header is missing, unknown or of the wrong form; `errors` points at it.',
  },
  credential_required: {
    status: 401,
    title: 'A credential is needed',
    meaning: 'Send `Authorization: Bearer` and an API key or a session token; a browser may send its cookie.',
  },
  invalid_credential: {
    status: 401,
    title: 'The credential is not valid',
    meaning: 'Unknown, malformed, expired or revoked. Get a new one; sending it again does not help.',
  },
  session_over: {
    status: 401,
    title: 'The credential is of a life that is over',
    meaning: 'The session it names has expired, or another life has begun under the same id.',
  },
  insufficient_scope: {
    status: 403,
    title: 'The credential may not do this',
    meaning: 'Its scope does not hold what this call needs.',
  },
  key_not_allowed: {
    status: 403,
    title: 'The credential may not touch this key',
    meaning: 'Its key rules do not cover a key that the call names. Nothing was read or changed.',
  },
  origin_not_allowed: {
    status: 403,
    title: 'A page of this origin may not do that',
    meaning:
      'With a cookie a change has to come from a page of an origin of the browser rule of the namespace, or from one of ' +
      "the service's own. Nothing was done.",
  },
  keys_required: {
    status: 422,
    title: 'A token must say which keys it is for',
    meaning:
      'Send `keys`; `{"read": ["*"], "write": ["*"]}` says all of them. A browser rule of the namespace stands in for them.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing at this path',
    meaning: 'No call of this service has this path; /openapi.json lists them.',
  },
  session_not_found: {
    status: 404,
    title: 'There is no such session',
    meaning: 'It was never made, or one of its clocks has run out.',
  },
  key_not_found: {
    status: 404,
    title: 'The settings have no such key',
    meaning: 'The session is there, the key is not; it may have been taken already.',
  },
  signing_key_not_found: {
    status: 404,
    title: 'There is no such signing key',
    meaning: 'It was never there, or was retired already; /.well-known/jwks.json lists those there are.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This path does not take this method',
    meaning: '`Allow` lists the methods that it takes.',
  },
  request_timeout: {
    status: 408,
    title: 'The request did not arrive in time',
    meaning: 'Its head or its body stopped coming. Nothing was done; send it again.',
  },
  session_exists: {
    status: 409,
    title: 'There is a session under this id already',
    meaning: 'Leave `id` out to have one drawn, or write to the session that is there.',
  },
  test_failed: {
    status: 409,
    title: 'A `test` of the JSON Patch failed',
    meaning: 'The value is another one; nothing was changed. Read it and decide again.',
  },
  path_not_found: {
    status: 409,
    title: 'A path of the JSON Patch leads nowhere',
    meaning: 'There is no value at `path` or `from`; nothing was changed.',
  },
  not_incrementable: {
    status: 409,
    title: 'The value cannot be incremented',
    meaning: 'It is no number, or the sum could not be kept exactly in a double.',
  },
  signing_keys_fixed: {
    status: 409,
    title: 'The signing keys come from the configuration',
    meaning: 'Take the key out of the file that COATCHECK_SIGNING_KEYS names, on every replica, and start them again.',
  },
  too_many_sessions: {
    status: 409,
    title: 'This subject has as many sessions as it may have',
    meaning:
      'Nothing was changed, and no code was spent. End one of the sessions, or ask the user to log out elsewhere.',
  },
  subject_ended: {
    status: 409,
    title: 'All sessions of this subject were ended meanwhile',
    meaning: 'Somebody logged the user out everywhere while this session was being bound. Log in again, or not.',
  },
  backup_elsewhere: {
    status: 409,
    title: 'The sessions are kept in Redis, which makes its own backups',
    meaning: 'Copy the files that Redis writes; docs/operation/backup.md says how.',
  },
  not_encrypted: {
    status: 409,
    title: 'The store is not to be encrypted',
    meaning: 'Configure COATCHECK_ENCRYPTION_KEYS, and COATCHECK_ENCRYPTION as `on`; docs/encryption.md says how.',
  },
  backup_running: {
    status: 409,
    title: 'Another backup is being made',
    meaning: 'There is one at a time. Try again when the other one has been fetched.',
  },
  handoff_gone: {
    status: 410,
    title: 'The hand-off cannot be redeemed',
    meaning:
      'It was redeemed, its time is up, its session has ended, or `sessionId` is not the session that it was made for. ' +
      'Make a new one.',
  },
  session_gone: {
    status: 410,
    title: 'The session was ended',
    meaning: 'Deleted, rotated or revoked (`reason`, `endedAt`). Its id is refused until the tombstone lapses.',
  },
  precondition_failed: {
    status: 412,
    title: 'The precondition does not hold',
    meaning: 'Somebody wrote in between. `ETag` is the present one: read, merge, send again with it.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    meaning: 'Larger than any body this call takes (`limit`, in bytes).',
  },
  settings_too_large: {
    status: 413,
    title: 'The settings would become too large',
    meaning: 'The text of all keys and values may have `limit` bytes. Nothing was changed.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'This content type is not taken',
    meaning:
      'Send JSON and say so in Content-Type; with curl: -H Content-Type:application/json. Form and text bodies are never taken.',
  },
  expectation_failed: {
    status: 417,
    title: 'The request expects what is not known here',
    meaning: '`Expect` may be `100-continue`, or be left out.',
  },
  too_many_keys: {
    status: 422,
    title: 'The settings would have too many keys',
    meaning: 'A session may have `limit` keys. Nothing was changed.',
  },
  key_length: {
    status: 422,
    title: 'A key is too short or too long',
    meaning: 'A key has 1 to `limit` bytes of UTF-8 and no half of a surrogate pair.',
  },
  name_refused: {
    status: 422,
    title: 'A member name is refused',
    meaning: '`__proto__`, `constructor` and `prototype` are refused at any depth, for the sake of who reads them.',
  },
  too_deep: {
    status: 422,
    title: 'The value is nested too deeply',
    meaning: 'Objects and arrays may stand `limit` deep.',
  },
  settings_invalid: {
    status: 422,
    title: 'A value does not fit the schema of the settings',
    meaning: 'The namespace has a JSON Schema; `errors` points at what does not fit. Nothing was changed.',
  },
  invalid_patch: {
    status: 422,
    title: 'The JSON Patch cannot be applied to settings',
    meaning: 'A path of `""` names the whole document: use PUT, or name a key.',
  },
  limit_exceeded: {
    status: 422,
    title: 'A limit is exceeded',
    meaning:
      'Too many ids in a batch, or too long a subject, payload or list of keys; `errors` points at it, `limit` says how much may be.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key was used for another call',
    meaning: 'A key belongs to one call with one body for 60 s. Draw a new key for a new call.',
  },
  precondition_required: {
    status: 428,
    title: 'A write of the whole settings must say what it replaces',
    meaning: 'Send `If-Match` with the ETag you read, `If-None-Match: *` to begin them, or `If-Match: *` to overwrite.',
  },
  too_many_streams: {
    status: 429,
    title: 'There are too many streams open',
    meaning: 'One instance keeps `limit` streams open for a session, and for a token. Close those that nobody reads.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    meaning: 'Wait for `Retry-After` seconds.',
  },
  headers_too_large: {
    status: 431,
    title: 'The head of the request is too large',
    meaning: 'Its line and headers may have 16 KiB in all.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong inside',
    meaning: 'A fault of the service; its log says more under the `requestId` of this answer.',
  },
  overloaded: {
    status: 503,
    title: 'The service has more to do than it can',
    meaning: 'Nothing was done. Try again after `Retry-After` seconds.',
  },
  draining: {
    status: 503,
    title: 'The service is about to end',
    meaning: 'Only `/readyz` says so: send new calls to another replica. Calls that still come are answered.',
  },
  store_unavailable: {
    status: 503,
    title: 'The store is away',
    meaning:
      'It did not answer in time, so the outcome of a write is not known. The session is not lost: try again after ' +
      '`Retry-After` seconds, with an `Idempotency-Key` if twice would be wrong.',
  },
  not_replicated: {
    status: 503,
    title: 'Too few replicas of the store have it',
    meaning:
      'What the call has done is done here, and a fail-over of Redis may undo it. Send the same call again: its answer says ' +
      'whether enough replicas have it by then. A log-out and a revocation can be sent again as they are, anything else with an ' +
      '`Idempotency-Key`.',
  },
  moving: {
    status: 503,
    title: 'The sessions are being moved to another store',
    meaning:
      'Nothing was done: until the move is over, sessions are read and not changed. Try again after `Retry-After` seconds, ' +
      'with the same credential. The operator finds what to do in docs/operation/copy.md.',
  },
  store_full: {
    status: 507,
    title: 'The store has no room for more',
    meaning: 'Reading, deleting and logging out still work. The operator has to give it room.',
  },
} as const satisfies Record<string, Definition>

export type ErrorCode = keyof typeof ERRORS

/** One place in the request that is at fault: an RFC 6901 pointer into the body, or `#/query/…`, `#/headers/…`. */
export type Fault = { readonly pointer: string; readonly detail: string }

/** What a problem may tell beyond its code; each is a member of the answer. */
export type ProblemExtras = {
  readonly errors?: readonly Fault[]
  readonly limit?: number
  readonly reason?: string
  readonly endedAt?: string
  /** The present ETag, without quotes; it is answered as a header. */
  readonly etag?: string
  /** When to try again; answered as `Retry-After`. */
  readonly retryAfterSeconds?: number
}

/** The one error that the domain throws on purpose. `detail` must hold no secret, no value and nothing of the store. */
export class CoatcheckError extends Error {
  override readonly name = 'CoatcheckError'
  readonly code: ErrorCode
  readonly extras: ProblemExtras

  constructor(code: ErrorCode, detail?: string, extras: ProblemExtras = {}) {
    super(detail ?? ERRORS[code].meaning)
    this.code = code
    this.extras = extras
  }
}
