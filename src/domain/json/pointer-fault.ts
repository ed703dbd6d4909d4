/** Errors about one place in a body. */
import { CoatcheckError, type ErrorCode } from '../../errors.ts'

type Path = readonly (string | number)[]

/** Long enough for any sensible path; what would be longer points at the value around it. */
const MAX_POINTER = 1024

/**
 * The RFC 6901 pointer of a place in a body, in its URI fragment form: `#/a~1b/0`. Half a surrogate pair is shown as
 * U+FFFD.
 */
export const pointerTo = (path: Path): string => {
  let pointer = '#'
  for (const token of path) {
    const text = String(token)
    if (text.length > MAX_POINTER) break
    const name = text
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .replaceAll('~', '~0')
      .replaceAll('/', '~1')
    const longer = `${pointer}/${encodeURIComponent(name)}`
    if (longer.length > MAX_POINTER) break
    pointer = longer
  }
  return pointer
}

/** The tokens of an RFC 6901 pointer, decoded; not of its URI fragment form. */
export const tokensOf = (pointer: string): string[] => {
  const [, ...tokens] = pointer.split('/')
  return pointer.includes('~') ? tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')) : tokens
}

/** An error about one place in the body. */
export const faultAt = (code: ErrorCode, path: Path, detail: string, limit?: number): CoatcheckError =>
  new CoatcheckError(code, undefined, {
    errors: [{ pointer: pointerTo(path), detail }],
    ...(limit === undefined ? {} : { limit }),
  })
