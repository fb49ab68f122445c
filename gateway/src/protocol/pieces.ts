/** Characters that are gathered before they become bytes: short enough to stay in the young part of V8's heap. */
const PIECE = 4096

/**
 * Text that is put together from many small parts. A long one becomes bytes bit by bit: joining it first takes several times as long, for V8 walks a
 * tree of thousands of parts and needs fresh memory for all of it.
 */
export class Pieces {
  readonly #bytes: Buffer[] = []
  #text = ''

  add(text: string): void {
    this.#text += text
    if (this.#text.length < PIECE) return
    this.#bytes.push(Buffer.from(this.#text))
    this.#text = ''
  }

  /** All of it: as text where it is short. */
  end(): string | Buffer {
    if (this.#bytes.length === 0) return this.#text
    this.#bytes.push(Buffer.from(this.#text))
    return Buffer.concat(this.#bytes)
  }
}
