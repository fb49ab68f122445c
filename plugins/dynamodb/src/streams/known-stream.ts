import { createHash } from 'node:crypto'
import type { KeySchemaElement, StreamViewType } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import type { Context } from '../kit.js'
import { policyDecision } from '../settings/resource-policy.js'
import { sequenceAt } from '../storage/logs.js'
import type { TableRecord } from '../tables/record.js'

/** How long a stream keeps its records, and is itself kept after it was turned off. */
export const RETENTION = 24 * 60 * 60 * 1000

/** A stream, whether its table still writes to it or not. Times are milliseconds since the epoch. */
export interface KnownStream {
  readonly arn: string
  readonly label: string
  readonly tableName: string
  readonly tableId: string
  readonly keySchema: KeySchemaElement[]
  readonly viewType: StreamViewType
  readonly createdAt: number
  /** When it was turned off, or its table deleted. */
  disabledAt?: number
  /** The last sequence number that was trimmed. */
  trimmed?: string
}

/** Under which name a stream's records are kept. */
export function recordsOf({ tableId, label }: Pick<KnownStream, 'tableId' | 'label'>): string {
  return `${tableId}/${label}`
}

/** A stream has one shard, open for as long as the stream is on. */
export function shardIdOf({ arn, createdAt }: KnownStream): string {
  const hash = createHash('md5').update(arn).digest('hex').slice(0, 8)
  return `shardId-${String(createdAt).padStart(20, '0')}-${hash}`
}

/** The first sequence number that a record of the stream can have. */
export function startOf({ createdAt }: KnownStream): string {
  return sequenceAt(createdAt)
}

/** Brings the known streams in line with a table's record, which was just changed. */
export function followStream(ctx: Context, table: Readonly<TableRecord>): void {
  const { streams } = ctx.state
  const { stream } = table
  const on = stream?.enabled && table.status !== 'DELETING' ? stream : undefined
  for (const [arn, known] of streams.entries()) {
    if (known.tableId !== table.id || known.disabledAt !== undefined || arn === on?.arn) continue
    streams.update(arn, s => {
      s.disabledAt = ctx.clock.now()
    })
  }
  if (!on || streams.has(on.arn)) return
  const { arn, label, viewType, createdAt } = on
  const keySchema = table.keySchema.map(e => ({ ...e }))
  streams.set(arn, { arn, label, viewType, createdAt, tableName: table.name, tableId: table.id, keySchema })
}

/** The streams of this account and region, without those whose time is over. */
export function presentStreams(ctx: Context): Readonly<KnownStream>[] {
  const { streams } = ctx.state
  const now = ctx.clock.now()
  const present: Readonly<KnownStream>[] = []
  for (const [arn, stream] of [...streams.entries()]) {
    if (stream.disabledAt === undefined || stream.disabledAt + RETENTION > now) present.push(stream)
    else {
      streams.delete(arn)
      ctx.stores.streamRecords.drop(recordsOf(stream))
    }
  }
  return present
}

const STREAM_ARN = /^arn:aws[a-z-]*:dynamodb:([a-z0-9-]+):(\d{12}):table\/([a-zA-Z0-9_.-]+)\/stream\/(.+)$/

/**
 * The stream of an ARN, with the records that are over their time gone.
 * @throws ValidationException for what is no stream's ARN, ResourceNotFoundException when there is no such stream, AccessDeniedException when its policy doesn't let the caller in.
 */
export function streamOf(ctx: Context, arn: string): Readonly<KnownStream> {
  const [, region, account, tableName] = STREAM_ARN.exec(arn) ?? []
  if (!tableName) throw validation('Invalid StreamArn')
  const owner = account === ctx.account ? ctx : ctx.as({ account: account! })
  const stream = region === ctx.region ? presentStreams(owner).find(s => s.arn === arn) : undefined
  const decision = stream ? policyDecision(ctx, arn, owner.state.tables.get(tableName)?.streamPolicy) : 'none'
  if (decision === 'deny' || (owner !== ctx && decision === 'none')) {
    throw new AwsError(
      'AccessDeniedException',
      `User: ${ctx.caller.arn} is not authorized to perform: dynamodb:${ctx.operation} on resource: ${arn}`,
    )
  }
  if (!stream) throw new AwsError('ResourceNotFoundException', `Requested resource not found: Stream: ${arn} not found`)
  trimStream(owner, stream, ctx.clock.now() - RETENTION)
  return stream
}

/** Drops a stream's records from before a time, and remembers how far. */
export function trimStream(ctx: Context, stream: Readonly<KnownStream>, before: number): void {
  const trimmed = ctx.stores.streamRecords.trim(recordsOf(stream), before)
  if (trimmed === undefined) return
  ctx.state.streams.update(stream.arn, s => {
    s.trimmed = trimmed
  })
}
