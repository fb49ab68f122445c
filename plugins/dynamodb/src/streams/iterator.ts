import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'

/** How long an iterator is good. */
const LIFE = 15 * 60 * 1000

/** A place in a shard. */
export interface Place {
  readonly streamArn: string
  readonly shardId: string
  /** The sequence number after which to read. */
  readonly after: string
}

/** Writes a place as the opaque text that clients pass around. */
export function shardIterator({ streamArn, shardId, after }: Place, now: number): string {
  return `${streamArn}|1|${Buffer.from(JSON.stringify([shardId, after, now])).toString('base64')}`
}

/**
 * Reads an iterator.
 * @throws ValidationException for other text, ExpiredIteratorException after 15 minutes.
 */
export function readIterator(text: string, now: number): Place {
  const [streamArn = '', version, encoded] = text.split('|')
  const [shardId, after, madeAt] = version === '1' && encoded !== undefined ? decoded(encoded) : []
  if (typeof shardId !== 'string' || typeof after !== 'string' || typeof madeAt !== 'number') throw validation('Invalid ShardIterator')
  if (madeAt + LIFE < now) {
    throw new AwsError(
      'ExpiredIteratorException',
      'The shard iterator has expired and can no longer be used to retrieve stream records. A shard iterator expires 15 minutes after it is retrieved using the GetShardIterator action.',
    )
  }
  return { streamArn, shardId, after }
}

function decoded(text: string): unknown[] {
  try {
    const content: unknown = JSON.parse(Buffer.from(text, 'base64').toString())
    return Array.isArray(content) ? content : []
  } catch {
    return []
  }
}
