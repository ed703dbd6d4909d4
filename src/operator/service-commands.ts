/** The commands for the service itself, its keys, and completion: their arguments, options and help. */
import { jsonOption, TIMEOUT_OPTION, URL_OPTION } from './calling-options.ts'
import type { Command } from './command.ts'

const serve: Command = {
  name: 'serve',
  group: 'service',
  takes: '',
  options: [],
  summary: 'Run the service, configured by the environment.',
  details:
    'Every setting is listed in docs/configuration.md. Without any it serves on http://127.0.0.1:3000, data in ./data.',
  examples: ['coatcheck serve', 'COATCHECK_STORE=redis://127.0.0.1:6379 coatcheck serve'],
  load: async () => (await import('./serve.ts')).serve,
}

const doctor: Command = {
  name: 'doctor',
  group: 'service',
  takes: '',
  options: [jsonOption('print {"ok": ..., "looked": [...], "findings": [...]}')],
  summary: 'Look at a configuration and its store, and say what to do about what is found.',
  details: `Run it with the environment and as the user of the service, before the first start or beside a service that
runs. It looks at all settings, and at each server of Redis or the folder of LMDB. It changes nothing and
prints no secret. The exit code is 1 if something stops the service or does harm, and 0 otherwise.`,
  examples: ['coatcheck doctor', 'COATCHECK_STORE=redis://127.0.0.1:6379 coatcheck doctor --json'],
  load: async () => (await import('./doctor.ts')).doctor,
}

const keyNew: Command = {
  name: 'key new',
  group: 'service',
  takes: '',
  options: [
    { name: 'name', value: 'NAME', summary: 'the service that will hold it; service if left out' },
    { name: 'namespace', value: 'NAMESPACE', summary: 'the namespace of its sessions; app if left out' },
  ],
  summary: 'Print a new API key, once, and the line to configure for it.',
  details: 'It makes no call: the key is valid as soon as a service has started with its hash.',
  examples: ['coatcheck key new --name web --namespace shop'],
  load: async () => (await import('./key-new.ts')).keyNew,
}

const signingKeyList: Command = {
  name: 'signing-key list',
  group: 'service',
  takes: '',
  options: [jsonOption('print the public keys'), URL_OPTION, TIMEOUT_OPTION],
  summary: 'List the signing keys of a running service, newest first.',
  details: 'It prints one name a line and needs no API key. A new key does not sign in its first hour.',
  examples: ['coatcheck signing-key list'],
  load: async () => (await import('./signing-keys.ts')).list,
}

const signingKeyRetire: Command = {
  name: 'signing-key retire',
  group: 'service',
  takes: '<kid>',
  options: [jsonOption('print {"retired": ...}'), URL_OPTION, TIMEOUT_OPTION],
  summary: 'Retire a signing key at once: every token that it signed becomes void.',
  details: `Use it if somebody else may know the key. It holds for all namespaces, on every replica within 5 s. This cannot be
undone. The API key needs the permission signing-keys. Like all commands, it takes the API key from COATCHECK_API_KEY,
COATCHECK_API_KEY_FILE or data/authorization.header.`,
  examples: ['coatcheck signing-key retire 5f0c1e9a7b3d2c4e6f'],
  load: async () => (await import('./signing-keys.ts')).retire,
}

const backup: Command = {
  name: 'backup',
  group: 'service',
  takes: '<file>',
  options: [jsonOption('print {"file": ..., "bytes": ..., "from": "service" or "folder"}'), URL_OPTION],
  summary: 'Make a backup of an embedded store, whether the service runs or not.',
  details: `If a service has the folder of COATCHECK_STORE open, or if --url or COATCHECK_URL names one, that service makes a
consistent copy while it goes on; the API key needs the permission operate. If nobody has the folder open, the command
opens it itself. The file must not be there yet; nobody else may read it. It holds all settings and what signs tokens
and cookies: keep it as secret as the store. Redis makes its own backups, see docs/operation/backup.md.`,
  examples: ['coatcheck backup monday.mdb', 'coatcheck backup --url http://10.0.0.5:3000 monday.mdb'],
  load: async () => (await import('./backup.ts')).backup,
}

