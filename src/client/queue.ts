/** Items that wait until they are taken, in order; `end` after the last one, with an error to throw perhaps. */
export const createQueue = <Item>() => {
  const items: Item[] = []
  let over: { readonly error?: unknown } | undefined
  let wake = (): void => {}
  return {
    length: (): number => items.length,
    push(item: Item): void {
      items.push(item)
      wake()
    },
    /** Nobody takes what waits any more. */
    clear(): void {
      items.length = 0
    },
    end(how: { readonly error?: unknown } = {}): void {
      over ??= how
      wake()
    },
    async *all(): AsyncGenerator<Item, void> {
      for (;;) {
        while (items.length > 0) yield items.shift() as Item
        if (over && 'error' in over) throw over.error
        if (over) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
