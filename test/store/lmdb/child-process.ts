/**
 * Starts `child.ts`, and sees to it that it ends with the test. A process that compiles itself takes seconds to start,
 * so the child and all that it imports are compiled once for the tests of a file.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { buildSync } from 'esbuild'
import type { Test } from 'tap'
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
 * Puts a script of this folder and the store into one file in `build`, and answers its path. `build` must be below the
 * repository's folder, so that the packages it imports are found.
 */
export const compileForPlainNode = (build: string, script: string): string => {
  const outfile = join(build, script.replace(/\.ts$/, '.js'))
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: [script],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
  })
  return outfile
}
