/** Opens the two stores of a copy, as an operator names them, and copies; or opens a source again. */
import { readFileSync } from 'node:fs'
import { type Config, examineEnvironment } from '../config/environment.ts'
import { folderUse, isLmdb, isTls, lmdbFolder, openTransfer } from '../store/open.ts'
import { StoreFull, StoreUnavailable } from '../store/port.ts'
import type { Transfer } from '../store/transfer.ts'
import type { Counts, Sides } from './copy-comparison.ts'
import { CopyDiffers, copyStore, type Phase, reopenStore, WAIT_MS } from './copy-steps.ts'
import { withoutSecrets } from './store-name.ts'

export type { Counts, Phase, Sides }

type Env = NodeJS.ProcessEnv

/** A store is away: it may be there again later. */
export class CopyAway extends Error {}

/** The copy was not done. `sides` is there if it was, and the two are not the same. */
export class CopyFailed extends Error {
  readonly sides: Sides | undefined
  constructor(message: string, options?: ErrorOptions & { sides?: Sides }) {
    super(message, options)
    this.sides = options?.sides
  }
}

type Named = { readonly url: string; readonly config: Config }

const FORMS = 'lmdb:<folder>, redis://…, redis+sentinel://… or redis+cluster://…, or @ and a file that holds such a URL'

const readText = (option: string, text: string): string => {
  if (!text.startsWith('@')) return text
  try {
    return readFileSync(text.slice(1), 'utf8').trim()
  } catch (error) {
    throw new CopyFailed(`The file of ${option} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

/** A URL may hold a password: no fault quotes it. */
const readStore = (env: Env, option: string, text: string): Named => {
  const url = readText(option, text)
  const { config, faults } = examineEnvironment({ ...env, COATCHECK_STORE: url, COATCHECK_STORE_FILE: undefined })
  if (faults.some((one) => one.startsWith('COATCHECK_STORE '))) throw new CopyFailed(`${option} is no store: ${FORMS}.`)
  return { url, config }
}

const open = async (option: string, { url, config }: Named): Promise<Transfer> => {
  const tlsFiles = isTls(url)
    ? { ca: config.STORE_CA_FILE, cert: config.STORE_CERT_FILE, key: config.STORE_KEY_FILE }
    : {}
  try {
    return await openTransfer({ url, tlsFiles })
  } catch (error) {
    throw new CopyFailed(`${option}: ${(error as Error).message}`, { cause: error })
  }
}

/** A folder that is missing would be made; one that is open has a service, which has to be stopped. */
const openSource = async (named: Named): Promise<Transfer> => {
  const { url } = named
  const use = isLmdb(url) ? await folderUse(url) : 'closed'
  if (use === 'none') throw new CopyFailed(`--from: there is no store in ${lmdbFolder(url)}.`)
  if (use === 'open') throw new CopyFailed(`--from: a service has ${lmdbFolder(url)} open. Stop it first.`)
  return open('--from', named)
}

const failure = (error: unknown, more: string): Error => {
  const { message } = error as Error
  if (error instanceof StoreFull) return new CopyFailed(`The target has no room for all.${more}`, { cause: error })
  if (error instanceof StoreUnavailable) return new CopyAway(`${message}${more}`, { cause: error })
  const sides = error instanceof CopyDiffers ? error.sides : undefined
  return new CopyFailed(`${message}${more}`, { cause: error, ...(sides && { sides }) })
}

const STAYS_CLOSED =
  '\nThe source stays closed for writes. Run the same command again, or open it with `coatcheck copy --reopen --from …`.'

export type Copied = { readonly from: string; readonly to: string; readonly sides: Sides }

export type CopyRequest = {
  readonly from: string
  readonly to: string
  readonly onProgress: (phase: Phase, items: number) => void
}

/** Throws CopyAway or CopyFailed. */
export const copy = async (env: Env, { from, to, onProgress }: CopyRequest): Promise<Copied> => {
  const [source, target] = [readStore(env, '--from', from), readStore(env, '--to', to)]
  const reading = await openSource(source)
  try {
    const filling = await open('--to', target)
    let isClosed = false
    try {
      // Nobody else has a folder open, so nobody has to see the mark first.
      const waitMs = isLmdb(source.url) ? 0 : WAIT_MS
      const sides = await copyStore({
        from: reading,
        to: filling,
        waitMs,
        onProgress(phase, items) {
          isClosed = true
          onProgress(phase, items)
        },
      })
      return { from: withoutSecrets(source.url), to: withoutSecrets(target.url), sides }
    } catch (error) {
      throw failure(error, isClosed ? STAYS_CLOSED : '')
    } finally {
      await filling.close()
    }
  } finally {
    await reading.close()
  }
}

/** Throws CopyAway or CopyFailed. */
export const reopen = async (
  env: Env,
  from: string,
): Promise<{ readonly store: string; readonly wasMoved: boolean }> => {
  const source = readStore(env, '--from', from)
  const transfer = await openSource(source)
  try {
    await transfer.store.check()
    return { store: withoutSecrets(source.url), ...(await reopenStore(transfer.store)) }
  } catch (error) {
    throw failure(error, '')
  } finally {
    await transfer.close()
  }
}
