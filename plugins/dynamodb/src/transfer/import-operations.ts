import type { ImportTableDescription } from '@aws-sdk/client-dynamodb'
import { AwsError, paginate } from '@ministack/gateway'
import { invalidValues, unsupported, validation } from '../errors.js'
import { operation } from '../kit.js'
import { checkDescription, newTable } from '../operations/create-table.js'
import { checkName } from '../tables/find.js'
import { transferId } from './export.js'
import { type ImportRecord, startImport } from './import.js'

const MAX_PAGE = 25
/** How long a client token is known. */
const TOKEN_LIFE = 8 * 60 * 60 * 1000
const DELIMITERS: ReadonlySet<string> = new Set([',', '\t', ':', ';', '|', ' '])

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ImportTable.html */
export const importTable = operation('ImportTable', (ctx, input) => {
  const { ClientToken, InputFormat, InputFormatOptions, InputCompressionType = 'NONE' } = input
  const parameters = input.TableCreationParameters!
  if (parameters.VectorIndexes) throw unsupported('ImportTable with VectorIndexes')
  const csv = InputFormatOptions?.Csv
  if (csv && InputFormat !== 'CSV') throw invalidValues('InputFormatOptions.Csv can only be specified when InputFormat is CSV')
  if (csv?.Delimiter !== undefined && !DELIMITERS.has(csv.Delimiter)) throw invalidValues(`Unsupported CSV delimiter: ${csv.Delimiter}`)
  const name = parameters.TableName!
  checkName(name, 'tableCreationParameters.tableName')
  checkDescription(parameters)
  const now = ctx.clock.now()
  const request = JSON.stringify(input)
  const known = [...ctx.state.imports.values()].findLast(i => ClientToken !== undefined && i.token === ClientToken)
  if (known && known.startedAt + TOKEN_LIFE > now) {
    if (known.request === request) return { ImportTableDescription: describeImport(known) }
    throw new AwsError('ImportConflictException', `Import already exists with the same ClientToken and other parameters: ${ClientToken}`)
  }
  if (ctx.state.tables.has(name)) throw new AwsError('ResourceInUseException', `Table already exists: ${name}`)
  const table = { ...newTable(ctx, name, parameters), loading: true }
  const record: ImportRecord = {
    arn: `${table.arn}/import/${transferId(now)}`,
    tableName: name,
    tableArn: table.arn,
    tableId: table.id,
    source: { ...input.S3BucketSource! },
    format: InputFormat!,
    ...(csv && { csv: { ...csv } }),
    compression: InputCompressionType,
    table: structuredClone(parameters),
    startedAt: now,
    ...(ClientToken !== undefined && { token: ClientToken }),
    request,
    status: 'IN_PROGRESS',
    bytes: 0,
    processed: 0,
    imported: 0,
    errors: 0,
  }
  ctx.state.tables.set(name, table)
  ctx.state.imports.set(record.arn, record)
  startImport(ctx, record.arn)
  return { ImportTableDescription: describeImport(record) }
})

function describeImport(record: Readonly<ImportRecord>): ImportTableDescription {
  return {
    ImportArn: record.arn,
    ImportStatus: record.status,
    TableArn: record.tableArn,
    TableId: record.tableId,
    ...(record.token !== undefined && { ClientToken: record.token }),
    S3BucketSource: { ...record.source },
    ErrorCount: record.errors,
    InputFormat: record.format,
    ...(record.csv && { InputFormatOptions: { Csv: { ...record.csv } } }),
    InputCompressionType: record.compression,
    TableCreationParameters: structuredClone(record.table),
    StartTime: new Date(record.startedAt),
    ...(record.endedAt !== undefined && { EndTime: new Date(record.endedAt) }),
    ProcessedSizeBytes: record.bytes,
    ProcessedItemCount: record.processed,
    ImportedItemCount: record.imported,
    ...(record.failure && { FailureCode: record.failure.code, FailureMessage: record.failure.message }),
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeImport.html */
export const describeImportOperation = operation('DescribeImport', (ctx, { ImportArn }) => {
  const record = ctx.state.imports.get(ImportArn!)
  if (!record) throw new AwsError('ImportNotFoundException', `Import not found: ${ImportArn}`)
  return { ImportTableDescription: describeImport(record) }
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListImports.html */
export const listImports = operation('ListImports', (ctx, { TableArn, PageSize = MAX_PAGE, NextToken }) => {
  const all = [...ctx.state.imports.values()].filter(i => TableArn === undefined || i.tableArn === TableArn)
  all.sort((a, b) => (a.arn < b.arn ? -1 : 1))
  const { items, nextToken } = paginate(all, {
    limit: PageSize,
    token: NextToken,
    key: ({ arn }) => arn,
    scope: 'imports',
    invalid: () => validation('Invalid NextToken'),
  })
  return {
    ImportSummaryList: items.map(record => ({
      ImportArn: record.arn,
      ImportStatus: record.status,
      TableArn: record.tableArn,
      S3BucketSource: { ...record.source },
      InputFormat: record.format,
      StartTime: new Date(record.startedAt),
      ...(record.endedAt !== undefined && { EndTime: new Date(record.endedAt) }),
    })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  }
})
