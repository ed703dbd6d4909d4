/**
 * The TypeScript compiler that checks types and writes declarations. It is that of TypeScript 7, which is a program of its own
 * and takes a third of the time. Packages that use the compiler as a library need TypeScript 6, so both are installed.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './task.mjs'

const PLACE = pathToFileURL(join(root, 'node_modules/typescript-7/lib/getExePath.js')).href

/** Where the program is. @returns {Promise<string>} */
export const compilerPath = async () => (await import(PLACE)).default()
