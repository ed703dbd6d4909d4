/** What ids and keys of calls look like. */
export const ID_PATTERN = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

export const PATH_ID_PATTERN = `${ID_PATTERN}|^current$`

/** What a writer says of itself. */
export const ORIGIN_PATTERN = '^[\\x21-\\x7e]{1,64}$'

/** A hand-off's code: its partition, and 192 random bits. */
export const CODE_PATTERN = '^[0-9a-f]{2}[\\w-]{32}$'

export const IDEMPOTENCY_KEY_PATTERN = '^[\\x21-\\x7e]{1,255}$'
