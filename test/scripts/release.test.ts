/** The release before is built from the history; a clone without it is told so. */
import t from 'tap'
import { folder, root, runProgram } from './project.ts'

t.test('a clone without the history gets one clear line', async (t) => {
  const clone = folder(t)
  await runProgram('git', ['init', '--quiet'], { cwd: clone })
  const script = `
    import { obtainRelease } from './scripts/release.mjs'
    await obtainRelease('${'ab'.repeat(20)}', ${JSON.stringify(clone)}).catch((error) => console.log(error.message))`
  const { code, lines } = await runProgram(process.execPath, ['--input-type=module', '-e', script], { cwd: root })
  t.equal(code, 0)
  t.equal(lines.length, 1)
  t.match(
    lines[0],
    /^The history of this clone lacks the release before.*\(commit abababa\)\. .*git fetch --unshallow$/,
  )
})
