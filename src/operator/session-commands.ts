/** The commands for the sessions of a running service: their arguments, options and help. */
import { jsonOption, TIMEOUT_OPTION, URL_OPTION } from './calling-options.ts'
import type { Command, Option } from './command.ts'

const TOUCH: Option = { name: 'touch', summary: 'count as a use of the session, which keeps it alive' }
const CALLING = [URL_OPTION, TIMEOUT_OPTION]

const SESSION = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'

const get: Command = {
  name: 'get',
  group: 'sessions',
  takes: '<session> [key]',
  options: [
    jsonOption('print the JSON text that was put'),
    { name: 'raw', short: 'r', summary: 'print a string without its quotes and escapes' },
    TOUCH,
    ...CALLING,
  ],
  summary: 'Show the settings of a session, or the value of one key.',
  details: `On a terminal the settings are a table. In a pipe each key is a line: the key, a tab, its value as JSON.
Values are printed as they were put: 1.10 stays 1.10, and no digit of a long number is lost.
Reading does not count as a use of the session, unless you say --touch.`,
  examples: [
    `coatcheck get ${SESSION}`,
    `coatcheck get ${SESSION} theme --raw`,
    `coatcheck get ${SESSION} --json > settings.json`,
  ],
  load: async () => (await import('./get-show.ts')).get,
}

const show: Command = {
  name: 'show',
  group: 'sessions',
  takes: '<session>',
  options: [jsonOption('print the session as the service answers it, with its settings'), TOUCH, ...CALLING],
  summary: 'Show whose a session is, its ETag, and when it ends.',
  details: `In a pipe each line is a name, a tab and a value.
Reading does not count as a use of the session, unless you say --touch.`,
  examples: [`coatcheck show ${SESSION}`],
  load: async () => (await import('./get-show.ts')).show,
}

const set: Command = {
  name: 'set',
  group: 'sessions',
  takes: '<session> [key value]...',
  options: [
    { name: 'string', short: 's', summary: 'take all values as text' },
    { name: 'remove', value: 'KEY', several: true, summary: 'remove this key; may occur several times' },
    {
      name: 'if-match',
      value: 'ETAG',
      summary: 'only if the settings have this ETag; * if the session exists',
    },
    jsonOption('print {"etag": ..., "created": ...}'),
    ...CALLING,
  ],
  summary: 'Put and remove keys of a session, all of them or none.',
  details: `A value is JSON if it is valid JSON, and text otherwise: 3 and true are a number and a boolean, dark is "dark".
--string makes all of them text. The value - is read from the standard input. Other keys stay as they are.
A missing session is begun, unless you say --if-match '*'. The new ETag is printed.`,
  examples: [
    `coatcheck set ${SESSION} theme dark visits 3 --remove draft`,
    `coatcheck set ${SESSION} cart - < cart.json`,
    `coatcheck set ${SESSION} zip 01234 --string`,
  ],
  load: async () => (await import('./set.ts')).set,
}

const watch: Command = {
  name: 'watch',
  group: 'sessions',
  takes: '[session]',
  options: [jsonOption('print each event as a line of JSON'), ...CALLING],
  summary: 'Follow the changes of a session, or of all sessions of the namespace.',
  details: `An event is a line: on a terminal for people; in a pipe its name, a tab, the session, a tab, its data as JSON.
It reconnects when the connection breaks or the service restarts, and then shows the changes of the meantime.
It ends with the session, with exit code 0. Without a session only Ctrl-C ends it, and a gap says that changes
may have been missed. Watching does not count as a use of a session.`,
  examples: [`coatcheck watch ${SESSION}`, 'coatcheck watch --json | jq --unbuffered -c \'select(.event == "ended")\''],
  load: async () => (await import('./watch.ts')).watch,
}

const end: Command = {
  name: 'end',
  group: 'sessions',
  takes: '[session]...',
  options: [
    { name: 'subject', value: 'SUBJECT', summary: 'log this user out everywhere, instead of naming sessions' },
    { name: 'except', value: 'SESSION', summary: 'with --subject: a session that stays' },
    { name: 'yes', short: 'y', summary: 'with --subject: do not ask; needed without a terminal' },
    jsonOption('print {"ended": number}'),
    ...CALLING,
  ],
  summary: 'End sessions for good, with all their tokens and cookies.',
  details: `An ended session stays ended: late writes and its tokens are refused, on every replica. This cannot be undone.
With --subject every session of the user ends, also one that a login is binding now. The number is printed.`,
  examples: [`coatcheck end ${SESSION}`, 'coatcheck end --subject user-42'],
  load: async () => (await import('./end.ts')).end,
}

const token: Command = {
  name: 'token',
  group: 'sessions',
  takes: '<session>',
  options: [
    {
      name: 'read',
      value: 'KEYS',
      several: true,
      summary: "keys that it may read, separated by commas; also cart-* or '*'",
    },
    { name: 'write', value: 'KEYS', several: true, summary: 'keys that it may write, in the same form' },
    { name: 'scope', value: 'SCOPE', summary: "its scopes; 'read write touch' if left out" },
    { name: 'expires', value: 'SECONDS', summary: 'its lifetime; 900 if left out' },
    { name: 'audience', value: 'NAME', summary: 'the receiver, if not this service' },
    jsonOption('print the answer of the service'),
    ...CALLING,
  ],
  summary: 'Mint a token of a session, for a browser or a socket, or to try one.',
  details: `Only the token is printed; the terminal also shows what it may do. Its holder may act on the session until it ends:
it is a secret. Without --read and --write it has the keys of the namespace's browser rule, if there is one.
Scopes: read write take events touch end renew cookie.`,
  examples: [
    `TOKEN=$(coatcheck token ${SESSION} --read '*' --write theme)`,
    `coatcheck token ${SESSION} --read '*' --scope 'read events' --expires 60`,
  ],
  load: async () => (await import('./token.ts')).token,
}

const sessions: Command = {
  name: 'sessions',
  group: 'sessions',
  takes: '[subject]',
  options: [jsonOption('print the sessions as an array, with their settings'), ...CALLING],
  summary: 'List where a user is logged in; without a name, all sessions of the namespace.',
  details: `In a pipe each session is a line: its id, and when it was created, last seen and expires, with tabs between them.
Listing does not count as a use of the sessions. Without a subject the API key needs the permission list.`,
  examples: ['coatcheck sessions user-42', 'coatcheck sessions | wc -l'],
  load: async () => (await import('./sessions.ts')).sessions,
}

export const SESSION_COMMANDS: readonly Command[] = [get, show, set, watch, end, token, sessions]
