import { setImmediate as turn } from 'node:timers/promises'
import type { BucketObjects, KeyVersions } from './object-index.js'

/** So many keys are visited before others get their turn: about a millisecond's work. */
export const SLICE = 500

/** The versions of every key in order, which may change while they are walked through: a slice is read at once, and others come in between slices. */
export async function* slicesOf(objects: BucketObjects): AsyncGenerator<readonly KeyVersions[]> {
  for (let low: string | undefined = ''; low !== undefined; ) {
    const slice: KeyVersions[] = []
    let next: string | undefined
    for (const [sort, versions] of objects.from(low)) {
      if (slice.length === SLICE) {
        next = sort
        break
      }
      slice.push([...versions])
    }
    yield slice
    low = next
    if (next !== undefined) await turn()
  }
}
