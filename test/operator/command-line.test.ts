/** What a command line is taken for, what it is told if it is wrong, and what the table of commands says in all places. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { CoatcheckError } from '../../src/client/errors.ts'
import { apiKeyFrom, serviceUrl } from '../../src/operator/address.ts'
import { OperatorError, partsOf } from '../../src/operator/command.ts'
import { COMMANDS } from '../../src/operator/commands.ts'
import { problemOf } from '../../src/operator/failure.ts'
import { cutTo, jsonLine, nameLine, widthOf } from '../../src/operator/shown.ts'
import { KEYS } from '../helpers/app.ts'
import { operatorAt } from '../helpers/operator.ts'
import { environment, folder, runProgram, write } from '../scripts/project.ts'

/** No service is there: nothing here calls one. */
const coatcheck = operatorAt(9)
const ID = '9b2f7c1e-5d0a-4e0f-8a54-3f1f0c9d2b71'

t.test('the help names every command, and each has a help of its own', async (t) => {
  const all = await coatcheck('--help')
  t.match(all, { code: 0, errors: '' })
  for (const line of all.out.split('\n')) t.ok(line.length <= 120, line)
  for (const { name, summary, options, examples, takes } of COMMANDS) {
    t.match(all.out, summary, name)
    const { out, code } = await coatcheck(`${name} --help`)
    t.equal(code, 0)
    for (const option of options) t.match(out, `--${option.name}`)
    for (const line of out.split('\n')) t.ok(line.length <= 120, line)
    t.equal((await coatcheck(`help ${name}`)).out, out)
    t.ok(
      examples.every((example) => example.includes(`coatcheck ${name}`)),
      name,
    )
    t.ok(examples.length > 0)
    t.equal(partsOf({ takes } as (typeof COMMANDS)[number]).join(' '), takes, 'all that it takes is understood')
  }
  t.match((await coatcheck('--version')).out, /^\d+\.\d+\.\d+\S*\n$/)
  t.notMatch(all.out, '\u001b')
  t.match((await coatcheck('--help', { isTerminal: true, isColoured: true })).out, '\u001b[1mExit codes\u001b[0m')
})

t.test('a wrong command line is told what was perhaps meant, on the error output alone', async (t) => {
  const cases: [words: string, says: string | RegExp][] = [
    ['', 'Which command?'],
    ['gte x', 'Did you mean get?'],
    ['sesions x', 'Did you mean sessions?'],
    ['tok', 'Did you mean token?'],
    ['nonsense', /"nonsense"\. `coatcheck --help` lists/],
    ['key', 'goes on with new'],
    ['signing-key retier', 'list or retire. Did you mean retire?'],
    ['--json get', 'The command comes before its options'],
    [`get ${ID} --jso`, 'There is no option --jso. Did you mean --json?'],
    [`get ${ID} -x`, 'comes after --'],
    [`set ${ID} a b --if-match`, "'--if-match <value>' argument missing"],
    ['get', /<session> is missing\.\nUsage: coatcheck get <session> \[key\]\n`coatcheck get --help`/],
    ['get 42', '"42" is no session'],
    ['end 42', '"42" is no session'],
    ['signing-key retire', '<kid> is missing'],
    ['completion csh', 'none of bash, zsh, fish'],
    ['key new --name NO', '--name takes'],
  ]
  for (const [words, says] of cases) {
    t.match(await coatcheck(words === '' ? [] : words), { code: 2, out: '', errors: says }, words)
  }
})

t.test('a shell completes commands, what goes on in two words, and options', async (t) => {
  const { out: script } = await coatcheck('completion bash')
  const path = folder(t)
  write(path, { script })
  const complete = async (...words: string[]): Promise<string> => {
    const line = `. ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _coatcheck; echo "\${COMPREPLY[*]}"`
    return (
      await runProgram('bash', ['-c', line, 'bash', 'coatcheck', ...words], {
        cwd: path,
        env: environment({ LC_ALL: 'C' }),
      })
    ).output.trim()
  }
  t.equal(await complete('se'), 'set sessions serve')
  t.equal(await complete('ke'), 'key')
  t.equal(await complete('key', ''), 'new')
  t.equal(await complete('signing-key', 're'), 'retire')
  t.equal(await complete('completion', ''), 'bash zsh fish --help')
  t.equal(await complete('set', ID, '--i'), '--if-match')
  t.equal(await complete('get', '--t'), '--touch --timeout')
  for (const shell of ['zsh', 'fish']) {
    const { out } = await coatcheck(`completion ${shell}`)
    for (const { name } of COMMANDS) t.match(out, name.split(' ').at(-1), `${shell}: ${name}`)
  }
})

t.test('what is unseen is escaped, and text is cut by the columns that it takes', async (t) => {
  t.equal(jsonLine('{\n\t"a": "\u202e\u{e0041}é\u200d"}'), '{  "a": "\\u202e\\udb40\\udc41é\u200d"}')
  t.equal(nameLine('a\\b"\n\u009b'), 'a\\\\b"\\n\\u009b')
  t.equal(nameLine('\ud800'), '\\ud800')
  t.equal(widthOf('a服e\u0301😀'), 6)
  t.equal(cutTo(4, '服务服'), '服…')
  t.equal(cutTo(6, '服务服'), '服务服')
})

t.test('an operator is told what is wrong with an address or a key, and no secret', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-'))
  t.teardown(() => rm(path, { recursive: true }))
  const file = join(path, 'key')
  await writeFile(file, `${KEYS.shop}\n`)
  t.equal(serviceUrl(undefined, {}), 'http://127.0.0.1:3000')
  t.equal(serviceUrl('https://x.example/prefix/', { COATCHECK_URL: 'x' }), 'https://x.example/prefix')
  t.equal(apiKeyFrom({ COATCHECK_API_KEY_FILE: file }), KEYS.shop)
  t.equal(apiKeyFrom({ COATCHECK_API_KEY: ` ${KEYS.shop} ` }), KEYS.shop)
  const cases: [says: string, attempt: () => unknown][] = [
    ['--url', () => serviceUrl('secret', {})],
    ['COATCHECK_URL', () => serviceUrl(undefined, { COATCHECK_URL: 'ftp://secret' })],
    ['a password', () => serviceUrl('http://user:secret@127.0.0.1', {})],
    ['unset one', () => apiKeyFrom({ COATCHECK_API_KEY: 'ck_secret', COATCHECK_API_KEY_FILE: file })],
    ['ENOENT', () => apiKeyFrom({ COATCHECK_API_KEY_FILE: join(path, 'none') })],
    ['begins with ck_', () => apiKeyFrom({ COATCHECK_API_KEY: 'secret' })],
  ]
  for (const [says, attempt] of cases) {
    const error = t.throws(attempt) as Error
    t.ok(error instanceof OperatorError, says)
    t.match(error.message, says)
    t.notMatch(error.message, 'secret')
  }
})

t.test('an error as JSON moves no cursor either', (t) => {
  const detail = 'a\u009b2Jb\u202ec'
  const line = problemOf(new CoatcheckError({ code: 'internal_error', detail }))
  t.notMatch(line, /[\u0080-\u009f\u202e]/)
  t.equal(JSON.parse(line).detail, detail, 'and says the same')
  t.end()
})
