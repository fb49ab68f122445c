/** What SDK clients do with some members of their own accord, so that a round trip must give them values that they take. */

import type { StructShape } from '@ministack/gateway/protocol'
import { ACCOUNT } from './client.js'

const BUCKET = 'my-bucket'
const STREAM = 'arn:aws:kinesis:us-east-1:123456789012:stream/foo'

/** Members that S3's client computes or rewrites. */
const S3_OWN = [
  'SSECustomerKey',
  'SSECustomerKeyMD5',
  'CopySourceSSECustomerKey',
  'CopySourceSSECustomerKeyMD5',
  'ChecksumAlgorithm',
  'ContentMD5',
  'ChecksumMode',
  'ContentLength',
  'Expires',
]

/** Changes an input to one that the service's client sends as it is. */
export function sendable(service: string, input: Record<string, unknown>, endpoint: string): Record<string, unknown> {
  const changed = { ...input }
  if (service === 's3') {
    for (const name of S3_OWN) delete changed[name]
    if ('Bucket' in changed) changed.Bucket = BUCKET
    if ('CopySource' in changed) changed.CopySource = `${BUCKET}/key`
    if ('RequestRoute' in changed) changed.RequestRoute = 'route'
  }
  if (service === 's3control') {
    if ('AccountId' in changed) changed.AccountId = '123456789012'
    if ('Bucket' in changed) changed.Bucket = BUCKET
    delete changed.OutpostId
  }
  // Multi-region endpoints: another host, signed with SigV4a.
  if (service === 'events' || service === 'sesv2') delete changed.EndpointId
  if (service === 'sqs' && 'QueueUrl' in changed) changed.QueueUrl = `${endpoint}/${ACCOUNT}/q`
  if (service === 'kinesis') {
    for (const name of ['StreamARN', 'ResourceARN']) if (name in changed) changed[name] = STREAM
    if ('ConsumerARN' in changed) changed.ConsumerARN = `${STREAM}/consumer/bar:1`
    if ('StreamId' in changed) delete changed.StreamId
  }
  return changed
}

/** Changes an output to one that the service's client gives as it is. */
export function readable(service: string, output: Record<string, unknown>, shape: StructShape): Record<string, unknown> {
  if (service !== 's3') return output
  const changed = { ...output }
  // Over HTTP a length has to be true, where there is a body, and is always there.
  if (shape.members.some(({ name }) => name === 'ContentLength'))
    changed.ContentLength = Object.values(output).find(value => value instanceof Uint8Array)?.length ?? 1234
  // S3's client gives the header both ways, to the second.
  if (changed.Expires instanceof Date) {
    changed.ExpiresString = changed.Expires.toUTCString()
    changed.Expires = new Date(changed.ExpiresString as string)
  }
  // Our model tells a torrent's media type, which the client has no member for.
  if (shape.name === 'GetObjectTorrentOutput') delete changed.ContentType
  return changed
}

/** Members that a client adds to what it was given: tokens, checksums, lengths, presigned copies, media types. */
export const ADDED =
  /Token|DestinationRegion|PresignedUrl|OperationId|CallerReference|UniqueId|ContentMD5|Checksum|ContentLength|ContentType|^accepts$|^RequestId$|^Id$/i
