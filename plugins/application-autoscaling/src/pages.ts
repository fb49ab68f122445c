import { AwsError, paginate } from '@ministack/gateway'

const MOST = 50

/** The members of an input that ask for a page. */
interface PageInput {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

/**
 * A page of what a Describe operation found.
 *
 * @param key in ascending order over the list.
 * @throws ValidationException for a page that is too long, InvalidNextTokenException.
 */
export function pageOf<T>(items: Iterable<T>, { MaxResults = MOST, NextToken }: PageInput, scope: string, key: (item: T) => string) {
  if (MaxResults < 1 || MaxResults > MOST) throw new AwsError('ValidationException', `MaxResults must be between 1 and ${MOST}`)
  return paginate(items, {
    limit: MaxResults,
    token: NextToken,
    key,
    scope,
    invalid: () => new AwsError('InvalidNextTokenException', 'The specified NextToken is invalid'),
  })
}
