/** The commands for the sessions of a service that runs: what each takes, and what its help says. */
import { jsonOption, TIMEOUT_OPTION, URL_OPTION } from './calling-options.ts'
import type { Command, Option } from './command.ts'

const TOUCH: Option = { name: 'touch', summary: 'count as a use of the session, which lives on for it' }
const CALLING = [URL_OPTION, TIMEOUT_OPTION]

const SESSION = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'

const get: Command = {
  name: 'get',
  group: 'sessions',
  takes: '<session> [key]',
  options: [
    jsonOption('print the JSON as it was put'),
    { name: 'raw', short: 'r', summary: 'print a string without its quotes and escapes' },
    TOUCH,
    ...CALLING,
  ],
  summary: 'Show the settings of a session, or the value of one key.',
  details: `On a terminal the settings are a table. In a pipe each key is a line: the key, a tab, its value as JSON.
Values are printed as they were put: 1.10 stays 1.10, and no digit of a long number is lost.
Looking is no use of the session, unless you say --touch.`,
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
  details: `In a pipe each line is a name, a tab and a value. Looking is no use of the session, unless you say --touch.`,
  examples: [`coatcheck show ${SESSION}`],
  load: async () => (await import('./get-show.ts')).show,
}

const set: Command = {
  name: 'set',
  group: 'sessions',
  takes: '<session> [key value]...',
  options: [
    { name: 'string', short: 's', summary: 'take the values as text, whatever they look like' },
    { name: 'remove', value: 'KEY', several: true, summary: 'remove this key; may be said several times' },
    {
      name: 'if-match',
      value: 'ETAG',
      summary: 'only if the settings have this ETag; * if the session has been begun',
    },
    jsonOption('print {"etag": ..., "created": ...}'),
    ...CALLING,
  ],
  summary: 'Put and remove keys of a session, all of them or none.',
  details: `A value is JSON if it reads as JSON, and text otherwise: 3 and true are a number and a boolean, dark is "dark".
--string makes all of them text. The value - is read from the standard input. Other keys stay as they are.
A session that is missing is begun; --if-match '*' refuses that. The new ETag is printed.`,
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
  summary: 'Follow what happens to a session, or to all sessions of the namespace.',
  details: `An event is a line: on a terminal for people; in a pipe its name, a tab, the session, a tab, its data as JSON.
It goes on when the connection breaks or the service is started anew, and then tells what has changed meanwhile.
It ends when the session does, with exit code 0. Without a session it ends by Ctrl-C alone, and a gap says that
something may have been missed. Watching is no use of a session.`,
  examples: [`coatcheck watch ${SESSION}`, 'coatcheck watch --json | jq --unbuffered -c \'select(.event == "ended")\''],
  load: async () => (await import('./watch.ts')).watch,
}

const end: Command = {
  name: 'end',
  group: 'sessions',
  takes: '[session]...',
  options: [
    { name: 'subject', value: 'SUBJECT', summary: 'log this user out everywhere, in place of naming sessions' },
    { name: 'except', value: 'SESSION', summary: 'with --subject: the one session to spare' },
    { name: 'yes', short: 'y', summary: 'with --subject: do not ask; needed where nobody can be asked' },
    jsonOption('print {"ended": how many}'),
    ...CALLING,
  ],
  summary: 'End sessions for good, with all their tokens and cookies.',
  details: `An ended session stays ended: late writes and its tokens are refused, on every replica. There is no undoing.
With --subject every session of the user ends, also those that are just being bound. How many ended is printed.`,
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
      summary: "keys it may read, separated by commas; cart-* or '*' as well",
    },
    { name: 'write', value: 'KEYS', several: true, summary: 'keys it may change, likewise' },
    { name: 'scope', value: 'SCOPE', summary: "what it may do; 'read write touch' if left out" },
    { name: 'expires', value: 'SECONDS', summary: 'how long it lives; 900 if left out' },
    { name: 'audience', value: 'NAME', summary: 'who is to take it, if not this service' },
    jsonOption('print what the service answers'),
    ...CALLING,
  ],
  summary: 'Mint a token of a session, to hand to a browser or a socket, or to try one.',
  details: `The token alone is printed; what it may do is told on the terminal. Whoever has it may act on the session until it
ends: it is a secret. Without --read and --write it is for the keys of the namespace's browser rule, if there is one.
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
Looking is no use of the sessions. Without a subject the API key needs the permission list.`,
  examples: ['coatcheck sessions user-42', 'coatcheck sessions | wc -l'],
  load: async () => (await import('./sessions.ts')).sessions,
}

export const SESSION_COMMANDS: readonly Command[] = [get, show, set, watch, end, token, sessions]
