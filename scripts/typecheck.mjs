/** Checks the types of all that is written in TypeScript. */
import { compilerPath } from './compiler.mjs'
import { run, whenStarted } from './task.mjs'

/** The service and all that runs on Node; then what runs in a page, where nothing of Node may slip in. */
const PROJECTS = ['.', 'src/client', 'test/client/page']

/** @throws {Failed} at the first project that has faults, with all of them */
export const checkTypes = async () => {
  const compiler = await compilerPath()
  for (const path of PROJECTS) await run(compiler, ['-p', path, '--noEmit', '--pretty', 'false'])
}

await whenStarted(import.meta.url, checkTypes)
