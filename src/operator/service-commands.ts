/** The commands for the service itself, its keys, and this command: what each takes, and what its help says. */
import { jsonOption, TIMEOUT_OPTION, URL_OPTION } from './calling-options.ts'
import type { Command } from './command.ts'

const serve: Command = {
  name: 'serve',
  group: 'service',
  takes: '',
  options: [],
  summary: 'Run the service; configured by the environment.',
  details:
    'Every setting is listed in docs/configuration.md. Without any it serves on http://127.0.0.1:3000, data in ./data.',
  examples: ['coatcheck serve', 'COATCHECK_STORE=redis://127.0.0.1:6379 coatcheck serve'],
  load: async () => (await import('./serve.ts')).serve,
}

const keyNew: Command = {
  name: 'key new',
  group: 'service',
  takes: '',
  options: [
    { name: 'name', value: 'NAME', summary: 'which service is to hold it; service if left out' },
    { name: 'namespace', value: 'NAMESPACE', summary: 'of which sessions it is; app if left out' },
  ],
  summary: 'Print a new API key, once, and the line to configure for it.',
  details: 'Nothing is called: it is good as soon as a service has started with its hash.',
  examples: ['coatcheck key new --name web --namespace shop'],
  load: async () => (await import('./key-new.ts')).keyNew,
}

const signingKeyList: Command = {
  name: 'signing-key list',
  group: 'service',
  takes: '',
  options: [jsonOption('print the public keys'), URL_OPTION, TIMEOUT_OPTION],
  summary: 'List the signing keys of a service that runs, newest first.',
  details: 'The names alone, a line each. It needs no API key. For an hour the newest one does not sign yet.',
  examples: ['coatcheck signing-key list'],
  load: async () => (await import('./signing-keys.ts')).list,
}

const signingKeyRetire: Command = {
  name: 'signing-key retire',
  group: 'service',
  takes: '<kid>',
  options: [jsonOption('print {"retired": ...}'), URL_OPTION, TIMEOUT_OPTION],
  summary: 'Retire a signing key at once: every token that it signed is void.',
  details: `For a key that others may know. It holds for all namespaces, on every replica within 5 s, and cannot be undone.
The API key needs the permission signing-keys. The key is found where those for sessions are: COATCHECK_API_KEY,
COATCHECK_API_KEY_FILE or data/authorization.header.`,
  examples: ['coatcheck signing-key retire 5f0c1e9a7b3d2c4e6f'],
  load: async () => (await import('./signing-keys.ts')).retire,
}

const completion: Command = {
  name: 'completion',
  group: 'service',
  takes: '<bash|zsh|fish>',
  options: [],
  summary: 'Print a script by which your shell completes commands and options.',
  details: 'Put the line of your shell where it reads its settings.',
  examples: [
    'source <(coatcheck completion bash)                                   # in ~/.bashrc',
    'source <(coatcheck completion zsh)                                    # in ~/.zshrc, after compinit',
    'coatcheck completion fish > ~/.config/fish/completions/coatcheck.fish',
  ],
  load: async () => (await import('./completion.ts')).completion,
}

export const SERVICE_COMMANDS: readonly Command[] = [serve, keyNew, signingKeyList, signingKeyRetire, completion]
