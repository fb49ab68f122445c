import type { InputSerialization, OutputSerialization, ScanRange } from '@aws-sdk/client-s3'
import type { Statement } from './ast.js'
import { selectError } from './errors.js'
import { parseSelect } from './parser.js'

/** What SelectObjectContent and a RestoreObject of type SELECT are asked for. */
export interface SelectInput {
  readonly Expression?: string | undefined
  readonly ExpressionType?: string | undefined
  readonly InputSerialization?: InputSerialization | undefined
  readonly OutputSerialization?: OutputSerialization | undefined
  readonly ScanRange?: ScanRange | undefined
}

/** A request that was checked. */
export interface SelectRequest {
  readonly statement: Statement
  readonly input: InputSerialization
  readonly output: OutputSerialization
  readonly scanRange: ScanRange | undefined
}

/** Checks a request before anything of the object is read. @throws S3 Select's errors for what is missing, unknown or in conflict. */
export function checkSelect(given: SelectInput): SelectRequest {
  const {
    Expression: expression,
    ExpressionType: type,
    InputSerialization: input,
    OutputSerialization: output,
    ScanRange: scanRange,
  } = given
  if (!input || !output || !expression || !type) throw selectError('MissingRequiredParameter')
  if (type !== 'SQL') throw selectError('InvalidExpressionType')
  checkInput(input)
  checkOutput(output)
  if (scanRange) checkScanRange(scanRange, input)
  const statement = parseSelect(expression)
  if (input.JSON === undefined && statement.path.length > 0) throw selectError('InvalidKeyPath')
  return { statement, input, output, scanRange }
}

function checkInput({ CSV: csv, JSON: json, Parquet: parquet, CompressionType: compression = 'NONE' }: InputSerialization): void {
  const formats = [csv, json, parquet].filter(format => format !== undefined).length
  if (formats === 0) throw selectError('InvalidDataSource')
  if (formats > 1) throw selectError('ObjectSerializationConflict')
  if (!['NONE', 'GZIP', 'BZIP2'].includes(compression)) throw selectError('InvalidCompressionFormat')
  // Parquet is compressed inside, by column.
  if (parquet && compression !== 'NONE') throw selectError('InvalidCompressionFormat')
  if (json && !['DOCUMENT', 'LINES'].includes(json.Type ?? '')) throw selectError('InvalidJsonType')
  if (!csv) return
  if (!['NONE', 'USE', 'IGNORE'].includes(csv.FileHeaderInfo ?? 'NONE')) throw selectError('InvalidFileHeaderInfo')
  checkCharacters(csv.FieldDelimiter, csv.RecordDelimiter)
  for (const single of [csv.QuoteCharacter, csv.QuoteEscapeCharacter, csv.Comments]) {
    if (single !== undefined && single.length > 1) throw selectError('InvalidRequestParameter')
  }
}

function checkOutput({ CSV: csv, JSON: json }: OutputSerialization): void {
  const formats = [csv, json].filter(format => format !== undefined).length
  if (formats === 0) throw selectError('MissingRequiredParameter')
  if (formats > 1) throw selectError('ObjectSerializationConflict')
  if (!['ALWAYS', 'ASNEEDED'].includes(csv?.QuoteFields ?? 'ASNEEDED')) throw selectError('InvalidQuoteFields')
  checkCharacters(csv?.FieldDelimiter, csv?.RecordDelimiter ?? json?.RecordDelimiter)
}

/** Delimiters that are given can't be empty. */
function checkCharacters(...delimiters: (string | undefined)[]): void {
  if (delimiters.includes('')) throw selectError('InvalidRequestParameter')
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/selecting-content-from-objects.html#selecting-content-from-objects-using-byte-range */
function checkScanRange(
  { Start: start, End: end }: ScanRange,
  { CSV: csv, JSON: json, CompressionType: compression }: InputSerialization,
): void {
  if (start === undefined && end === undefined) throw selectError('InvalidScanRange')
  if ([start, end].some(bound => bound !== undefined && (!Number.isSafeInteger(bound) || bound < 0))) throw selectError('InvalidScanRange')
  if (start !== undefined && end !== undefined && start > end) throw selectError('InvalidScanRange')
  const compressed = compression === 'GZIP' || compression === 'BZIP2'
  if (compressed || csv?.AllowQuotedRecordDelimiter || json?.Type === 'DOCUMENT') throw selectError('UnsupportedScanRangeInput')
}
