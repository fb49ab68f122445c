import { createHash } from 'node:crypto'
import type { _Record } from '@aws-sdk/client-dynamodb-streams'
import type { OpenTable } from '../tables/open-tables.js'
import type { AttributeValue, Item } from '../value/attribute-value.js'
import { itemSize } from '../value/size.js'
import type { KnownStream } from './known-stream.js'
import type { StreamEntry } from './stream-record.js'

/** The key of an item, as attributes. */
export function keyAttributesOf({ schema }: OpenTable, item: Item): Item {
  const keys: Record<string, AttributeValue> = {}
  for (const { name } of schema.attributes) keys[name] = item[name]!
  return keys
}

/** What a record takes in a stream: its key and its images. */
export function recordSize({ keys, old, new: now }: Pick<StreamEntry, 'keys' | 'old' | 'new'>): number {
  return itemSize(keys) + (old ? itemSize(old) : 0) + (now ? itemSize(now) : 0)
}

/** A stream record as GetRecords gives it. */
export function describeRecord(stream: Readonly<KnownStream>, region: string, record: StreamEntry): _Record {
  return {
    eventID: createHash('md5').update(`${stream.arn}/${record.sequence}`).digest('hex'),
    eventName: record.event,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      // To the second, as AWS tells it.
      ApproximateCreationDateTime: new Date(Math.floor(record.at / 1000) * 1000),
      Keys: record.keys,
      ...(record.new && { NewImage: record.new }),
      ...(record.old && { OldImage: record.old }),
      SequenceNumber: record.sequence,
      SizeBytes: recordSize(record),
      StreamViewType: stream.viewType,
    },
    ...(record.expired && { userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } }),
  }
}
