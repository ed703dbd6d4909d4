#!/usr/bin/env node
/** The command `coatcheck`. It loads its code only in a Node that has all of what the code imports. */
import { readFileSync } from 'node:fs'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const [major = 0, minor = 0] = engines.node.match(/\d+/g).map(Number)
const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number)

if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  console.error(`Coatcheck needs Node ${major}.${minor} or later; this is ${process.versions.node}.`)
  process.exit(1)
}
await import('./operator/process.ts')
