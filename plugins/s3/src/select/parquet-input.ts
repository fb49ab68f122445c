import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { AwsError } from '@ministack/gateway'
import { selectError } from './errors.js'
import type { Row } from './evaluate.js'
import type { Records } from './input.js'
import { structAccess } from './json-input.js'
import { Timestamp } from './timestamps.js'
import { integerOf, type Value } from './values.js'

/** A run of bytes, the end not included. */
export interface ByteWindow {
  readonly start: number
  readonly end: number
}

/**
 * Parquet as records, through DuckDB, which is loaded for the first one; the file waits in a folder of its own until all are read.
 *
 * @param window only the row groups that begin in it are read.
 */
export function openParquet(bytes: AsyncIterable<Uint8Array>, window: ByteWindow | undefined, aliases: ReadonlySet<string>): Records {
  return { batches: rowsOf(bytes, window), ...structAccess(aliases) }
}

async function* rowsOf(bytes: AsyncIterable<Uint8Array>, window: ByteWindow | undefined): AsyncGenerator<Row[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const folder = await mkdtemp(join(tmpdir(), 'ministack-select-'))
  try {
    const file = join(folder, 'data.parquet')
    await pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(file))
    // More than fits into a little memory goes to the folder.
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      autoinstall_known_extensions: 'false',
      memory_limit: '256MB',
      temp_directory: folder,
    })
    const db = await instance.connect()
    try {
      yield* readRows(db, file, window)
    } catch (cause) {
      throw cause instanceof AwsError ? cause : selectError('ParquetParsingError', undefined, cause)
    } finally {
      db.closeSync()
      instance.closeSync()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function* readRows(db: DuckDBConnection, file: string, window: ByteWindow | undefined): AsyncGenerator<Row[]> {
  const where = window ? `WHERE ${await rowsWithin(db, file, window)}` : ''
  const result = await db.stream(`SELECT * EXCLUDE (file_row_number) FROM read_parquet('${file}', file_row_number = true) ${where}`)
  const names = result.columnNames()
  for await (const rows of result.yieldRowsJs()) {
    yield rows.map(row => Object.fromEntries(names.map((name, at) => [name, valueFrom(row[at])])))
  }
}

/** A condition for the rows of the groups that begin within a window. */
async function rowsWithin(db: DuckDBConnection, file: string, { start, end }: ByteWindow): Promise<string> {
  const groups = await db.run(
    `SELECT row_group_num_rows, min(coalesce(dictionary_page_offset, data_page_offset)) FROM parquet_metadata('${file}')
     GROUP BY row_group_id, row_group_num_rows ORDER BY row_group_id`,
  )
  let first = 0
  const runs = ['false']
  for (const [rows, offset] of await groups.getRowsJson()) {
    const next = first + Number(rows)
    if (Number(offset) >= start && Number(offset) < end) runs.push(`file_row_number BETWEEN ${first} AND ${next - 1}`)
    first = next
  }
  return runs.join(' OR ')
}

/** What DuckDB gives for a value of Parquet, as S3 Select has it. */
function valueFrom(value: unknown): Value {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return integerOf(value)
  if (value instanceof Date) return new Timestamp(value.getTime(), 0, 'second', fractionOf(value))
  // Byte arrays without a logical type are mostly texts of older writers.
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (Array.isArray(value)) return value.map(valueFrom)
  if (typeof value !== 'object') return value as Value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, valueFrom(member)]))
}

function fractionOf(date: Date): string {
  const millis = date.getUTCMilliseconds()
  return millis === 0 ? '' : String(millis).padStart(3, '0')
}
