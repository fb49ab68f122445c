import { AwsError } from '@ministack/gateway'

/** Status and message of what S3 Select refuses: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#SelectObjectContentErrorCodeList */
const ERRORS = {
  AmbiguousFieldName: 'The field name matches to multiple fields in the file. Check the SQL expression and the file, and try again.',
  CastFailed: 'The attempt to convert from one data type to another using CAST failed in the SQL expression.',
  CSVParsingError: 'Error parsing CSV file. Check the file and try again.',
  CSVUnescapedQuote: 'Encountered an unescaped quote while parsing the CSV file. Check the file and try again.',
  EvaluatorInvalidArguments: 'There is an incorrect number of arguments in the function call in the SQL expression.',
  EvaluatorInvalidTimestampFormatPatternSymbol: 'The timestamp format pattern contains an invalid symbol in the SQL expression.',
  EvaluatorUnterminatedTimestampFormatPatternToken: 'The timestamp format pattern contains an unterminated token in the SQL expression.',
  EvaluatorLikePatternInvalidEscapeSequence: 'The LIKE pattern contains an invalid escape sequence in the SQL expression.',
  EvaluatorNegativeLimit: 'LIMIT must not be negative.',
  ExpressionTooLong: 'The SQL expression is too long: The maximum byte-length for the SQL expression is 256 KB.',
  IllegalSqlFunctionArgument: 'Illegal argument was used in the SQL function.',
  IncorrectSqlFunctionArgumentType: 'Incorrect type of arguments in function call in the SQL expression.',
  IntegerOverflow: 'Integer overflow or underflow in the SQL expression.',
  InvalidColumnIndex: 'The column index is invalid. Check the service documentation and try again.',
  InvalidCompressionFormat: 'The file is not in a supported compression format. Only GZIP and BZIP2 are supported.',
  InvalidDataSource: 'Invalid data source type. Only CSV, JSON, and Parquet are supported.',
  InvalidDataType: 'The SQL expression contains an invalid data type.',
  InvalidExpressionType: 'The ExpressionType is invalid. Only SQL expressions are supported.',
  InvalidFileHeaderInfo: 'The FileHeaderInfo is invalid. Only NONE, USE, and IGNORE are supported.',
  InvalidJsonType: 'The JsonType is invalid. Only DOCUMENT and LINES are supported.',
  InvalidKeyPath: 'The key path in the SQL expression is invalid.',
  InvalidQuoteFields: 'The QuoteFields is invalid. Only ALWAYS and ASNEEDED are supported.',
  InvalidRequestParameter:
    'The value of a parameter in the SelectRequest element is not valid. Check the service API documentation and try again.',
  InvalidScanRange: 'The value of a parameter in the ScanRange element is invalid. Check the service API documentation and try again.',
  InvalidTextEncoding: 'Invalid encoding type. Only UTF-8 encoding is supported.',
  JSONParsingError: 'Error parsing JSON file. Check the file and try again.',
  LexerInvalidChar: 'The SQL expression contains an invalid character.',
  LexerInvalidIONLiteral: 'The SQL expression contains an invalid operator.',
  LikeInvalidInputs: 'Invalid argument given to the LIKE clause in the SQL expression.',
  MissingHeaders: 'Some headers in the query are missing from the file. Check the file and try again.',
  MissingRequiredParameter: 'The SelectRequest entity is missing a required parameter. Check the service documentation and try again.',
  MultipleDataSourcesUnsupported: 'Multiple data sources are not supported.',
  ObjectSerializationConflict:
    'The SelectRequest entity can only contain one of CSV, JSON, or Parquet. Check the service documentation and try again.',
  OverMaxRecordSize: 'The length of a record in the input or result is greater than the maxCharsPerRecord of 1 MB.',
  ParquetParsingError: 'Error parsing Parquet file. Check the file and try again.',
  ParseAsteriskIsNotAloneInSelectList:
    'Other expressions are not allowed in the SELECT list when * is used without dot notation in the SQL expression.',
  ParseCastArity: 'The SQL expression CAST has incorrect arity.',
  ParseEmptySelect: 'The SQL expression contains an empty SELECT.',
  ParseExpectedDatePart: 'Did not find the expected date part in the SQL expression.',
  ParseExpectedExpression: 'Did not find the expected SQL expression.',
  ParseExpectedIdentForAlias: 'Did not find the expected identifier for the alias in the SQL expression.',
  ParseExpectedKeyword: 'Did not find the expected keyword in the SQL expression.',
  ParseExpectedLeftParenAfterCast: 'Did not find the expected left parenthesis after CAST in the SQL expression.',
  ParseExpectedNumber: 'Did not find the expected number in the SQL expression.',
  ParseExpectedRightParenBuiltinFunctionCall: 'Did not find the expected right parenthesis character in the SQL expression.',
  ParseExpectedTypeName: 'Did not find the expected type name in the SQL expression.',
  ParseExpectedWhenClause: 'Did not find the expected WHEN clause in the SQL expression. CASE is not supported.',
  ParseInvalidContextForWildcardInSelectList: 'The SELECT list in the SQL expression contains an invalid context for a wildcard.',
  ParseInvalidPathComponent: 'The SQL expression contains an invalid path component.',
  ParseInvalidTypeParam: 'The SQL expression contains an invalid parameter value.',
  ParseNonUnaryAgregateFunctionCall: 'Only one argument is supported for aggregate functions in the SQL expression.',
  ParseSelectMissingFrom: 'The SQL expression contains a missing FROM after the SELECT list.',
  ParseUnexpectedToken: 'The SQL expression contains an unexpected token.',
  ParseUnsupportedCallWithStar: 'Only COUNT with (*) as a parameter is supported in the SQL expression.',
  ParseUnsupportedSelect: 'The SQL expression contains an unsupported use of SELECT.',
  TruncatedInput: 'Object decompression failed. Check that the object is properly compressed using the format specified in the request.',
  UnsupportedFunction: 'Encountered an unsupported SQL function.',
  UnsupportedScanRangeInput:
    'Encountered an unsupported input type for ScanRange. Only uncompressed CSV without quoted record delimiters, uncompressed JSON lines, and Parquet are supported.',
  UnsupportedSqlOperation: 'Encountered an unsupported SQL operation.',
  UnsupportedSqlStructure: 'Encountered an unsupported SQL structure. Check the SQL Reference.',
  UnsupportedStorageClass:
    'Encountered an invalid storage class. Only STANDARD, STANDARD_IA, and ONEZONE_IA storage classes are supported.',
  ValueParseFailure: 'Time stamp parse failure in the SQL expression.',
} as const satisfies Record<string, string>

export type SelectErrorCode = keyof typeof ERRORS

/** An error of S3 Select in its own words. @param message what to say in their place. @param cause what it came from. */
export function selectError(code: SelectErrorCode, message?: string, cause?: unknown): AwsError {
  return new AwsError(code, message ?? ERRORS[code], { status: 400, cause })
}
