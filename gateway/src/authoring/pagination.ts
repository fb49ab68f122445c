import { AwsError } from './errors.js'

/** One page of a list, and where the next one begins. */
export interface Page<T> {
  readonly items: T[]
  /** Opaque to callers; undefined on the last page. */
  readonly nextToken: string | undefined
}

/** What a page token holds; `scope` binds it to the list it came from (an operation, a prefix), so that it isn't taken elsewhere. */
interface TokenContent {
  readonly after: string
  readonly scope: string
}

/** Makes an opaque token that says after which key the next page begins. */
export function pageToken(after: string, scope = ''): string {
  return Buffer.from(JSON.stringify({ after, scope } satisfies TokenContent)).toString('base64url')
}

/** Reads a token that {@link pageToken} made for the same scope; undefined for any other text. */
export function readPageToken(token: string, scope = ''): string | undefined {
  try {
    const content = JSON.parse(Buffer.from(token, 'base64url').toString()) as Partial<TokenContent>
    return content.scope === scope && typeof content.after === 'string' ? content.after : undefined
  } catch {
    return undefined
  }
}

/** How a list is cut into pages. */
export interface PageOptions<T> {
  /** At most so many items on a page. */
  readonly limit: number
  /** The token that the caller sent. */
  readonly token?: string | undefined
  /** The key that the list is ordered by, unique in it. */
  readonly key: (item: T) => string
  readonly scope?: string
  /** What a bad token is answered with; `InvalidNextToken`-like names differ by service. */
  readonly invalid?: () => AwsError
}

/**
 * Cuts a page out of a list that is in ascending order of its key. An item that was deleted between two pages costs no other.
 * @throws AwsError for a token that wasn't made by this list.
 */
export function paginate<T>(items: Iterable<T>, { limit, token, key, scope = '', invalid }: PageOptions<T>): Page<T> {
  const after = token === undefined ? undefined : readPageToken(token, scope)
  if (token !== undefined && after === undefined) throw invalid?.() ?? new AwsError('ValidationException', 'Invalid NextToken')
  const page: T[] = []
  for (const item of items) {
    if (after !== undefined && key(item) <= after) continue
    if (page.length === limit) return { items: page, nextToken: pageToken(key(page[limit - 1]!), scope) }
    page.push(item)
  }
  return { items: page, nextToken: undefined }
}
