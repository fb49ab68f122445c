import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { InputSerialization } from '@aws-sdk/client-s3'
import type { DuckDBConnection } from '@duckdb/node-api'
import { csvFormat, csvRecords, writeCsv } from './csv.js'
import { s3Error } from './errors.js'
import type { Columns } from './select-sql.js'

/** Where the data comes from and goes through. */
export interface SelectSource {
  readonly bytes: Readable
  readonly input: InputSerialization
  /** An empty folder of one's own. */
  readonly folder: string
  /** What `FROM S3Object[*].a.b` picks out of JSON. */
  readonly path: readonly string[]
}

/**
 * Puts an object's records into DuckDB's view `records`.
 *
 * @returns how a statement names their columns.
 * @throws CSVParsingError, JSONParsingError, ParquetParsingError, InvalidCompressionFormat
 */
export function loadRecords(db: DuckDBConnection, { bytes, input, folder, path }: SelectSource): Promise<Columns> {
  const file = join(folder, 'data')
  if (input.CSV) return loadCsv(db, inflated(bytes, input), input.CSV, file)
  if (input.JSON) return loadJson(db, inflated(bytes, input), input.JSON.Type === 'DOCUMENT', file, path)
  return loadParquet(db, bytes, file)
}

function inflated(bytes: Readable, { CompressionType: type }: InputSerialization): Readable {
  if (type !== 'GZIP') return bytes
  const gunzip = createGunzip()
  bytes.once('error', error => gunzip.destroy(error))
  return bytes.pipe(gunzip)
}

const NORMAL = { field: ',', record: '\n', quote: '"', quoteEscape: '"', comments: '' }

/** CSV is rewritten in one form with numbered columns, whatever delimiters it had. */
async function loadCsv(db: DuckDBConnection, bytes: Readable, csv: NonNullable<InputSerialization['CSV']>, file: string): Promise<Columns> {
  const info = csv.FileHeaderInfo ?? 'NONE'
  let header: string[] | undefined
  let width = 0
  const lines = async function* () {
    for await (const record of csvRecords(bytes.setEncoding('utf8'), csvFormat(csv))) {
      if (info !== 'NONE' && header === undefined) {
        header = record
        continue
      }
      width = Math.max(width, record.length)
      yield writeCsv(record, NORMAL, true)
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file))
  width = Math.max(width, header?.length ?? 0, 1)
  const names = Array.from({ length: width }, (_, at) => `_${at + 1}`)
  const columns = names.map(name => `'${name}': 'VARCHAR'`).join(', ')
  const options = `header = false, delim = ',', quote = '"', escape = '"', auto_detect = false, null_padding = true, strict_mode = false, parallel = false`
  await db.run(`CREATE VIEW records AS SELECT * FROM read_csv(${literal(file)}, columns = {${columns}}, ${options})`)
  const named = info === 'USE' ? header : undefined
  return {
    find: (name, quoted) => {
      if (/^_[1-9]\d*$/.test(name)) return names.includes(name) ? `"${name}"` : undefined
      const at = named?.findIndex(title => (quoted ? title === name : title.toLowerCase() === name.toLowerCase())) ?? -1
      if (at < 0 && named) throw s3Error('MissingHeaders')
      return at < 0 ? undefined : `"_${at + 1}"`
    },
    text: true,
    all: names.map((name, at) => (named?.[at] === undefined ? `"${name}"` : `"${name}" AS ${identifier(named[at])}`)).join(', '),
  }
}

async function loadJson(db: DuckDBConnection, bytes: Readable, document: boolean, file: string, path: readonly string[]): Promise<Columns> {
  await pipeline(bytes, createWriteStream(file))
  try {
    const format = document ? 'auto' : 'newline_delimited'
    await db.run(`CREATE TABLE documents AS SELECT json FROM read_json_objects(${literal(file)}, format = '${format}')`)
    const picked = path.reduce(
      (sql, step) => (step === '*' ? `unnest(json_extract(${sql}, '$[*]'))` : `json_extract(${sql}, ${literal(`$."${step}"`)})`),
      'json',
    )
    await db.run(
      `COPY (SELECT ${picked} AS json FROM documents) TO ${literal(`${file}.lines`)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\\x01')`,
    )
    await db.run(
      `CREATE VIEW records AS SELECT * FROM read_json(${literal(`${file}.lines`)}, format = 'newline_delimited', sample_size = -1)`,
    )
    return await describedColumns(db)
  } catch (cause) {
    throw s3Error('JSONParsingError', { cause })
  }
}

async function loadParquet(db: DuckDBConnection, bytes: Readable, file: string): Promise<Columns> {
  await pipeline(bytes, createWriteStream(file))
  try {
    await db.run(`CREATE VIEW records AS SELECT * FROM read_parquet(${literal(file)})`)
    return await describedColumns(db)
  } catch (cause) {
    throw s3Error('ParquetParsingError', { cause })
  }
}

async function describedColumns(db: DuckDBConnection): Promise<Columns> {
  const rows = await (await db.run('DESCRIBE records')).getRowObjectsJson()
  const names = rows.map(row => String(row.column_name))
  return {
    find: (name, quoted) => {
      const found = names.find(it => it === name) ?? (quoted ? undefined : names.find(it => it.toLowerCase() === name.toLowerCase()))
      return found === undefined ? undefined : identifier(found)
    },
    text: false,
    all: '*',
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
