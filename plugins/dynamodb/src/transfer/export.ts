import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ExportStatus, ExportType, ExportViewType, FilterSpecification, S3SseAlgorithm } from '@aws-sdk/client-dynamodb'
import { AwsError, type ServiceClient } from '@ministack/gateway'
import { itemsAt } from '../backups/restore.js'
import type { Context } from '../kit.js'
import type { TableRecord } from '../tables/record.js'
import type { Item } from '../value/attribute-value.js'
import { changedBetween } from './changed-items.js'
import { jsonItem } from './dynamodb-json.js'
import { exportFilter } from './export-filter.js'
import { ionLine, loadIon } from './ion.js'

declare module '@ministack/gateway' {
  interface Services {
    s3: ServiceClient<typeof import('@aws-sdk/client-s3')>
  }
}

/** How many lines a data file has at most. */
const LINES_PER_FILE = 100_000

/** An export to S3. Times are milliseconds since the epoch. */
export interface ExportRecord {
  readonly arn: string
  readonly id: string
  readonly tableName: string
  readonly tableArn: string
  readonly tableId: string
  readonly type: ExportType
  readonly startedAt: number
  /** The state of the table that a full export has; the end of an incremental one. */
  readonly at: number
  /** Where an incremental export begins. */
  readonly from?: number
  readonly view: ExportViewType
  /** Undefined for DYNAMODB_JSON. */
  readonly format?: 'ION'
  /** Which items a full export has, and what of them. */
  readonly filter?: FilterSpecification
  readonly bucket: string
  readonly bucketOwner?: string
  readonly prefix?: string
  readonly sse?: S3SseAlgorithm
  readonly kmsKey?: string
  readonly token?: string
  /** What was asked for under the token. */
  readonly request: string
  status: ExportStatus
  endedAt?: number
  manifest?: string
  items?: number
  bytes?: number
  failure?: { readonly code: string; readonly message: string }
}

/** A new id of an export or import, as AWS makes them. */
export function transferId(now: number): string {
  return `${String(now).padStart(14, '0')}-${randomBytes(4).toString('hex')}`
}

/** Writes an export's files in the background. */
export function startExport(ctx: Context, arn: string): void {
  ctx.background.run(`dynamodb export ${arn}`, async signal => {
    const record = ctx.state.exports.get(arn)
    const table = record && ctx.state.tables.get(record.tableName)
    if (!record) return
    try {
      if (table?.id !== record.tableId) throw new AwsError('TableNotFoundException', `Table not found: ${record.tableName}`)
      const done = await writeFiles(ctx, record, table)
      if (signal.aborted) return
      ctx.state.exports.update(arn, e => {
        Object.assign(e, done, { status: 'COMPLETED', endedAt: ctx.clock.now() })
      })
    } catch (error) {
      if (signal.aborted) return
      const failure = failureOf(error)
      ctx.state.exports.update(arn, e => {
        Object.assign(e, { status: 'FAILED', endedAt: ctx.clock.now(), failure })
      })
    }
  })
}

/** Why an export or import failed, as its description tells it. */
export function failureOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof AwsError)) return { code: 'InternalServerError', message: 'An internal error occurred' }
  const code = error.code === 'NoSuchBucket' ? 'S3NoSuchBucket' : error.code === 'AccessDenied' ? 'S3AccessDenied' : error.code
  return { code, message: error.message }
}

