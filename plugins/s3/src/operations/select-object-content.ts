import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InputSerialization, OutputSerialization, SelectObjectContentEventStream } from '@aws-sdk/client-s3'
import { AwsError } from '@ministack/gateway'
import { bucketOf } from '../buckets.js'
import { writeCsv } from '../csv.js'
import { checkCustomerKey } from '../encryption.js'
import { s3Error } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { checkReadable } from '../object-members.js'
import { readStream } from '../read-body.js'
import { loadRecords } from '../select-data.js'
import { parseSelect, type SelectStatement } from '../select-sql.js'
import type { ObjectData } from '../types.js'
import { checkKey, versionOf } from '../versions.js'

/** Records go out in events of about this size. */
const EVENT_BYTES = 128 * 1024

export const selectObjectContent = operation('SelectObjectContent', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '', InputSerialization: source, OutputSerialization: target, Expression: expression } = input
  checkKey(key)
  if (!source || !target || !expression) throw s3Error('MissingRequiredParameter')
  if (input.ExpressionType !== 'SQL') throw s3Error('InvalidExpressionType')
  checkFormats(source, target)
  if (input.ScanRange) {
    throw s3Error('NotImplemented', { message: 'The ScanRange of SelectObjectContent is not implemented in MiniStack' })
  }
  const version = versionOf(ctx, bucket, key, undefined)
  checkCustomerKey(version.encryption, input)
  checkReadable(ctx, version)
  const statement = parseSelect(expression)
  const events = eventsOf(ctx, version, statement, source, target, input.RequestProgress?.Enabled ?? false)
  // The first event is made before the answer begins, so that a statement that can't be run is refused as such.
  const first = await events.next()
  return {
    Payload: (async function* () {
      if (!first.done) yield first.value
      yield* events
    })(),
  }
})

function checkFormats(source: InputSerialization, target: OutputSerialization): void {
  if ([source.CSV, source.JSON, source.Parquet].filter(Boolean).length !== 1) throw s3Error('InvalidDataSource')
  if ([target.CSV, target.JSON].filter(Boolean).length !== 1) throw s3Error('InvalidRequestParameter')
  const { CompressionType: compression = 'NONE' } = source
  if (!['NONE', 'GZIP', 'BZIP2'].includes(compression)) throw s3Error('InvalidCompressionFormat')
  if (compression === 'BZIP2') throw s3Error('NotImplemented', { message: 'BZIP2 is not implemented in the S3 Select of MiniStack' })
  if (source.CSV?.FileHeaderInfo && !['NONE', 'USE', 'IGNORE'].includes(source.CSV.FileHeaderInfo)) throw s3Error('InvalidFileHeaderInfo')
  if (source.JSON && !['DOCUMENT', 'LINES'].includes(source.JSON.Type ?? '')) throw s3Error('InvalidJsonType')
  if (target.CSV?.QuoteFields && !['ALWAYS', 'ASNEEDED'].includes(target.CSV.QuoteFields)) throw s3Error('InvalidQuoteFields')
}

async function* eventsOf(
  ctx: Context,
  version: ObjectData,
  statement: SelectStatement,
  input: InputSerialization,
  output: OutputSerialization,
  progress: boolean,
): AsyncGenerator<SelectObjectContentEventStream, void> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const folder = await mkdtemp(join(tmpdir(), 'ministack-select-'))
  // More than fits into a little memory goes to the folder.
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    autoinstall_known_extensions: 'false',
    memory_limit: '256MB',
    temp_directory: folder,
  })
  const db = await instance.connect()
  try {
    const columns = await loadRecords(db, { bytes: readStream(ctx.stores.blobs, version.chunks), input, folder, path: statement.path })
    const sql = statement.sqlFor(columns)
    let returned = 0
    let held = ''
    for await (const text of recordsOf(db, sql, output)) {
      held += text
      if (held.length < EVENT_BYTES) continue
      const Payload = Buffer.from(held)
      held = ''
      returned += Payload.length
      yield { Records: { Payload } }
    }
    if (held) {
      const Payload = Buffer.from(held)
      returned += Payload.length
      yield { Records: { Payload } }
    }
    const Details = { BytesScanned: version.size, BytesProcessed: version.size, BytesReturned: returned }
    if (progress) yield { Progress: { Details } }
    yield { Stats: { Details } }
    yield { End: {} }
  } catch (error) {
    throw asS3Error(error)
  } finally {
    db.closeSync()
    instance.closeSync()
    await rm(folder, { recursive: true, force: true })
  }
}

type Connection = Parameters<typeof loadRecords>[0]

/** The statement's records, each as the text that goes out. */
async function* recordsOf(db: Connection, sql: string, { JSON: json, CSV: csv }: OutputSerialization): AsyncGenerator<string> {
  if (json) {
    const delimiter = json.RecordDelimiter ?? '\n'
    const result = await db.stream(`SELECT CAST(to_json(answer) AS VARCHAR) FROM (${sql}) answer`)
    for await (const rows of result.yieldRowsJson()) for (const [document] of rows) yield `${document}${delimiter}`
    return
  }
  const quote = csv?.QuoteCharacter ?? '"'
  const format = {
    field: csv?.FieldDelimiter ?? ',',
    record: csv?.RecordDelimiter ?? '\n',
    quote,
    quoteEscape: csv?.QuoteEscapeCharacter ?? quote,
    comments: '',
  }
  const result = await db.stream(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${sql}) answer`)
  for await (const rows of result.yieldRowsJson()) {
    for (const row of rows) yield writeCsv(row as (string | null)[], format, csv?.QuoteFields === 'ALWAYS')
  }
}

/** What DuckDB refuses, in S3's words. */
function asS3Error(error: unknown): unknown {
  if (error instanceof AwsError || !(error instanceof Error)) return error
  const { message } = error
  if (message.startsWith('Conversion Error')) return s3Error('CastFailed', { cause: error })
  if (message.startsWith('Parser Error')) return s3Error('ParseUnexpectedToken', { cause: error })
  if (message.startsWith('Binder Error') || message.startsWith('Catalog Error')) {
    return s3Error('UnsupportedSqlStructure', {
      message: `Encountered an unsupported SQL structure: ${message.split('\n')[0]}`,
      cause: error,
    })
  }
  if (/incorrect header check|unexpected end of file|Z_DATA_ERROR/.test(message))
    return s3Error('InvalidCompressionFormat', { cause: error })
  return error
}
