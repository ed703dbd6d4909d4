/**
 * Writes the tables of docs/configuration.md, docs/errors.md and docs/metrics.md, and the reference of docs/command-line.md, from what the
 * code says; with --check only says whether they are fresh. Each stands between two markers; the prose around it is written by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { importSource } from './import-source.mjs'

/** @typedef {typeof import('../src/config/environment.ts') & typeof import('../src/config/namespaces-file.ts')} Configuration */
/** @typedef {typeof import('../src/operator/commands.ts') & typeof import('../src/operator/failure.ts')} Commands */
/** @typedef {typeof import('../src/operator/help.ts') & typeof import('../src/process/metrics/counting.ts')} Others */
/** @typedef {Configuration & Commands & Others & typeof import('../src/errors.ts')} Source */

const source = /** @type {Source} */ (
  await importSource(
    'src/config/environment.ts',
    'src/config/namespaces-file.ts',
    'src/errors.ts',
    'src/operator/commands.ts',
    'src/operator/failure.ts',
    'src/operator/help.ts',
    'src/process/metrics/counting.ts',
  )
)
const { ConfigSchema, variableOf, fileMembers, ERRORS, COMMANDS, EXIT_MEANINGS, referenceOf, createCounting } = source

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const configuration = () => {
  const rows = Object.entries(ConfigSchema.properties).map(([name, schema]) => {
    const { description, default: value } = /** @type {{ description: string, default?: unknown }} */ (schema)
    return `| \`${variableOf(name)}\` | ${value === undefined ? '' : `\`${value}\``} | ${cell(description)} |`
  })
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

const file = () => {
  const rows = fileMembers().map(({ place, takes, meaning }) => `| \`${place}\` | ${cell(takes)} | ${cell(meaning)} |`)
  return ['| member | what it is | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

const errors = () => {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, title, meaning }]) => `| ${status} | \`${code}\` | ${cell(title)}. ${cell(meaning)} |`,
  )
  return ['| status | code | what it means, and what to do |', '| --- | --- | --- |', ...rows].join('\n')
}

const exitCodes = () =>
  [
    '| exit code | means |',
    '| --- | --- |',
    ...EXIT_MEANINGS.map(([code, text]) => `| ${code} | ${cell(text)} |`),
  ].join('\n')

const metrics = () => {
  const rows = createCounting({ version: '', store: '' }).families.map(({ name, type, labels, help }) => {
    const said = Object.entries(labels).map(([label, meaning]) => `\`${label}\`: ${meaning}`)
    return `| \`${name}\` | ${type} | ${cell(said.join('; '))} | ${cell(help)} |`
  })
  return ['| name | type | labels | what it is |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

const commands = () =>
  COMMANDS.map((command) => `### ${command.name}\n\n\`\`\`txt\n${referenceOf(command)}\n\`\`\``).join('\n\n')

const BEGIN = '<!-- made by `npm run docs`: do not edit by hand -->'
const END = '<!-- end -->'
const stale = []

/** The tables of each document, in their order. */
const tables = {
  'configuration.md': [configuration(), file()],
  'errors.md': [errors()],
  'metrics.md': [metrics()],
  'command-line.md': [exitCodes(), commands()],
}

for (const [name, made] of Object.entries(tables)) {
  const target = new URL(`../docs/${name}`, import.meta.url)
  const present = readFileSync(target, 'utf8')
  const [before, ...rest] = present.split(BEGIN)
  const after = rest.map((part) => part.split(END)[1])
  if (after.length !== made.length || after.includes(undefined)) {
    throw new Error(`docs/${name} has lost its markers: ${BEGIN} … ${END}`)
  }
  const text = before + made.map((table, i) => `${BEGIN}\n${table}\n${END}${after[i]}`).join('')
  if (text === present) continue
  if (process.argv.includes('--check')) stale.push(`docs/${name}`)
  else writeFileSync(target, text)
}

if (stale.length > 0) {
  console.error(`${stale.join(' and ')} ${stale.length === 1 ? 'is' : 'are'} stale. Run \`npm run docs\` and commit.`)
  process.exit(1)
}
