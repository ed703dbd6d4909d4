/**
 * A small project in a folder of its own, on which the real scripts are run as a newcomer would: the scripts and settings
 * are copies of ours, the sources and tests are the test's, and what it does to them harms nobody.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** The folder of the real project. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const SETTINGS = ['scripts', 'package.json', 'package-lock.json', '.npmrc', '.gitignore']
const TOOL_SETTINGS = ['biome.json', 'tsconfig.json']
/** The small client needs nothing of Node's types and a browser's, which the compiler takes seconds to read. */
const CLIENT_SETTINGS = ['tsconfig.declarations.json', 'src/client/tsconfig.json', 'test/client/page/tsconfig.json']

/** The entry points of the client, which the scripts count on. */
const CLIENT = {
  'src/client/index.ts': "export { greet } from './greet.ts'\n",
  'src/client/greet.ts': 'export const greet = (name: string): string => name.toUpperCase()\n',
  'src/client/liveview.ts': 'export {}\n',
  'src/client/express-session.ts': 'export {}\n',
  'src/client/saver.ts': 'export {}\n',
  'test/client/page/app.ts': 'export {}\n',
  'test/client/page/tab.ts': 'export {}\n',
}

/**
 * The environment without what tap says to its own children, and with what is given. How busy the machine is changes no
 * answer of a service under test, and it ends at once.
 */
export const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(_?TAP|npm_|COATCHECK_|PORT$|HOST$)/.test(name)),
  ),
  COATCHECK_LOAD_SHEDDING: 'off',
  COATCHECK_DRAIN_SECONDS: '0',
  ...more,
})

export type Ran = { readonly code: number | null; readonly output: string; readonly lines: readonly string[] }

/** Runs a program to its end and keeps what it printed, both streams in the order in which it came. */
export const runProgram = (
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number },
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: environment(), ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output, lines: output.trimEnd().split('\n') }))
  })

/** An empty folder that is removed after the test. */
export const folder = (t: Test): string => {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'coatcheck-project-')))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Writes files by their path; a folder that is not there is made. */
export const write = (folderPath: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folderPath, name)), { recursive: true })
    writeFileSync(join(folderPath, name), content)
  }
}

/** A project of our scripts and settings, our installed packages, a client, and these files. */
export const project = (t: Test, files: Readonly<Record<string, string>>): string => {
  const path = folder(t)
  for (const name of [...SETTINGS, ...TOOL_SETTINGS]) cpSync(join(root, name), join(path, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  for (const name of CLIENT_SETTINGS) {
    const settings = readFileSync(join(root, name), 'utf8')
    const less = settings.replace(/"lib": \[.*\]/, '"lib": ["ES5"]').replace(/"types": \[.*\]/, '"types": []')
    write(path, { [name]: less })
  }
  write(path, { ...CLIENT, ...files })
  return path
}