interface DataFile {
  readonly key: string
  readonly lines: number
  readonly md5: string
  readonly etag: string
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html */
async function writeFiles(ctx: Context, record: Readonly<ExportRecord>, table: Readonly<TableRecord>) {
  const root = `${record.prefix ? `${record.prefix.replace(/\/$/, '')}/` : ''}AWSDynamoDB/`
  const folder = `${root}${record.id}/`
  const put = (key: string, body: Uint8Array | string, type: string) => putFile(ctx, record, key, body, type)
  await put(`${folder}_started`, '', 'application/octet-stream')
  const incremental = record.type === 'INCREMENTAL_EXPORT'
  const ion = record.format === 'ION' ? await loadIon() : undefined
  const write: LineWriter = ion ? (parts, wrapper) => ionLine(ion, parts, wrapper) : jsonLine
  const lines = incremental ? changedLines(ctx, record, table, write) : fullLines(ctx, record, table, write)
  const files: DataFile[] = []
  let bytes = 0
  for (let i = 0; i < Math.max(lines.length, 1); i += LINES_PER_FILE) {
    const part = lines.slice(i, i + LINES_PER_FILE)
    const text = part.join('')
    bytes += Buffer.byteLength(text)
    const body = gzipSync(text)
    const key = `${incremental ? root : folder}data/${randomBytes(8).toString('hex')}.${ion ? 'ion' : 'json'}.gz`
    const md5 = createHash('md5').update(body)
    const etag = await put(key, body, ion ? 'application/octet-stream' : 'application/json')
    files.push({ key, lines: part.length, md5: md5.digest('base64'), etag })
  }
  const listed = files.map(file =>
    JSON.stringify({ itemCount: file.lines, md5Checksum: file.md5, etag: file.etag, dataFileS3Key: file.key }),
  )
  const summary = JSON.stringify({
    version: incremental ? '2023-08-01' : '2020-06-30',
    exportArn: record.arn,
    startTime: iso(record.startedAt),
    endTime: iso(ctx.clock.now()),
    tableArn: record.tableArn,
    tableId: record.tableId,
    ...(incremental ? { exportFromTime: iso(record.from!), exportToTime: iso(record.at) } : { exportTime: iso(record.at) }),
    s3Bucket: record.bucket,
    s3Prefix: record.prefix ?? null,
    s3SseAlgorithm: record.sse ?? 'AES256',
    s3SseKmsKeyId: record.kmsKey ?? null,
    manifestFilesS3Key: `${folder}manifest-files.json`,
    billedSizeBytes: bytes,
    itemCount: lines.length,
    outputFormat: record.format ?? 'DYNAMODB_JSON',
    ...(incremental && { outputView: record.view }),
    exportType: record.type,
  })
  for (const [name, text] of [
    ['manifest-files', listed.map(line => `${line}\n`).join('')],
    ['manifest-summary', summary],
  ] as const) {
    await put(`${folder}${name}.json`, text, 'application/json')
    await put(`${folder}${name}.md5`, createHash('md5').update(text).digest('base64'), 'application/octet-stream')
  }
  return { manifest: `${folder}manifest-summary.json`, items: lines.length, bytes }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

async function putFile(ctx: Context, record: Readonly<ExportRecord>, Key: string, Body: Uint8Array | string, ContentType: string) {
  const { ETag = '' } = await ctx.services.s3.putObject({
    Bucket: record.bucket,
    Key,
    Body,
    ContentType,
    ...(record.bucketOwner !== undefined && { ExpectedBucketOwner: record.bucketOwner }),
    ...(record.sse && { ServerSideEncryption: record.sse === 'KMS' ? 'aws:kms' : 'AES256' }),
    ...(record.kmsKey !== undefined && { SSEKMSKeyId: record.kmsKey }),
  })
  return ETag.replaceAll('"', '')
}

/** Makes a line of its structs; in Ion those of a change are in one more. */
type LineWriter = (parts: Readonly<Record<string, Item>>, wrapper?: string) => string

function jsonLine(parts: Readonly<Record<string, Item>>): string {
  const out: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(parts)) out[name] = jsonItem(item)
  return `${JSON.stringify(out)}\n`
}

function fullLines(ctx: Context, { at, filter }: Readonly<ExportRecord>, table: Readonly<TableRecord>, write: LineWriter): string[] {
  const take = filter && exportFilter(ctx, ctx.stores.open.get(table, ctx), filter)
  return itemsAt(ctx, table, at).flatMap(item => {
    const taken = take ? take(item) : item
    return taken ? [write({ Item: taken })] : []
  })
}

function changedLines(ctx: Context, { from, at, view }: Readonly<ExportRecord>, table: Readonly<TableRecord>, write: LineWriter): string[] {
  return changedBetween(ctx, table, from!, at).map(({ keys, old, now, changedAt }) => {
    const parts: Record<string, Item> = {
      Metadata: { WriteTimestampMicros: { N: String(changedAt * 1000) } },
      Keys: keys,
      ...(old && view === 'NEW_AND_OLD_IMAGES' && { OldImage: old }),
      ...(now && { NewImage: now }),
    }
    return write(parts, 'Record')
  })
}
