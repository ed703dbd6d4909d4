/**
 * The command, for tests that start it many times: `npm test` puts it into one file, which starts in half the time. Tests of
 * the package, of the image, of `npm start` and of the command itself take what is compiled.
 */
import { join } from 'node:path'
import { root } from '../scripts/project.ts'

export const CLI = process.env.BUNDLED_CLI ?? join(root, 'dist/cli.js')
