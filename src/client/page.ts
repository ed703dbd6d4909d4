/** What the client uses of a page. Node has little of it, and so have some pages. */

type Locks = {
  /** Settles with the callback, or rejects with AbortError once another holder has stolen the lock. */
  request(
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    held: () => Promise<void>,
  ): Promise<void>
}

export type Channel = {
  onmessage: ((message: { readonly data: unknown }) => void) | null
  postMessage(data: unknown): void
  close(): void
}

export type Page = {
  readonly document: EventTarget & { readonly visibilityState: string }
  /** Only where the page was loaded over TLS, or from the same machine. */
  readonly locks: Locks | undefined
  readonly open: ((channel: string) => Channel) | undefined
  readonly events: EventTarget
}

/** The page that this runs in; undefined on a server. */
export const thisPage = (): Page | undefined => {
  const { document, navigator, BroadcastChannel } = globalThis as unknown as {
    readonly document?: Partial<Page['document']>
    readonly navigator?: { readonly locks?: Locks }
    readonly BroadcastChannel?: new (name: string) => Channel
  }
  // Code that renders on a server may have half a document.
  if (!document?.addEventListener) return undefined
  return {
    document: document as Page['document'],
    locks: navigator?.locks,
    open: BroadcastChannel && ((name) => new BroadcastChannel(name)),
    events: globalThis as unknown as EventTarget,
  }
}
