/** The users that docs/redis.md tells operators to make: tests run as one who has exactly these rights. */
import { readDocument } from './documents.ts'

export type DocumentedUser = {
  readonly user: string
  readonly password: string
  /** All that follows the user's name in ACL SETUSER. */
  readonly rules: readonly string[]
  /** The commands that the rules allow, in small letters, such as `hset` and `cluster|slots`. */
  readonly rights: readonly string[]
  /** All words after ACL SETUSER, in one. */
  readonly words: string
  /** As a line of a file of configuration, or of ACLs. */
  readonly line: string
}

/** For `redis` alone, for Redis behind Sentinels, for the Sentinels themselves, and for the nodes of a Cluster. */
export type DocumentedAcl = 'redis' | 'sentinel-redis' | 'sentinel' | 'cluster'

/** Throws an Error if the document has no such block. */
export const documentedAcl = (name: DocumentedAcl): DocumentedUser => {
  const block = readDocument('docs/redis.md').blocks.find(({ marker }) => marker === `acl ${name}`)
  const [, user = '', rest = ''] = /^ACL SETUSER (\S+) (.+)$/.exec(block?.text ?? '') ?? []
  const rules = rest.split(' ')
  const password = rules.find((rule) => rule.startsWith('>'))?.slice(1)
  if (password === undefined) throw new Error(`docs/redis.md has no block of ACL SETUSER for ${name}.`)
  const rights = rules.filter((rule) => rule.startsWith('+')).map((rule) => rule.slice(1))
  return { user, password, rules, rights, words: `${user} ${rest}`, line: `user ${user} ${rest}` }
}

/** Makes the user, by a connection that may. */
export const makeDocumentedUser = async (
  admin: { call(command: string, ...args: string[]): Promise<unknown> },
  name: DocumentedAcl,
): Promise<DocumentedUser> => {
  const made = documentedAcl(name)
  await admin.call('ACL', 'SETUSER', made.user, ...made.rules)
  return made
}
