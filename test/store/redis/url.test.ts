/** The URL of a Redis: what each form says, and everything that it can say wrong. */
import t from 'tap'
import { parseRedisUrl } from '../../../src/store/redis/url.ts'

const ANYBODY = {
  username: undefined,
  password: undefined,
  sentinelUsername: undefined,
  sentinelPassword: undefined,
}

const single = (host: string, port: number) => ({
  kind: 'single',
  tls: false,
  hosts: [{ host, port }],
  path: undefined,
  db: 0,
  master: '',
  ...ANYBODY,
})

const good: Readonly<Record<string, object>> = {
  'redis://h': single('h', 6379),
  'redis://h/': single('h', 6379),
  'redis://h:1?': single('h', 1),
  'redis://10.0.0.1:65535/15': { ...single('10.0.0.1', 65535), db: 15 },
  'redis://my_redis.example.:7000': single('my_redis.example.', 7000),
  'redis://[::1]': single('::1', 6379),
  'redis://[2001:db8::7]:7000/1': { ...single('2001:db8::7', 7000), db: 1 },
  'rediss://u:p%40w@h:1/2': { ...single('h', 1), tls: true, username: 'u', password: 'p@w', db: 2 },
  'redis://:p+w:%2F%C3%A9@h': { ...single('h', 6379), password: 'p+w:/é' },
  'redis://a%3Ab:c@h': { ...single('h', 6379), username: 'a:b', password: 'c' },
  'redis+unix:///run/redis.sock': { ...single('', 0), hosts: [], path: '/run/redis.sock' },
  'redis+unix://u:p%2Fw@/run/a%20b@c.sock?db=3': {
    ...{ ...single('', 0), hosts: [], path: '/run/a b@c.sock' },
    ...{ username: 'u', password: 'p/w', db: 3 },
  },
  'redis+sentinel://a,b:1/main?sentinelPassword=s+%26': {
    ...{ ...single('', 0), kind: 'sentinel', master: 'main', sentinelPassword: 's+&' },
    hosts: [
      { host: 'a', port: 26379 },
      { host: 'b', port: 1 },
    ],
  },
  'rediss+sentinel://:p@[::1]/m%2Fn?sentinelUsername=u&sentinelPassword=s': {
    ...{ ...single('::1', 26379), kind: 'sentinel', tls: true, master: 'm/n', password: 'p' },
    ...{ sentinelUsername: 'u', sentinelPassword: 's' },
  },
  'rediss+cluster://[::1]:7000,b/0': {
    ...{ ...single('', 0), kind: 'cluster', tls: true },
    hosts: [
      { host: '::1', port: 7000 },
      { host: 'b', port: 6379 },
    ],
  },
}

t.test('each form says where the store is, and who the service is there', async (t) => {
  for (const [url, target] of Object.entries(good)) t.strictSame(parseRedisUrl(url), target, url)
})

const NOTHING = 'After the question mark there may be nothing.'
const SENTINEL_ONLY =
  'After the question mark there may be only sentinelUsername and sentinelPassword, each once and with a value.'
const DB_ONLY = 'After the question mark there may be only db, each once and with a value.'
const NO_FORM = 'It begins with none of redis://, rediss://, redis+unix://, redis+sentinel:// and redis+cluster://.'
const NO_HOST = 'A host in it is not of the form host or host:port.'
const NO_PORT = 'A port in it is not between 1 and 65535.'
const NO_PASSWORD = 'It has no password before the @: write user:password@ or :password@.'
const NO_DATABASE = 'Its database is not a number.'
const AN_AT = 'It has an @ too many. In users and passwords write @ / ? : as %40 %2F %3F %3A.'
const NO_SPACE = 'It has a space, a line break or a # in it: write them as %20, %0A, %23.'
const A_PERCENT = 'A % in it does not begin a percent-encoded character: write the % itself as %25.'
const BEFORE_PATH = 'Before the path of the socket there may only be user:password@, with / in it as %2F.'
const NO_SOCKET = 'The path in it is longer than 107 bytes, or none: no socket can be there.'

