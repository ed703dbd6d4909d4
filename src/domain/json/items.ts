/**
 * The elements of an array, to look at, put in and take out anywhere. They are kept in pieces of a few hundred, so that a
 * change moves the elements of one piece, and not all that come after: a patch of thousands of operations would otherwise
 * move each element thousands of times. A piece that nobody has touched is no more than its text.
 */

/** A piece that grows beyond twice this is cut in two. */
const PIECE = 256

/** `text` holds the elements with commas in between and no space; it is undefined once they were taken apart. */
type Piece<Item> = { length: number; text: string | undefined; items: Item[] }

/** Where the elements of an array's text are, in order. */
export type Spans = (text: string, visit: (start: number, end: number) => void) => void

export class Items<Item> {
  #length = 0
  readonly #pieces: Piece<Item>[] = []
  readonly #spans: Spans
  readonly #read: (text: string) => Item

  /** `text` is an array's; `read` makes an element of its text. */
  constructor(text: string, spans: Spans, read: (text: string) => Item) {
    this.#spans = spans
    this.#read = read
    let from = 0
    let to = 0
    let length = 0
    let isDense = true
    const close = (): void => {
      const piece: Piece<Item> = { length, text: text.slice(from, to), items: [] }
      if (!isDense) this.#takeApart(piece)
      this.#pieces.push(piece)
      this.#length += length
    }
    spans(text, (start, end) => {
      if (length === PIECE) {
        close()
        length = 0
        isDense = true
      }
      if (length === 0) from = start
      else if (start !== to + 1) isDense = false
      to = end
      length++
    })
    if (length > 0) close()
  }

  get length(): number {
    return this.#length
  }

  #takeApart(piece: Piece<Item>): void {
    if (piece.text === undefined) return
    const text = `[${piece.text}]`
    this.#spans(text, (start, end) => piece.items.push(this.#read(text.slice(start, end))))
    piece.text = undefined
  }

  /** The piece in which an element is, or can be put, and its place in there. */
  #find(index: number): { piece: Piece<Item>; place: number; at: number } {
    let at = index
    let place = 0
    const last = this.#pieces.length - 1
    while (place < last && at >= this.#pieces[place]!.length) at -= this.#pieces[place++]!.length
    const piece = this.#pieces[place]!
    this.#takeApart(piece)
    return { piece, place, at }
  }

  /** The element at an index; undefined where there is none. */
  at(index: number): Item | undefined {
    if (index >= this.#length) return undefined
    const { piece, at } = this.#find(index)
    return piece.items[at]
  }

  /** Puts another element in place of the one at an index that there is. */
  replace(index: number, item: Item): void {
    const { piece, at } = this.#find(index)
    piece.items[at] = item
  }

  /** Puts an element before the one at an index; at the end, if the index is the length. */
  insert(index: number, item: Item): void {
    if (this.#pieces.length === 0) this.#pieces.push({ length: 0, text: undefined, items: [] })
    const { piece, place, at } = this.#find(index)
    piece.items.splice(at, 0, item)
    this.#length++
    if (++piece.length <= 2 * PIECE) return
    const items = piece.items.splice(PIECE)
    piece.length = PIECE
    this.#pieces.splice(place + 1, 0, { length: items.length, text: undefined, items })
  }

  /** Takes away the element at an index that there is. */
  remove(index: number): void {
    const { piece, place, at } = this.#find(index)
    piece.items.splice(at, 1)
    this.#length--
    if (--piece.length === 0) this.#pieces.splice(place, 1)
  }

  /** The texts of the elements, or of several with commas in between; `write` gives that of one. */
  *texts(write: (item: Item) => string): Generator<string> {
    for (const { text, items } of this.#pieces) {
      if (text === undefined) for (const item of items) yield write(item)
      else yield text
    }
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const piece of this.#pieces) {
      this.#takeApart(piece)
      yield* piece.items
    }
  }
}