const restore: Command = {
  name: 'restore',
  group: 'service',
  takes: '<file>',
  options: [
    { name: 'revoke-tokens', summary: 'draw new signing keys and cookie secrets: all tokens and cookies are void' },
    jsonOption('print {"folder": ..., "sessions": ..., "tokensRevoked": ...}'),
  ],
  summary: 'Make an embedded store (LMDB) of a backup, in the folder of COATCHECK_STORE.',
  details: `The folder must be empty, and no service may have it open. What was done since the backup is undone, log-outs too:
sessions that were ended since then live again, and their tokens and cookies are valid, unless --revoke-tokens says
that they are not. The command says so again on the standard error.`,
  examples: [
    'coatcheck restore monday.mdb',
    'COATCHECK_STORE=lmdb:/srv/data coatcheck restore --revoke-tokens monday.mdb',
  ],
  load: async () => (await import('./restore.ts')).restore,
}

const reencrypt: Command = {
  name: 'reencrypt',
  group: 'service',
  takes: '',
  options: [jsonOption('print {"looked": ..., "changed": ...}'), URL_OPTION, TIMEOUT_OPTION],
  summary: 'Encrypt what a service stores under its first encryption key, while it runs.',
  details: `It puts what is plain, or encrypted under another key, under the key that encrypts now: sessions, the lists of users'
sessions, signing keys and cookie secrets. Calls to them go on. If it breaks off, run it again. The API key needs the
permission operate. docs/encryption.md says when to run it.`,
  examples: ['coatcheck reencrypt', 'coatcheck reencrypt --url http://10.0.0.5:3000 --json'],
  load: async () => (await import('./reencrypt.ts')).reencrypt,
}

const copy: Command = {
  name: 'copy',
  group: 'service',
  takes: '',
  options: [
    { name: 'from', value: 'STORE', summary: 'the store to copy, as in COATCHECK_STORE; @FILE reads it from a file' },
    { name: 'to', value: 'STORE', summary: 'an empty store to fill' },
    { name: 'reopen', summary: 'open the store of --from for writes again, after a copy that you give up' },
    jsonOption('print {"from": ..., "to": ..., "source": {...}, "target": {...}}'),
  ],
  summary: 'Copy all sessions into another store, so that every token and cookie goes on.',
  details: `It closes the source first: services on it go on reading, and answer 503 moving to whatever writes. Stop the service of
an embedded store (LMDB) yourself. The target must be empty, and no service starts on it until it holds the same as the
source. A copy that breaks off is begun again by the same command. The source stays closed; --reopen undoes that.
COATCHECK_STORE_CA_FILE and its like hold for both stores. What to do, step by step: docs/operation/copy.md.`,
  examples: [
    'coatcheck copy --from lmdb:./data --to redis://127.0.0.1:6379',
    'coatcheck copy --from @one.url --to @cluster.url',
    'coatcheck copy --reopen --from lmdb:./data',
  ],
  load: async () => (await import('./copy.ts')).copy,
}

const completion: Command = {
  name: 'completion',
  group: 'service',
  takes: '<bash|zsh|fish>',
  options: [],
  summary: 'Print a script that lets your shell complete commands and options.',
  details: 'Put the line for your shell into its settings file.',
  examples: [
    'source <(coatcheck completion bash)                                   # in ~/.bashrc',
    'source <(coatcheck completion zsh)                                    # in ~/.zshrc, after compinit',
    'coatcheck completion fish > ~/.config/fish/completions/coatcheck.fish',
  ],
  load: async () => (await import('./completion.ts')).completion,
}

export const SERVICE_COMMANDS: readonly Command[] = [
  serve,
  doctor,
  keyNew,
  signingKeyList,
  signingKeyRetire,
  backup,
  restore,
  reencrypt,
  copy,
  completion,
]
