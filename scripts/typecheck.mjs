/** Checks the types of all that is written in TypeScript. */
import { join } from 'node:path'
import { compilerPath } from './compiler.mjs'
import { run, whenStarted } from './task.mjs'

/** The service and all that runs on Node; then what runs in a page, where nothing of Node may slip in. */
const PROJECTS = ['.', 'src/client', 'test/client/page']

/**
 * What the compiler has found stays in `.cache` from one run to the next, which then checks only what has changed since.
 *
 * @throws {Failed} at the first project that has faults, with all of them
 */
export const checkTypes = async () => {
  const compiler = await compilerPath()
  for (const path of PROJECTS) {
    const known = join('.cache/types', path, 'known.tsbuildinfo')
    await run(compiler, ['-p', path, '--noEmit', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', known])
  }
}

await whenStarted(import.meta.url, checkTypes)
