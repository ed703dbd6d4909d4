/**
 * Starts `child.ts`, and sees to it that it ends with the test. A process that compiles itself takes seconds to start,
 * so the child and all that it imports are compiled once for the tests of a file.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Test } from 'tap'
import ts from 'typescript'
import type { ChildMessage } from './child.ts'

export type Child = {
  readonly pid: number
  /** What it said first: that it has the store open, or why not. */
  readonly first: Promise<ChildMessage>
  /** All that it has said so far. */
  readonly messages: readonly ChildMessage[]
  /** Sends a signal, and waits for the end unless it is one that only stops or continues. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** Lets it close its store, and waits for its end. */
  close(): Promise<void>
}

/** For `build` see below. */
export const childStarter = (build: string) => {
  const script = compileForPlainNode(build, 'test/store/lmdb/child.ts')

  return (t: Test, path: string, writers = 0): Child => {
    const child = fork(script, [path, `${writers}`], { execArgv: [], env: { PATH: process.env.PATH } })
    const ended = once(child, 'exit')
    t.teardown(async () => {
      child.kill('SIGKILL')
      await ended
    })
    return handle(child, ended)
  }
}

const handle = (child: ChildProcess, ended: Promise<unknown>): Child => {
  const messages: ChildMessage[] = []
  child.on('message', (message) => messages.push(message as ChildMessage))
  return {
    pid: child.pid as number,
    first: once(child, 'message').then(([message]) => message),
    messages,
    signal: async (signal) => {
      child.kill(signal)
      if (signal === 'SIGKILL') await ended
    },
    close: async () => {
      child.send('close')
      await ended
    },
  }
}

const ROOT = resolve(import.meta.dirname, '../../..')

/**
 * Compiles a script of this folder and the store into `build`, and answers the script's path there. `build` must be
 * below the repository's folder, so that what it imports is found.
 */
export const compileForPlainNode = (build: string, script: string): string => {
  const compiled = (source: string): string => join(build, source.replace(/\.ts$/, '.js'))
  const folders = ['src/store', 'src/store/layout', 'src/store/lmdb']
  const sources = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder)).flatMap((name) => (name.endsWith('.ts') ? [join(folder, name)] : [])),
  )
  for (const source of [...sources, script]) {
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, source), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    })
    const file = compiled(source)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, outputText)
  }
  return compiled(script)
}
