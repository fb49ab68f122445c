/** A body that can be had in one piece. */
export interface WholeBody {
  /**
   * Reads all of it at once.
   * @returns undefined, and nothing is read, for a body that is longer than `limit` bytes or doesn't tell its length, or of which something was read.
   */
  whole(limit: number): Promise<Uint8Array> | undefined
}

/**
 * Reads a request's streamed body in one piece where it is small, which takes a fraction of what its stream takes.
 *
 * @param body an operation's streaming input.
 * @returns undefined, and nothing is read, where it has to be read as the stream that it is.
 */
export function wholeBody(body: unknown, limit: number): Promise<Uint8Array> | undefined {
  const { whole } = body as Partial<WholeBody>
  return whole?.call(body, limit)
}
