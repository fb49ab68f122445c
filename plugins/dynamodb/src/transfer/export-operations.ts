import type { ExportDescription } from '@aws-sdk/client-dynamodb'
import { AwsError, paginate } from '@ministack/gateway'
import { earliestRestorable } from '../backups/continuous.js'
import { backedTable } from '../backups/operations.js'
import { unsupported, validation } from '../errors.js'
import { type InputOf, operation } from '../kit.js'
import type { TableRecord } from '../tables/record.js'
import { type ExportRecord, startExport, transferId } from './export.js'
import { exportFilter } from './export-filter.js'

const MAX_PAGE = 25
/** How long a client token is known. */
const TOKEN_LIFE = 8 * 60 * 60 * 1000
const MIN_WINDOW = 15 * 60 * 1000
const MAX_WINDOW = 24 * 60 * 60 * 1000

type Input = InputOf<'ExportTableToPointInTime'>

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html */
export const exportTableToPointInTime = operation('ExportTableToPointInTime', (ctx, input) => {
  const { ExportFormat, FilterSpecification, ClientToken } = input
  if (FilterSpecification && input.ExportType === 'INCREMENTAL_EXPORT') {
    throw unsupported('ExportTableToPointInTime with FilterSpecification for an INCREMENTAL_EXPORT')
  }
  const now = ctx.clock.now()
  const request = JSON.stringify(input)
  const known = [...ctx.state.exports.values()].findLast(e => ClientToken !== undefined && e.token === ClientToken)
  if (known && known.startedAt + TOKEN_LIFE > now) {
    if (known.request === request) return { ExportDescription: describeExport(known) }
    throw new AwsError('ExportConflictException', `Export already exists with the same ClientToken and other parameters: ${ClientToken}`)
  }
  const table = backedTable(ctx, input.TableArn!)
  if (!table.pitr) {
    throw new AwsError('PointInTimeRecoveryUnavailableException', `Point in time recovery is not enabled for table '${table.name}'`)
  }
  if (FilterSpecification) exportFilter(ctx, ctx.stores.open.get(table, ctx), FilterSpecification)
  const id = transferId(now)
  const record: ExportRecord = {
    arn: `${table.arn}/export/${id}`,
    id,
    tableName: table.name,
    tableArn: table.arn,
    tableId: table.id,
    startedAt: now,
    ...timesOf(input, table, now),
    ...(ExportFormat === 'ION' && { format: ExportFormat }),
    ...(FilterSpecification && { filter: structuredClone(FilterSpecification) }),
    bucket: input.S3Bucket!,
    ...(input.S3BucketOwner !== undefined && { bucketOwner: input.S3BucketOwner }),
    ...(input.S3Prefix !== undefined && { prefix: input.S3Prefix }),
    ...(input.S3SseAlgorithm && { sse: input.S3SseAlgorithm }),
    ...(input.S3SseKmsKeyId !== undefined && { kmsKey: input.S3SseKmsKeyId }),
    ...(ClientToken !== undefined && { token: ClientToken }),
    request,
    status: 'IN_PROGRESS',
  }
  ctx.state.exports.set(record.arn, record)
  startExport(ctx, record.arn)
  return { ExportDescription: describeExport(record) }
})

function timesOf(input: Input, table: Readonly<TableRecord>, now: number): Pick<ExportRecord, 'type' | 'at' | 'from' | 'view'> {
  const { ExportTime, ExportType = 'FULL_EXPORT', IncrementalExportSpecification: window } = input
  const view = window?.ExportViewType ?? 'NEW_AND_OLD_IMAGES'
  if (ExportType === 'FULL_EXPORT') {
    if (window) throw validation('IncrementalExportSpecification cannot be specified for a FULL_EXPORT')
    return { type: ExportType, at: checkTime(table, ExportTime?.getTime() ?? now, now), view }
  }
  if (ExportTime) throw validation('ExportTime cannot be specified for an INCREMENTAL_EXPORT')
  if (!window?.ExportFromTime) throw validation('ExportFromTime must be specified for an INCREMENTAL_EXPORT')
  const from = checkTime(table, window.ExportFromTime.getTime(), now)
  const at = checkTime(table, window.ExportToTime?.getTime() ?? now, now)
  if (at - from < MIN_WINDOW || at - from > MAX_WINDOW) {
    throw validation('The difference between ExportFromTime and ExportToTime must be between 15 minutes and 24 hours')
  }
  return { type: ExportType, at, from, view }
}

function checkTime(table: Readonly<TableRecord>, time: number, now: number): number {
  if (time <= now && time >= Math.floor(earliestRestorable(table, now) / 1000) * 1000) return time
  throw new AwsError('InvalidExportTimeException', 'The specified ExportTime is outside of the point in time recovery window.')
}

function describeExport(record: Readonly<ExportRecord>): ExportDescription {
  const incremental = record.from !== undefined
  return {
    ExportArn: record.arn,
    ExportStatus: record.status,
    StartTime: new Date(record.startedAt),
    ...(record.endedAt !== undefined && { EndTime: new Date(record.endedAt) }),
    ...(record.manifest !== undefined && { ExportManifest: record.manifest }),
    TableArn: record.tableArn,
    TableId: record.tableId,
    ...(!incremental && { ExportTime: new Date(record.at) }),
    ...(record.token !== undefined && { ClientToken: record.token }),
    S3Bucket: record.bucket,
    ...(record.bucketOwner !== undefined && { S3BucketOwner: record.bucketOwner }),
    ...(record.prefix !== undefined && { S3Prefix: record.prefix }),
    S3SseAlgorithm: record.sse ?? 'AES256',
    ...(record.kmsKey !== undefined && { S3SseKmsKeyId: record.kmsKey }),
    ...(record.failure && { FailureCode: record.failure.code, FailureMessage: record.failure.message }),
    ExportFormat: record.format ?? 'DYNAMODB_JSON',
    ...(record.bytes !== undefined && { BilledSizeBytes: record.bytes }),
    ...(record.items !== undefined && { ItemCount: record.items }),
    ExportType: record.type,
    ...(record.filter && { FilterSpecification: structuredClone(record.filter) }),
    ...(incremental && {
      IncrementalExportSpecification: {
        ExportFromTime: new Date(record.from!),
        ExportToTime: new Date(record.at),
        ExportViewType: record.view,
      },
    }),
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeExport.html */
export const describeExportOperation = operation('DescribeExport', (ctx, { ExportArn }) => {
  const record = ctx.state.exports.get(ExportArn!)
  if (!record) throw new AwsError('ExportNotFoundException', `Export not found: ${ExportArn}`)
  return { ExportDescription: describeExport(record) }
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListExports.html */
export const listExports = operation('ListExports', (ctx, { TableArn, MaxResults = MAX_PAGE, NextToken }) => {
  const all = [...ctx.state.exports.values()].filter(e => TableArn === undefined || e.tableArn === TableArn)
  all.sort((a, b) => (a.arn < b.arn ? -1 : 1))
  const { items, nextToken } = paginate(all, {
    limit: MaxResults,
    token: NextToken,
    key: ({ arn }) => arn,
    scope: 'exports',
    invalid: () => validation('Invalid NextToken'),
  })
  return {
    ExportSummaries: items.map(({ arn, status, type }) => ({ ExportArn: arn, ExportStatus: status, ExportType: type })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  }
})
