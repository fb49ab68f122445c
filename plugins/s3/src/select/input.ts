import type { NameStep, PathStep } from './ast.js'
import { selectError } from './errors.js'
import type { Evaluate, Row } from './evaluate.js'
import type { Value } from './values.js'

/** A record in the input or the output may have so many characters. */
export const MAX_RECORD_CHARACTERS = 1024 * 1024

/** What an object's records are read as, once its form is known. */
export interface Records {
  /** The records, some at a time. */
  readonly batches: AsyncIterable<readonly Row[]>
  /** How a name and the path after it are found in a record. @throws MissingHeaders, InvalidColumnIndex, InvalidKeyPath */
  resolve(root: NameStep, steps: readonly PathStep[]): Evaluate
  /** What `*` stands for: a record's names and their values. */
  all(row: Row): [name: string, value: Value][]
}

/** What a query has read and answered so far, in bytes. */
export class Meter {
  /** Of the object. */
  scanned = 0
  /** Of the object, decompressed. */
  processed = 0
  returned = 0
}

/** The text in some bytes. @throws InvalidTextEncoding for what isn't UTF-8. */
export async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (piece?: Uint8Array) => {
    try {
      return piece ? decoder.decode(piece, { stream: true }) : decoder.decode()
    } catch (cause) {
      throw selectError('InvalidTextEncoding', undefined, cause)
    }
  }
  for await (const piece of bytes) {
    const text = decode(piece)
    if (text) yield text
  }
  const last = decode()
  if (last) yield last
}
