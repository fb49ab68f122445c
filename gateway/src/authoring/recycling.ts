/** A stream that takes back the pieces that it gave, to fill them again: fresh memory for each costs a large answer more than all the rest. */
export interface RecyclingStream {
  /** @param bytes a piece of the stream that nobody looks at any more. */
  recycle(bytes: Uint8Array): void
}
