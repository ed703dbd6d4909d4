/**
 * Builds a former release from this repository's own history, by its own lock file and its own build, for the tests of what
 * two releases do side by side. It asks the package registry the first time; what was built stays in `.cache/releases`.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failed, root, run, runNpm } from './task.mjs'

const DEADLINE_MS = 300_000

/**
 * @param {string} commit the whole hash
 * @param {string} [clone] the folder of a clone
 * @returns {Promise<string>} the folder of the built release
 * @throws {Failed} when the clone does not have that commit, or the release cannot be built
 */
export const obtainRelease = async (commit, clone = root) => {
  const folder = join(root, '.cache/releases', commit)
  // Its build leaves this behind as the last thing.
  if (clone === root && existsSync(join(folder, 'dist/.built'))) return folder
  await run('git', ['rev-parse', '--verify', '--quiet', `${commit}^{commit}`], { cwd: clone }).catch(({ output }) => {
    const what = 'The history of this clone lacks the release before, which this test runs beside the present one'
    throw new Failed(`${what} (commit ${commit.slice(0, 7)}). Get all of it: git fetch --unshallow`, output)
  })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const archive = join(folder, 'source.tar')
  await run('git', ['archive', '--format=tar', `--output=${archive}`, commit], { cwd: clone })
  await run('tar', ['-xf', archive], { cwd: folder })
  rmSync(archive)
  const inIt = { cwd: folder, deadlineMs: DEADLINE_MS }
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  await runNpm(['ci', '--include=dev', '--prefer-offline', ...quietly], inIt)
  await run(process.execPath, ['scripts/build.mjs'], inIt)
  return folder
}
