/**
 * Documents as tests read them: the fenced blocks of one in their order, what a reader is to run and what is to come of it,
 * and what the text names that has to be there. In an answer `…` stands for anything.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { Test } from 'tap'
import { root } from '../scripts/project.ts'

export type Block = {
  readonly language: string
  readonly text: string
  /** What stands in a comment right above it, as in `<!-- run app.ts -->`. */
  readonly marker: string | undefined
}

/**
 * What is done with a block of TypeScript: `run` runs it to its end; `page` as well, as a page would that a browser shows;
 * `serve` waits until it serves on the port that its text names; `file` only writes it, for others to import.
 */
export type Program = {
  readonly how: 'run' | 'page' | 'serve' | 'file'
  readonly name: string
  readonly port: string | undefined
}

/** Shell to run, or TypeScript, and the answer that is shown below it, if one is. */
export type Step = { readonly command: string; readonly answer: string | undefined; readonly program?: Program }

export type Doc = { readonly path: string; readonly text: string; readonly blocks: readonly Block[] }

const ANSWERS = new Set(['json', 'text'])

/** `path` is from the project's folder. */
export const readDocument = (path: string): Doc => {
  const text = readFileSync(join(root, path), 'utf8')
  const blocks = [...text.matchAll(/^(?:<!-- ([^\n]*) -->\n)?```(\w+)\n(.*?)^```$/gms)].map((match) => ({
    marker: match[1],
    language: match[2] as string,
    text: (match[3] as string).trim(),
  }))
  return { path, text, blocks }
}

/** Every document that a user of the project reads. */
export const allDocuments = (): Doc[] =>
  ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)]
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map(readDocument)

const PROGRAM = /^(run|page|serve|file) ([\w-]+\.ts)(?: (\d+))?$/

/** What a block's marker says; undefined where it has none. */
const programOf = ({ marker = '' }: Block): Program | undefined => {
  const [, how, name, port] = PROGRAM.exec(marker) ?? []
  return how === undefined || name === undefined ? undefined : { how: how as Program['how'], name, port }
}

/** The blocks of shell, and those of TypeScript that have a marker, with the answers below them. */
export const stepsOf = ({ blocks }: Doc): Step[] =>
  blocks.flatMap((block, i) => {
    const program = block.language === 'ts' ? programOf(block) : undefined
    if (block.language !== 'sh' && !program) return []
    const next = blocks[i + 1]
    const answer = next !== undefined && ANSWERS.has(next.language) ? next.text : undefined
    return [{ command: block.text, answer, ...(program && { program }) }]
  })

/** What an answer looks like that is as the document shows it. */
export const answerPattern = (answer: string): RegExp => {
  const parts = answer.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}

/** The anchor of a heading, as code hosts make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1] as string))

/** Every link within the project leads somewhere, and every file that is named is there. */
export const checkNamed = (t: Test, { path, text }: Doc): void => {
  for (const [, target] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
    const [file = '', anchor] = (target as string).split('#')
    const named = file === '' ? path : normalize(join(dirname(path), file))
    t.ok(existsSync(join(root, named)), `${path} links to ${named}`)
    if (anchor === undefined || !named.endsWith('.md') || !existsSync(join(root, named))) continue
    const anchors = anchorsIn(readFileSync(join(root, named), 'utf8'))
    t.ok(anchors.includes(anchor), `${path} links to ${target}`)
  }
  for (const [, target] of text.matchAll(/`((?:src|test|docs|scripts|bench|openapi)\/[^` ]+)`/g)) {
    t.ok(existsSync(join(root, target as string)), `${path} names ${target}`)
  }
}