const bad: Readonly<Record<string, string>> = {
  '': NO_FORM,
  'http://canary': NO_FORM,
  'REDIS://canary': NO_FORM,
  'redis:canary': NO_FORM,
  'unix:///canary': NO_FORM,
  'redis+tls://canary': NO_FORM,
  'rediss+ssl+sentinel://canary/main': NO_FORM,

  'redis://': NO_HOST,
  'redis:///1': NO_HOST,
  'redis://canary:': NO_HOST,
  'redis://canary:x': NO_HOST,
  'redis://canary:123456': NO_HOST,
  'redis://::1': NO_HOST,
  'redis://[::1': NO_HOST,
  'redis://[::1]canary': NO_HOST,
  'redis://-canary': NO_HOST,
  'redis://canär': NO_HOST,
  'redis://canary%2Eexample': NO_HOST,
  'redis+cluster://canary,': NO_HOST,
  'redis+sentinel://canary,,b/main': NO_HOST,
  'redis://[canary]': 'What stands between [ and ] in it is no IPv6 address.',
  'redis://[127.0.0.1]': 'What stands between [ and ] in it is no IPv6 address.',
  'redis://:canary@h:65536': NO_PORT,
  'redis://canary:0': NO_PORT,
  'redis://canary,b': 'It names several hosts: say redis+sentinel:// or redis+cluster://.',

  'redis://canary@h': NO_PASSWORD,
  'redis://canary:@h': NO_PASSWORD,
  'redis://:@canary': NO_PASSWORD,
  'redis://@canary': NO_PASSWORD,
  'redis+unix://canary@/run/redis.sock': NO_PASSWORD,

  'redis://u:can@ary@h': AN_AT,
  'redis://u:can/ary@h': AN_AT,
  'redis://u:can?ary@h': AN_AT,
  'redis://h/0@canary': AN_AT,
  'redis+sentinel://h/main?sentinelPassword=can@ary': AN_AT,
  'redis://u:can#ary@h': NO_SPACE,
  'redis://h/0#canary': NO_SPACE,
  'redis://u:can ary@h': NO_SPACE,
  'redis://u:canary@h\n': NO_SPACE,
  'redis://u:can\u0000ary@h': NO_SPACE,
  'redis+unix:///run/can ary.sock': NO_SPACE,
  'redis://u:canary%@h': A_PERCENT,
  'redis://can%zzary:p@h': A_PERCENT,
  'redis://u:canary%E9@h': A_PERCENT,
  'redis+unix:///canary%': A_PERCENT,
  'redis+sentinel://h/canary%': A_PERCENT,
  'redis+sentinel://h/main?sentinelPassword=canary%': A_PERCENT,

  'redis://h/canary': NO_DATABASE,
  'redis://h/-1': NO_DATABASE,
  'redis://h/1.5': NO_DATABASE,
  'redis://h/1/2': NO_DATABASE,
  'redis://h/1234567890': NO_DATABASE,
  'redis+unix:///canary?db=x': NO_DATABASE,
  'redis+cluster://canary/1': 'A Cluster has no database but 0.',

  'redis+sentinel://canary': 'The name of the Sentinel master is missing after the hosts.',
  'redis+sentinel://canary/': 'The name of the Sentinel master is missing after the hosts.',
  'redis+sentinel://canary/main/0': 'After the name of the Sentinel master there may be no other slash.',
  'redis+sentinel://h/main?sentinelUsername=canary': 'It has a sentinelUsername without a sentinelPassword.',

  'rediss+unix:///canary': 'A socket of this machine needs no TLS: say redis+unix://.',
  'redis+unix://': 'The path of the socket is missing.',
  'redis+unix:///': 'The path of the socket is missing.',
  'redis+unix://canary': BEFORE_PATH,
  'redis+unix://canary/redis.sock': BEFORE_PATH,
  'redis+unix://u:can/ary@/run/redis.sock': BEFORE_PATH,
  'redis+unix://u:canary@h/run/redis.sock': BEFORE_PATH,
  'redis+unix:///canary%00': NO_SOCKET,
  [`redis+unix:///${'canary'.repeat(18)}`]: NO_SOCKET,

  'redis://h?db=3': NOTHING,
  'redis://h/1?canary=canary': NOTHING,
  'redis://h?canary': NOTHING,
  'redis://h?sentinelPassword=canary': NOTHING,
  'redis+cluster://a,b?tls=canary': NOTHING,
  'redis+sentinel://a/main?password=canary': SENTINEL_ONLY,
  'redis+sentinel://a/main?sentinelPassword=': SENTINEL_ONLY,
  'redis+sentinel://a/main?sentinelPassword': SENTINEL_ONLY,
  'redis+sentinel://a/main?sentinelPassword=canary&sentinelPassword=b': SENTINEL_ONLY,
  'redis+sentinel://a/main?sentinelPassword=canary&': SENTINEL_ONLY,
  'redis+unix:///a?password=canary': DB_ONLY,
  'redis+unix:///a?db=1&db=2': DB_ONLY,
}

t.test('what is wrong is said, and the URL is not quoted', async (t) => {
  for (const [url, message] of Object.entries(bad)) {
    t.throws(() => parseRedisUrl(url), new Error(message), url)
    t.notMatch(message, /canary/)
  }
})
