import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Context } from '../kit.js'
import { urlEncoded } from '../listing.js'
import { slicesOf } from '../object-walk.js'
import type { Bucket } from '../types.js'
import type { Column, Listed } from './columns.js'
import { orcFile } from './orc/writer.js'

/** What a report is of. */
export interface ReportRequest {
  readonly ctx: Context
  readonly bucket: Readonly<Bucket>
  readonly columns: readonly Column[]
  readonly prefix: string
  readonly all: boolean
}

/** The versions that a report lists, in S3's order of keys, newest first. */
async function* listedOf({ ctx, bucket, prefix, all }: ReportRequest): AsyncGenerator<Listed> {
  for await (const slice of slicesOf(ctx.stores.objects.in(bucket.id))) {
    for (const versions of slice) {
      const current = versions.at(-1)
      if (!current?.key.startsWith(prefix)) continue
      if (all) for (const version of [...versions].reverse()) yield { ctx, bucket, version, latest: version === current }
      else if (!current.deleteMarker) yield { ctx, bucket, version: current, latest: true }
    }
  }
}

/** Lines of CSV, gathered so that not each is a chunk of its own. */
async function* csvOf(request: ReportRequest, keyText: (key: string) => string): AsyncGenerator<string> {
  let text = ''
  for await (const listed of listedOf(request)) {
    const fields = request.columns.map(column => {
      const value = column.value(listed)
      return `"${(column.name === 'Key' ? keyText(value) : value).replaceAll('"', '""')}"`
    })
    text += `${fields.join(',')}\n`
    if (text.length > 64 * 1024) {
      yield text
      text = ''
    }
  }
  yield text
}

/** A report as gzipped CSV without a header; keys are percent-encoded. */
export function csvReport(request: ReportRequest): Readable {
  return Readable.from(csvOf(request, urlEncoded)).pipe(createGzip())
}

async function* rowsOf(request: ReportRequest): AsyncGenerator<string[]> {
  for await (const listed of listedOf(request)) yield request.columns.map(column => column.value(listed))
}

/** A report as ORC. */
export function orcReport(request: ReportRequest): Readable {
  return Readable.from(orcFile(request.columns, rowsOf(request)))
}

/**
 * A report as Parquet, which DuckDB makes of CSV.
 *
 * @param use what is done with the report's bytes; its file is gone afterwards.
 */
export async function parquetReport(request: ReportRequest, use: (report: Readable) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ministack-inventory-'))
  try {
    const [csv, parquet] = [join(folder, 'report.csv'), join(folder, 'report.parquet')]
    await pipeline(Readable.from(csvOf(request, key => key)), createWriteStream(csv))
    const columns = request.columns.map(({ column, type }) => `${quoted(column)}: ${quoted(type)}`).join(', ')
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const connection = await (await DuckDBInstance.create()).connect()
    try {
      const from = `read_csv(${quoted(csv)}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {${columns}})`
      await connection.run(`COPY (SELECT * FROM ${from}) TO ${quoted(parquet)} (FORMAT parquet)`)
    } finally {
      connection.closeSync()
    }
    await use(createReadStream(parquet))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
