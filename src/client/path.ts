/** Names in a path, which a proxy may decode and normalise before it hands it on; and every URL parser takes steps in it. */

/** Unreserved characters (RFC 3986) and two marks that nobody changes; no step. */
const PLAIN = /^(?!\.+$)[\w.~:@-]+$/

/** Once decoded, perhaps twice, it is another name, or a step. */
const LEADS_ELSEWHERE = /^$|^[\\/]|[\\/]$|(?:^|[\\/])\.\.?(?:[\\/]|$)|%[\da-f]{2}|[\p{Cc}\p{Cs}]/iu

/** Whether a name stays what it is, whatever comes on its way. */
export const isPlain = (name: string): boolean => PLAIN.test(name)

/** A subject as one segment of a path. Throws TypeError where it could become another one's. */
export const subjectSegment = (name: string): string => {
  if (!LEADS_ELSEWHERE.test(name)) return encodeURIComponent(name)
  throw new TypeError('This subject cannot stand in a path, where it would lead elsewhere: name the user by an id.')
}
