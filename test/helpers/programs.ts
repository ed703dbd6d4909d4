/**
 * TypeScript of documents as a reader would keep it: in files of a folder within the project, so that `coatcheck/client` is
 * the built package itself; type-checked all together, strictly; and run by Node, as JavaScript.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import type { Test } from 'tap'
import { compilerPath } from '../../scripts/compiler.mjs'
import { environment, root, runProgram as runToEnd } from '../scripts/project.ts'
import { until } from './until.ts'

const OPTIONS = {
  target: 'ES2023',
  lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true,
}

/** An empty folder within the project, out of git's sight, that is removed after the test. */
export const programFolder = (t: Test): string => {
  mkdirSync(join(root, '.tap'), { recursive: true })
  const path = mkdtempSync(join(root, '.tap/document-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Everything that the compiler has to say against the programs in this folder; nothing, if they are well. */
export const typeFaults = async (folder: string): Promise<string> => {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, include: ['**/*.ts'] }))
  const { code, output } = await runToEnd(await compilerPath(), ['-p', '.', '--pretty', 'false'], { cwd: folder })
  return code === 0 ? '' : output || `The compiler ended with ${code}.`
}

const scriptOf = (name: string): string => name.replace(/\.ts$/, '.js')

/** Writes a program as JavaScript; its types are looked at elsewhere. */
export const writeProgram = (folder: string, name: string, text: string): void => {
  const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } }
  const { code } = transformSync(text, { loader: 'ts', format: 'esm', target: 'es2023', tsconfigRaw })
  writeFileSync(join(folder, scriptOf(name)), code)
}

/** What a page finds in a browser: a document with the token that `TOKEN` holds. What it makes its title is printed. */
const PAGE = `globalThis.document = {
  querySelector: () => ({ content: process.env.TOKEN ?? '' }),
  set title(text) { console.log(text) },
}
`

type Run = { readonly cwd: string; readonly name: string; readonly env: NodeJS.ProcessEnv }

/** Runs a program to its end, and answers what it printed. Throws, with that, where it fails. */
export const runProgram = async ({ cwd, name, env, isPage }: Run & { readonly isPage: boolean }): Promise<string> => {
  const before = isPage ? ['--import', './page-globals.js'] : []
  if (isPage) writeFileSync(join(cwd, 'page-globals.js'), PAGE)
  const { code, output } = await runToEnd(process.execPath, [...before, scriptOf(name)], { cwd, env })
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${output}`)
  return output
}

/** Starts a program that serves, and waits until it answers at `url`; it is ended with the test. */
export const startServer = async (t: Test, { cwd, name, env, url }: Run & { readonly url: string }): Promise<void> => {
  const child = spawn(process.execPath, [scriptOf(name)], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await exited
  })
  const answers = (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}.`)
    return fetch(url).then(
      () => true,
      () => false,
    )
  }
  await until(answers, `${name} serves`)
}
