/** Why a server of Redis cannot serve, by the words of `connection.ts` and of Redis, and what to do about it. */

type Cause = {
  readonly words: RegExp
  /** Whether it stays until somebody does something. Such a cause stops the start. */
  readonly isForGood: boolean
  readonly todo: string
}

/** The first row that fits counts. */
const CAUSES: readonly Cause[] = [
  {
    words: /^NOPERM/,
    isForGood: true,
    todo: 'Give the user the rights that docs/redis.md lists, on every server: Redis copies users nowhere.',
  },
  {
    words: /^(WRONGPASS|NOAUTH)/,
    isForGood: true,
    todo: 'Correct the user and the password in COATCHECK_STORE, with % for special characters.',
  },
  {
    words: /^no database/,
    isForGood: true,
    todo: 'Take a lower number in COATCHECK_STORE, or raise `databases` in Redis.',
  },
  { words: /^(not a Cluster|a Cluster)/, isForGood: true, todo: 'Change the beginning of COATCHECK_STORE.' },
  {
    words: /^no master/,
    isForGood: true,
    todo: 'Name the master in COATCHECK_STORE as `sentinel monitor` names it.',
  },
  {
    words: /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|CERT_)/,
    isForGood: true,
    todo: 'Check which authority signed the certificate (COATCHECK_STORE_CA_FILE), for which name, and until when.',
  },
  {
    words: /^(ERR_SSL|EPROTO)/,
    isForGood: false,
    todo: 'Check that the server speaks TLS on this port, and whether it demands a certificate (COATCHECK_STORE_CERT_FILE).',
  },
  {
    words: /^(ENOTFOUND|EAI_)/,
    isForGood: false,
    todo: 'Check the name of the host in COATCHECK_STORE, and the DNS.',
  },
  {
    words: /^(ECONNREFUSED|ENOENT|EACCES)/,
    isForGood: false,
    todo: 'Start the server, or correct the host and the port in COATCHECK_STORE.',
  },
  {
    words: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|it does not answer|it was not reached)/,
    isForGood: false,
    todo: 'Check the way to it (firewall, network policy), and whether the server is frozen or swaps.',
  },
  { words: /^LOADING/, isForGood: false, todo: 'Wait: it reads its files after a start.' },
  { words: /^BUSY/, isForGood: false, todo: 'End the long script of another client: SCRIPT KILL.' },
  {
    words: /^READONLY/,
    isForGood: false,
    todo: 'Name the master in COATCHECK_STORE, or use redis+sentinel://.',
  },
  { words: /^MISCONF/, isForGood: false, todo: 'Give its disk room: Redis cannot write its files.' },
  {
    words: /^the Sentinels name another/,
    isForGood: false,
    todo: 'Wait some seconds: the Sentinels tell it to follow the new master.',
  },
  {
    words: /^(no Sentinel|nobody is known)/,
    isForGood: false,
    todo: 'Start the Sentinels or the nodes, or correct their hosts in COATCHECK_STORE.',
  },
  {
    words: /^(ECONNRESET|EPIPE|the connection was closed)/,
    isForGood: false,
    todo: 'Look at the log of the server: it closed the connection. Perhaps it wants TLS (rediss://), or has too many clients.',
  },
]

const UNKNOWN = { isForGood: false, todo: 'Look at the log of the server.' }

const rowOf = (cause: string): Omit<Cause, 'words'> => CAUSES.find(({ words }) => words.test(cause)) ?? UNKNOWN

export const isForGood = (cause: string | undefined): boolean => cause !== undefined && rowOf(cause).isForGood

/** What an operator should do, in sentences. */
export const todoFor = (cause: string): string => rowOf(cause).todo
