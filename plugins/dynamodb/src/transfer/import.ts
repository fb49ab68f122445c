import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type {
  CsvOptions,
  ImportStatus,
  InputCompressionType,
  InputFormat,
  S3BucketSource,
  TableCreationParameters,
} from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { applyChange } from '../change.js'
import { invalidValues } from '../errors.js'
import { putKeyOf, requestItem } from '../items.js'
import type { Context } from '../kit.js'
import { scheduleTransition } from '../tables/lifecycle.js'
import type { OpenTable } from '../tables/open-tables.js'
import type { TableRecord } from '../tables/record.js'
import { type AttributeValue, type Item, setAttribute } from '../value/attribute-value.js'
import { csvRows } from './csv.js'
import { itemOfJson } from './dynamodb-json.js'
import { failureOf } from './export.js'
import { ionItems, loadIon } from './ion.js'

const unzip = promisify(gunzip)
/** How many items are put before others get their turn. */
const CHUNK = 2000

/** An import from S3. Times are milliseconds since the epoch. */
export interface ImportRecord {
  readonly arn: string
  readonly tableName: string
  readonly tableArn: string
  readonly tableId: string
  readonly source: S3BucketSource
  readonly format: InputFormat
  readonly csv?: CsvOptions
  readonly compression: InputCompressionType
  readonly table: TableCreationParameters
  readonly startedAt: number
  readonly token?: string
  /** What was asked for under the token. */
  readonly request: string
  status: ImportStatus
  endedAt?: number
  bytes: number
  processed: number
  imported: number
  errors: number
  failure?: { readonly code: string; readonly message: string }
}

type Counts = Pick<ImportRecord, 'bytes' | 'processed' | 'imported' | 'errors'>

/** Reads an import's objects in the background; the table becomes active when all is in. */
export function startImport(ctx: Context, arn: string): void {
  ctx.background.run(`dynamodb import ${arn}`, async signal => {
    const record = ctx.state.imports.get(arn)
    const table = record && ctx.state.tables.get(record.tableName)
    if (!record || table?.id !== record.tableId) return
    const counts: Counts = { bytes: 0, processed: 0, imported: 0, errors: 0 }
    let failure: ImportRecord['failure']
    try {
      await readObjects(ctx, record, ctx.stores.open.get(table, ctx), counts)
    } catch (error) {
      failure = failureOf(error)
    }
    if (signal.aborted) return
    ctx.state.imports.update(arn, i => {
      Object.assign(i, counts, { status: failure ? 'FAILED' : 'COMPLETED', endedAt: ctx.clock.now() }, failure && { failure })
    })
    finishTable(ctx, table)
  })
}

/** The table stays, also when its import failed, as it does on AWS. */
function finishTable(ctx: Context, table: Readonly<TableRecord>): void {
  ctx.state.tables.update(table.name, t => {
    delete t.loading
  })
  scheduleTransition(ctx, table)
}

async function readObjects(ctx: Context, record: Readonly<ImportRecord>, table: OpenTable, counts: Counts): Promise<void> {
  const { S3Bucket: Bucket, S3KeyPrefix: Prefix, S3BucketOwner: ExpectedBucketOwner } = record.source
  const owner = ExpectedBucketOwner === undefined ? {} : { ExpectedBucketOwner }
  let ContinuationToken: string | undefined
  do {
    const page = await ctx.services.s3.listObjectsV2({
      Bucket,
      ...owner,
      ...(Prefix !== undefined && { Prefix }),
      ...(ContinuationToken !== undefined && { ContinuationToken }),
    })
    for (const { Key } of page.Contents ?? []) {
      if (Key === undefined || Key.endsWith('/')) continue
      const { Body } = await ctx.services.s3.getObject({ Bucket, Key, ...owner })
      await readObject(ctx, record, table, await Body!.transformToByteArray(), counts)
    }
    ContinuationToken = page.NextContinuationToken
  } while (ContinuationToken !== undefined)
}

async function readObject(ctx: Context, record: Readonly<ImportRecord>, table: OpenTable, body: Uint8Array, counts: Counts): Promise<void> {
  counts.bytes += body.byteLength
  const bytes = await decompressed(body, record.compression)
  const text = Buffer.from(bytes).toString()
  for (const read of await itemsOf(record, text)) {
    counts.processed++
    try {
      const { item, size } = requestItem(read())
      applyChange(ctx, table, putKeyOf(table, item), item, size, 'restore')
      counts.imported++
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      counts.errors++
    }
    if (counts.processed % CHUNK === 0) {
      await nextTurn()
      ctx.background.signal.throwIfAborted()
    }
  }
}

async function itemsOf(record: Readonly<ImportRecord>, text: string): Promise<Iterable<() => Item>> {
  if (record.format === 'CSV') return csvItems(record, text)
  return record.format === 'ION' ? ionItems(await loadIon(), text) : jsonItems(text)
}

async function decompressed(body: Uint8Array, compression: InputCompressionType): Promise<Uint8Array> {
  if (compression === 'NONE') return body
  try {
    return compression === 'GZIP' ? await unzip(body) : await unzstd(body)
  } catch {
    throw new AwsError('InvalidInputCompression', `The data could not be decompressed with ${compression}`)
  }
}

async function unzstd(body: Uint8Array): Promise<Uint8Array> {
  // Hardly an import needs it: it is loaded by those that do.
  const { Decompress } = await import('fzstd')
  const parts: Uint8Array[] = []
  // Not `decompress`, which stops after the first of several frames.
  new Decompress(part => parts.push(part)).push(body, true)
  return Buffer.concat(parts)
}

/** Each line is `{"Item": {...}}`. Reading one may fail without keeping the next from being read. */
function* jsonItems(text: string): Iterable<() => Item> {
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    yield () => itemOfJson(parsed(line))
  }
}

function parsed(line: string): unknown {
  try {
    return (JSON.parse(line) as { Item?: unknown } | null)?.Item
  } catch {
    throw invalidValues('Malformed JSON')
  }
}

/** The first row names the attributes, unless the request does. Keys have the types of their definitions; all else is text. */
function* csvItems({ csv = {}, table }: Readonly<ImportRecord>, text: string): Iterable<() => Item> {
  const types = new Map(table.AttributeDefinitions!.map(d => [d.AttributeName, d.AttributeType]))
  let header = csv.HeaderList
  for (const row of csvRows(text, csv.Delimiter ?? ',')) {
    if (!header) {
      header = row
      continue
    }
    const names = header
    yield () => {
      if (row.length !== names.length) throw invalidValues('The number of fields differs from that of the header')
      const item: Record<string, AttributeValue> = {}
      names.forEach((name, i) => {
        setAttribute(item, name, csvValue(types.get(name), row[i]!))
      })
      return item
    }
  }
}

function csvValue(type: string | undefined, text: string): AttributeValue {
  if (type === 'N') return { N: text }
  return type === 'B' ? { B: new Uint8Array(Buffer.from(text, 'base64')) } : { S: text }
}
