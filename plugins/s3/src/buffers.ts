/** Bytes are read from files in pieces of this size. */
export const READ_BYTES = 512 * 1024

/** So many buffers are kept for the next readers: 8 MiB. */
const MAX_KEPT = 16

/** Shorter pieces get memory of their own size. */
const WORTH_KEEPING = 64 * 1024

/** Buffers to read files into, used again: the system clears every page of fresh memory, which takes longer than reading a file that it has cached. */
export class Buffers {
  readonly #kept: ArrayBuffer[] = []

  /** A buffer of at least `size` bytes, which are no more than {@link READ_BYTES}; what is in it is left over. */
  take(size: number): Buffer {
    if (size <= WORTH_KEEPING) return Buffer.allocUnsafeSlow(size)
    const kept = this.#kept.pop()
    return kept ? Buffer.from(kept) : Buffer.allocUnsafeSlow(READ_BYTES)
  }

  /** Takes back what {@link take} gave, once nobody looks at it any more. */
  give(memory: ArrayBuffer): void {
    if (memory.byteLength === READ_BYTES && this.#kept.length < MAX_KEPT) this.#kept.push(memory)
  }
}
