/** Our Dockerfile, read as far as tests need it: instructions with their continued lines joined. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './project.ts'

export type Instruction = { readonly name: string; readonly text: string }

export const readDockerfile = (): Instruction[] =>
  readFileSync(join(root, 'Dockerfile'), 'utf8')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...words] = line.split(' ')
      return { name, text: words.join(' ') }
    })

/** The instructions of the last stage, which are those of the image. */
export const imageInstructions = (): Instruction[] => {
  const all = readDockerfile()
  return all.slice(all.findLastIndex(({ name }) => name === 'FROM'))
}

/** What the image's environment is from the start. */
export const imageEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    imageInstructions()
      .filter(({ name }) => name === 'ENV')
      .flatMap(({ text }) => text.split(' ').map((pair): [string, string] => pair.split('=', 2) as [string, string])),
  )

/** The program and arguments of the HEALTHCHECK. */
export const healthCheck = (): string[] => {
  const { text = '' } = imageInstructions().find(({ name }) => name === 'HEALTHCHECK') ?? {}
  return JSON.parse(text.slice(text.indexOf('CMD ') + 4))
}
