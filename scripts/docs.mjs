/**
 * Writes the tables of docs/configuration.md and docs/errors.md from what the code says; with --check only says whether
 * they are fresh. Each table stands between two markers; the prose around it is written by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { ConfigSchema, variableOf } from '../dist/config.js'
import { ERRORS } from '../dist/errors.js'

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const configuration = () => {
  const rows = Object.entries(ConfigSchema.properties).map(([name, schema]) => {
    const { description, default: value } = /** @type {{ description: string, default?: unknown }} */ (schema)
    return `| \`${variableOf(name)}\` | ${value === undefined ? '' : `\`${value}\``} | ${cell(description)} |`
  })
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

const errors = () => {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, title, meaning }]) => `| ${status} | \`${code}\` | ${cell(title)}. ${cell(meaning)} |`,
  )
  return ['| status | code | what it means, and what to do |', '| --- | --- | --- |', ...rows].join('\n')
}

const BEGIN = '<!-- made by `npm run docs`: do not edit by hand -->'
const END = '<!-- end -->'
const stale = []

for (const [file, table] of Object.entries({ 'configuration.md': configuration(), 'errors.md': errors() })) {
  const target = new URL(`../docs/${file}`, import.meta.url)
  const present = readFileSync(target, 'utf8')
  const [before, rest] = present.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`docs/${file} has lost its markers: ${BEGIN} … ${END}`)
  const text = `${before}${BEGIN}\n${table}\n${END}${after}`
  if (text === present) continue
  if (process.argv.includes('--check')) stale.push(`docs/${file}`)
  else writeFileSync(target, text)
}

if (stale.length > 0) {
  console.error(`${stale.join(' and ')} ${stale.length === 1 ? 'is' : 'are'} stale. Run \`npm run docs\` and commit.`)
  process.exit(1)
}
