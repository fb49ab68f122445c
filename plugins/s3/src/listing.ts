import { invalidArgument } from './errors.js'
import { afterPrefix, sortKey } from './key-order.js'
import type { BucketObjects, KeyVersions } from './object-index.js'

/** The most entries of one page. */
const MAX_PAGE = 1000

/** What a list asks for, before its kind of page. */
export interface ListQuery {
  readonly prefix: string
  readonly delimiter: string
  /** Entries come after this key or common prefix. */
  readonly after: string
}

/** What a list meets on its way: the versions of a key, or a common prefix for all keys that share it. */
export type Met =
  | { readonly prefix: string; readonly versions?: undefined }
  | { readonly versions: KeyVersions; readonly prefix?: undefined }

/**
 * Walks a bucket's keys in order. Keys that share a common prefix are met once and then skipped by one seek, however many there are.
 *
 * @param counts tells whether a key has anything that this list shows; only such a key makes a common prefix.
 */
export function* walk(
  objects: BucketObjects,
  { prefix, delimiter, after }: ListQuery,
  counts: (versions: KeyVersions) => boolean,
): Generator<Met> {
  const base = sortKey(prefix)
  let low: string | undefined = lowest(prefix, delimiter, after)
  while (low !== undefined) {
    let seek: string | undefined
    for (const [sort, versions] of objects.from(low)) {
      if (!sort.startsWith(base)) return
      if (!counts(versions)) continue
      const key = versions[0]!.key
      const common = commonPrefix(key, prefix, delimiter)
      if (common === undefined) {
        if (sort === sortKey(after) && after !== '') continue
        yield { versions }
      } else {
        yield { prefix: common }
        seek = afterPrefix(sortKey(common))
        break
      }
    }
    low = seek
  }
}

/** The sort key to begin at: the prefix's own, or what comes after the key, or after the common prefix that `after` lies in. */
function lowest(prefix: string, delimiter: string, after: string): string | undefined {
  const base = sortKey(prefix)
  if (after === '') return base
  const common = after.startsWith(prefix) ? commonPrefix(after, prefix, delimiter) : undefined
  const from = common === undefined ? sortKey(after) : afterPrefix(sortKey(common))
  return from === undefined || from > base ? from : base
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at < 0 ? undefined : key.slice(0, at + delimiter.length)
}

/** The size of a page. @throws InvalidArgument for what isn't a number from 0 to 2^31 - 1. */
export function pageSize(given: number | undefined, name: string): { asked: number; size: number } {
  if (given === undefined) return { asked: MAX_PAGE, size: MAX_PAGE }
  if (!Number.isInteger(given) || given > 2 ** 31 - 1)
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, String(given))
  // S3 calls the one parameter by its Java name here.
  const shown = name === 'max-keys' ? 'maxKeys' : name
  if (given < 0) throw invalidArgument(`Argument ${shown} must be an integer between 0 and 2147483647`, shown, String(given))
  return { asked: Math.min(given, MAX_PAGE), size: Math.min(given, MAX_PAGE) }
}

/** The number of the part that a page comes after; 0 for none. @throws InvalidArgument */
export function partMarker(given: string | undefined, name: string): number {
  if (given === undefined) return 0
  const marker = Number(given)
  if (!/^\d+$/.test(given) || marker > 2 ** 31 - 1)
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, given)
  return marker
}

/** How keys are written in an answer: as they are, or percent-encoded for XML that can't hold them. @throws InvalidArgument */
export function keyEncoder(encoding: string | undefined): (key: string) => string {
  if (encoding === undefined) return key => key
  if (encoding !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encoding)
  return urlEncoded
}

/** Form encoding of UTF-8 that leaves slashes. */
export function urlEncoded(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** A continuation token: opaque to clients, who must give back what they got. */
export function continuationToken(last: string): string {
  return Buffer.from(`1${last}`).toString('base64')
}

/** @throws InvalidArgument for what no list gave out. */
export function parseContinuationToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined
  const bytes = Buffer.from(token, 'base64')
  const text = bytes.toString()
  if (token === '' || bytes.toString('base64') !== token || !text.startsWith('1')) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token)
  }
  return text.slice(1)
}
