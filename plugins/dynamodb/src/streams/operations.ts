import type { Shard, StreamDescription } from '@aws-sdk/client-dynamodb-streams'
import { AwsError, forService, type HandlerInput } from '@ministack/gateway'
import { validation } from '../errors.js'
import type { Context } from '../kit.js'
import type { DynamoState } from '../state.js'
import { firstAfter } from '../storage/logs.js'
import { checkName } from '../tables/find.js'
import { describeRecord, recordSize } from './images.js'
import { readIterator, shardIterator } from './iterator.js'
import { type KnownStream, presentStreams, recordsOf, shardIdOf, startOf, streamOf } from './known-stream.js'

type Client = typeof import('@aws-sdk/client-dynamodb-streams')

const { operation, service } = forService<Client, DynamoState>()

const MAX_PAGE = 100
const MAX_RECORDS = 1000
/** GetRecords answers at most 1 MB. */
const MAX_BYTES = 1024 * 1024

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_ListStreams.html */
const listStreams = operation('ListStreams', (ctx, { TableName, Limit = MAX_PAGE, ExclusiveStartStreamArn }) => {
  if (TableName !== undefined) checkName(TableName, 'tableName')
  checkLimit(Limit, MAX_PAGE)
  const all = presentStreams(ctx).filter(s => TableName === undefined || s.tableName === TableName)
  all.sort((a, b) => (a.arn < b.arn ? -1 : 1))
  const rest = ExclusiveStartStreamArn === undefined ? all : all.filter(s => s.arn > ExclusiveStartStreamArn)
  const page = rest.slice(0, Limit)
  return {
    Streams: page.map(({ arn, tableName, label }) => ({ StreamArn: arn, TableName: tableName, StreamLabel: label })),
    ...(rest.length > Limit && { LastEvaluatedStreamArn: page.at(-1)!.arn }),
  }
})

function checkLimit(limit: number, max: number): void {
  if (limit <= max) return
  throw validation(
    `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value less than or equal to ${max}`,
  )
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_DescribeStream.html */
const describeStream = operation('DescribeStream', (ctx, { StreamArn, Limit = MAX_PAGE, ExclusiveStartShardId, ShardFilter }) => {
  checkLimit(Limit, MAX_PAGE)
  if (ShardFilter && (ShardFilter.Type === undefined) !== (ShardFilter.ShardId === undefined)) {
    throw validation('ShardFilter must have both Type and ShardId')
  }
  const stream = streamOf(ctx, StreamArn!)
  // The one shard has no children and nothing comes after it.
  const present = ExclusiveStartShardId === undefined && ShardFilter?.Type === undefined
  const description: StreamDescription = {
    StreamArn: stream.arn,
    StreamLabel: stream.label,
    StreamStatus: stream.disabledAt === undefined ? 'ENABLED' : 'DISABLED',
    StreamViewType: stream.viewType,
    CreationRequestDateTime: new Date(stream.createdAt),
    TableName: stream.tableName,
    KeySchema: stream.keySchema.map(e => ({ ...e })),
    Shards: present ? [describeShard(ctx, stream)] : [],
  }
  return { StreamDescription: description }
})

function describeShard(ctx: Context, stream: Readonly<KnownStream>): Shard {
  return {
    ShardId: shardIdOf(stream),
    SequenceNumberRange: {
      StartingSequenceNumber: startOf(stream),
      ...(stream.disabledAt !== undefined && { EndingSequenceNumber: lastSequence(ctx, stream) }),
    },
  }
}

/** The last sequence number that was given out, whether the record is still there or not. */
function lastSequence(ctx: Context, stream: Readonly<KnownStream>): string {
  return ctx.stores.streamRecords.of(recordsOf(stream)).at(-1)?.sequence ?? stream.trimmed ?? startOf(stream)
}

/** The place before the first record that is left. */
function horizon(stream: Readonly<KnownStream>): string {
  return stream.trimmed ?? before(startOf(stream))
}

function before(sequence: string): string {
  return normalized(String(BigInt(sequence) - 1n))
}

function normalized(sequence: string): string {
  return sequence.padStart(21, '0')
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html */
const getShardIterator = operation('GetShardIterator', (ctx, input) => {
  const stream = streamOf(ctx, input.StreamArn!)
  const { ShardId } = input
  if (ShardId !== shardIdOf(stream)) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Shard: ${ShardId} in Stream: ${stream.arn} not found`)
  }
  const place = { streamArn: stream.arn, shardId: ShardId, after: placeOf(ctx, stream, input) }
  return { ShardIterator: shardIterator(place, ctx.clock.now()) }
})

/** The sequence number after which an iterator of a type reads. */
function placeOf(
  ctx: Context,
  stream: Readonly<KnownStream>,
  { ShardIteratorType: type, SequenceNumber }: HandlerInput<Client, 'GetShardIterator'>,
): string {
  if (type === 'TRIM_HORIZON' || type === 'LATEST') {
    if (SequenceNumber !== undefined) throw validation(`SequenceNumber cannot be specified when ShardIteratorType is ${type}`)
    return type === 'TRIM_HORIZON' ? horizon(stream) : lastPlace(ctx, stream)
  }
  if (SequenceNumber === undefined) throw validation(`SequenceNumber must be specified when ShardIteratorType is ${type}`)
  if (!/^\d+$/.test(SequenceNumber)) throw validation('Invalid SequenceNumber')
  const sequence = normalized(BigInt(SequenceNumber).toString())
  const after = type === 'AT_SEQUENCE_NUMBER' ? before(sequence) : sequence
  checkPresent(stream, after)
  return after
}

function lastPlace(ctx: Context, stream: Readonly<KnownStream>): string {
  return ctx.stores.streamRecords.of(recordsOf(stream)).at(-1)?.sequence ?? horizon(stream)
}

/** @throws TrimmedDataAccessException when a record after this place is gone already. */
function checkPresent(stream: Readonly<KnownStream>, after: string): void {
  if (stream.trimmed === undefined || after >= stream.trimmed) return
  throw new AwsError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard. In DynamoDB Streams, there is a 24 hour limit on data retention. Stream records whose age exceeds this limit are subject to removal (trimming) from the stream.',
  )
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
const getRecords = operation('GetRecords', (ctx, { ShardIterator, Limit = MAX_RECORDS }) => {
  checkLimit(Limit, MAX_RECORDS)
  const now = ctx.clock.now()
  const place = readIterator(ShardIterator!, now)
  const stream = streamOf(ctx, place.streamArn)
  if (place.shardId !== shardIdOf(stream)) throw validation('Invalid ShardIterator')
  checkPresent(stream, place.after)
  const all = ctx.stores.streamRecords.of(recordsOf(stream))
  let at = firstAfter(all, place.after)
  const Records = []
  for (let bytes = 0; at < all.length && Records.length < Limit; at++) {
    const record = all[at]!
    bytes += recordSize(record)
    if (bytes > MAX_BYTES && Records.length > 0) break
    Records.push(describeRecord(stream, ctx.region, record))
  }
  // A closed shard that was read to its end leads nowhere.
  if (at === all.length && stream.disabledAt !== undefined) return { Records }
  const after = Records.length > 0 ? all[at - 1]!.sequence : place.after
  return { Records, NextShardIterator: shardIterator({ ...place, after }, now) }
})

/** Amazon DynamoDB Streams. */
export const streamsService = service({
  DescribeStream: describeStream,
  GetRecords: getRecords,
  GetShardIterator: getShardIterator,
  ListStreams: listStreams,
})
