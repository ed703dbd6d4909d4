/**
 * The mark that a copy leaves in the two stores that it works on: two texts beside the secrets, which every replica reads
 * again every few seconds. It is never copied itself.
 *
 *     place `source`   of the store that is copied   `{"copy", "is", "at"}`
 *     place `target`   of the store that is filled   `{"copy", "run"}`, as long as the copy is not finished
 *
 * `copy` is drawn once for a source and stays the same for each repetition; `run` is drawn each time. A source that is
 * `closed` or `moved` takes no writes; one that is `open` was opened again. `at` is when it was closed, in ms of its time.
 */
import type { Store } from './port.ts'

export const COPY_COLLECTION = 'copy'

export type SourceMark = { readonly copy: string; readonly is: 'closed' | 'moved' | 'open'; readonly at: number }
export type TargetMark = { readonly copy: string; readonly run: string }
export type CopyMarks = { readonly source: SourceMark | undefined; readonly target: TargetMark | undefined }

type Marked = Pick<Store, 'secrets' | 'addSecret' | 'replaceSecret' | 'removeSecret'>

const parse = <Mark>(text: string | undefined): Mark | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as Mark)

export const readMarks = async (store: Pick<Marked, 'secrets'>): Promise<CopyMarks> => {
  const places = await store.secrets(COPY_COLLECTION)
  return { source: parse<SourceMark>(places.get('source')), target: parse<TargetMark>(places.get('target')) }
}

export const markSource = (store: Marked, mark: SourceMark): Promise<void> =>
  store.replaceSecret(COPY_COLLECTION, 'source', JSON.stringify(mark))

/** Marks a target that has no mark. Another process may have been first: read whose mark is there. */
export const markNewTarget = (store: Marked, mark: TargetMark): Promise<void> =>
  store.addSecret(COPY_COLLECTION, 'target', JSON.stringify(mark))

export const markTarget = (store: Marked, mark: TargetMark): Promise<void> =>
  store.replaceSecret(COPY_COLLECTION, 'target', JSON.stringify(mark))

export const unmarkTarget = (store: Marked): Promise<void> => store.removeSecret(COPY_COLLECTION, 'target')

export const isClosed = ({ source }: CopyMarks): boolean => source !== undefined && source.is !== 'open'
