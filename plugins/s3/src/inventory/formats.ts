import type { Readable } from 'node:stream'
import type { InventoryFormat } from '@aws-sdk/client-s3'
import type { Column } from './columns.js'
import { csvReport, orcReport, parquetReport, type ReportRequest } from './report.js'

/** How reports of a format are written, named and told of in the manifest. */
interface Format {
  readonly extension: string
  readonly contentType: string
  /** The manifest's `fileSchema`. */
  schema(columns: readonly Column[]): string
  /** @param use what is done with the report's bytes. */
  report(request: ReportRequest, use: (report: Readable) => Promise<void>): Promise<void>
}

const PARQUET_TYPES: Readonly<Record<Column['type'], (name: string) => string>> = {
  VARCHAR: name => `binary ${name} (UTF8)`,
  BOOLEAN: name => `boolean ${name}`,
  BIGINT: name => `int64 ${name}`,
  TIMESTAMP_MS: name => `int64 ${name} (TIMESTAMP_MILLIS)`,
}

const ORC_TYPES: Readonly<Record<Column['type'], string>> = {
  VARCHAR: 'string',
  BOOLEAN: 'boolean',
  BIGINT: 'bigint',
  TIMESTAMP_MS: 'timestamp',
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html */
export const FORMATS: Readonly<Record<InventoryFormat, Format>> = {
  CSV: {
    extension: 'csv.gz',
    contentType: 'application/x-gzip',
    schema: columns => columns.map(({ name }) => name).join(', '),
    report: (request, use) => use(csvReport(request)),
  },
  ORC: {
    extension: 'orc',
    contentType: 'application/octet-stream',
    schema: columns => `struct<${columns.map(({ column, type }) => `${column}:${ORC_TYPES[type]}`).join(',')}>`,
    report: (request, use) => use(orcReport(request)),
  },
  Parquet: {
    extension: 'parquet',
    contentType: 'application/octet-stream',
    schema: columns => {
      const fields = columns.map(({ column, type }, i) => `${i < 2 ? 'required' : 'optional'} ${PARQUET_TYPES[type](column)};`)
      return `message s3.inventory { ${fields.join(' ')} }`
    },
    report: parquetReport,
  },
}
