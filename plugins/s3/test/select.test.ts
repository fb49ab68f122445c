import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { InputSerialization, OutputSerialization } from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'
import type { TestService } from '@ministack/gateway/testing'
import t from 'tap'
import { refuses, type S3, startS3 } from './kit.js'

const OBJECT = { Bucket: 'data', Key: 'k' }
const CSV = { CSV: { FileHeaderInfo: 'USE' as const } }
const LINES = { JSON: { Type: 'LINES' as const } }
const PEOPLE = 'name,age,city\nAnn,31,Oslo\n"Bo ""B""",7,"Bergen, N"\nCy,55,\n'

interface Ask {
  readonly input?: InputSerialization
  readonly output?: OutputSerialization
  readonly type?: 'SQL'
}

async function start(t: Parameters<typeof startS3>[0], Body: string | Uint8Array) {
  const s3 = await startS3(t)
  await s3.client.putObject({ ...OBJECT, Body })
  return s3
}

async function select(
  s3: TestService<S3>,
  Expression: string,
  { input = CSV, output = { CSV: {} }, type = 'SQL' }: Ask = {},
): Promise<string> {
  const { Payload } = await s3.client.selectObjectContent({
    ...OBJECT,
    Expression,
    ExpressionType: type,
    InputSerialization: input,
    OutputSerialization: output,
  })
  let text = ''
  let last = ''
  for await (const event of Payload ?? []) {
    if (event.Records?.Payload) text += Buffer.from(event.Records.Payload).toString()
    last = Object.keys(event)[0] ?? ''
  }
  t.equal(last, 'End')
  return text
}

t.test('SelectObjectContent refuses in S3’s words', async t => {
  const s3 = await start(t, PEOPLE)
  const refuse = (sql: string, code: string, ask: Ask = {}) => refuses(t, select(s3, sql, ask), code)
  await refuse('SELECT * FROM S3Object', 'InvalidExpressionType', { type: 'GraphQL' as 'SQL' })
  await refuse('SELECT *', 'ParseSelectMissingFrom')
  await refuse('DELETE FROM S3Object', 'ParseExpectedKeyword')
  await refuse('SELECT * FROM elsewhere', 'InvalidDataSource')
  await refuse('SELECT * FROM S3Object s ORDER BY s.name', 'ParseUnexpectedToken')
  await refuse("SELECT read_text('/etc/passwd') FROM S3Object", 'UnsupportedFunction')
  await refuse('SELECT * FROM S3Object; SELECT 1', 'ParseUnexpectedToken')
  await refuse('SELECT CAST(s.name AS INT) FROM S3Object s', 'CastFailed')
  await refuse('SELECT s.none FROM S3Object s', 'MissingHeaders')
  await refuse('SELECT s._0 FROM S3Object s', 'InvalidColumnIndex')
  await refuse('SELECT FROM S3Object', 'ParseEmptySelect')
  await refuse('SELECT *, name FROM S3Object', 'ParseAsteriskIsNotAloneInSelectList')
  await refuse('SELECT name n m FROM S3Object', 'ParseUnexpectedToken')
  await refuse('SELECT * FROM S3Object s, S3Object r', 'MultipleDataSourcesUnsupported')
  await refuse('SELECT * FROM S3Object LIMIT -1', 'EvaluatorNegativeLimit')
  await refuse('SELECT * FROM S3Object LIMIT x', 'ParseExpectedNumber')
  await refuse('SELECT CAST(age AS INTERVAL) FROM S3Object', 'ParseExpectedTypeName')
  await refuse('SELECT CAST(age) FROM S3Object', 'ParseCastArity')
  await refuse('SELECT CAST age FROM S3Object', 'ParseExpectedLeftParenAfterCast')
  await refuse('SELECT UPPER(name, city) FROM S3Object', 'EvaluatorInvalidArguments')
  await refuse('SELECT UPPER(1) FROM S3Object', 'IncorrectSqlFunctionArgumentType')
  await refuse('SELECT SUM(*) FROM S3Object', 'ParseUnsupportedCallWithStar')
  await refuse('SELECT SUM(age, 1) FROM S3Object', 'ParseNonUnaryAgregateFunctionCall')
  await refuse('SELECT SUM(name) FROM S3Object', 'IncorrectSqlFunctionArgumentType')
  await refuse('SELECT name, COUNT(*) FROM S3Object', 'UnsupportedSqlStructure')
  await refuse('SELECT name FROM S3Object WHERE COUNT(*) > 1', 'UnsupportedSqlStructure')
  await refuse('SELECT CASE name END FROM S3Object', 'ParseExpectedWhenClause')
  await refuse('SELECT DATE_ADD(week, 1, UTCNOW()) FROM S3Object', 'ParseExpectedDatePart')
  await refuse("SELECT TO_TIMESTAMP('x') FROM S3Object", 'ValueParseFailure')
  await refuse("SELECT TO_STRING(UTCNOW(), 'Q') FROM S3Object", 'EvaluatorInvalidTimestampFormatPatternSymbol')
  await refuse("SELECT name FROM S3Object WHERE name LIKE 'a!b' ESCAPE '!'", 'EvaluatorLikePatternInvalidEscapeSequence')
  await refuse("SELECT name FROM S3Object WHERE name LIKE 'ab' ESCAPE '!!'", 'LikeInvalidInputs')
  await refuse('SELECT 9223372036854775807 + 1 FROM S3Object', 'IntegerOverflow')
  await refuse('SELECT # FROM S3Object', 'LexerInvalidChar')
  await refuse('SELECT `x` FROM S3Object', 'LexerInvalidIONLiteral')
  await refuse(`SELECT '${'x'.repeat(256 * 1024)}' FROM S3Object`, 'ExpressionTooLong')
  await refuse('SELECT * FROM S3Object[*].a', 'InvalidKeyPath')
  await refuse('SELECT * FROM S3Object', 'ObjectSerializationConflict', { input: { CSV: {}, Parquet: {} } })
  await refuse('SELECT * FROM S3Object', 'InvalidFileHeaderInfo', { input: { CSV: { FileHeaderInfo: 'X' as 'USE' } } })
  await refuse('SELECT * FROM S3Object', 'InvalidJsonType', { input: { JSON: { Type: 'X' as 'LINES' } } })
  await refuse('SELECT * FROM S3Object', 'InvalidQuoteFields', { output: { CSV: { QuoteFields: 'X' as 'ALWAYS' } } })
  await refuse('SELECT * FROM S3Object', 'InvalidCompressionFormat', { input: { Parquet: {}, CompressionType: 'GZIP' } })
  await refuse('SELECT * FROM S3Object', 'InvalidCompressionFormat', { input: { ...CSV, CompressionType: 'BZIP2' } })
  await refuse('SELECT * FROM S3Object', 'ParquetParsingError', { input: { Parquet: {} } })
  await refuse('SELECT * FROM S3Object', 'InvalidDataSource', { input: {} })
  await refuse('SELECT * FROM S3Object', 'JSONParsingError', { input: LINES })
  await refuse('SELECT * FROM S3Object', 'InvalidCompressionFormat', { input: { ...CSV, CompressionType: 'GZIP' } })
  const ask = {
    ExpressionType: 'SQL' as const,
    Expression: 'SELECT * FROM S3Object',
    InputSerialization: CSV,
    OutputSerialization: { CSV: {} },
  }
  await refuses(t, s3.client.selectObjectContent({ ...OBJECT, ...ask, Key: 'none' }), 'NoSuchKey')
  await s3.client.putObject({ Bucket: 'data', Key: 'cold', Body: PEOPLE, StorageClass: 'GLACIER' })
  await refuses(t, s3.client.selectObjectContent({ ...OBJECT, ...ask, Key: 'cold' }), 'UnsupportedStorageClass')
  const half = gzipSync(PEOPLE)
  const truncated = await start(t, half.subarray(0, half.length - 8))
  await refuses(t, select(truncated, 'SELECT COUNT(*) FROM S3Object', { input: { ...CSV, CompressionType: 'GZIP' } }), 'TruncatedInput')
  const latin = await start(t, Buffer.from('caf\xe9\n', 'latin1'))
  await refuses(t, select(latin, 'SELECT * FROM S3Object', { input: { CSV: {} } }), 'InvalidTextEncoding')
  const long = await start(t, `${'x'.repeat(1024 * 1024 + 1)}\n`)
  await refuses(t, select(long, 'SELECT * FROM S3Object', { input: { CSV: {} } }), 'OverMaxRecordSize')
  const twice = await start(t, 'a,A\n1,2\n')
  await refuses(t, select(twice, 'SELECT "a", "A" FROM S3Object WHERE b = 1'), 'MissingHeaders')
  t.equal(await select(twice, 'SELECT "A" FROM S3Object'), '2\n')
})

t.test('SelectObjectContent reads CSV', async t => {
  const s3 = await start(t, PEOPLE)
  t.equal(await select(s3, 'SELECT * FROM S3Object'), 'Ann,31,Oslo\n"Bo ""B""",7,"Bergen, N"\nCy,55,\n')
  t.equal(await select(s3, "SELECT s.name FROM s3object s WHERE s.city LIKE 'O%'"), 'Ann\n')
  t.equal(await select(s3, 'SELECT s._1, s."age" FROM S3Object s WHERE CAST(s.age AS INT) > 30 LIMIT 1'), 'Ann,31\n')
  t.equal(await select(s3, 'SELECT name FROM S3Object WHERE age > 30'), 'Ann\nCy\n')
  t.equal(await select(s3, 'SELECT COUNT(*), SUM(CAST(age AS INT)), MAX(CAST(age AS INT)) FROM S3Object'), '3,93,55\n')
  t.equal(
    await select(s3, 'SELECT UPPER(s.name) AS n, s.age years, s.city, 1+1 FROM S3Object s LIMIT 1', { output: { JSON: {} } }),
    '{"n":"ANN","years":"31","city":"Oslo","_4":2}\n',
  )
  t.equal(await select(s3, 'SELECT _3 FROM S3Object', { input: { CSV: {} } }), 'city\nOslo\n"Bergen, N"\n\n')
  t.equal(
    await select(s3, 'SELECT * FROM S3Object LIMIT 1', { output: { JSON: { RecordDelimiter: ';' } } }),
    '{"name":"Ann","age":"31","city":"Oslo"};',
  )
  t.equal(await select(s3, 'SELECT name FROM S3Object LIMIT 1', { output: { CSV: { QuoteFields: 'ALWAYS' } } }), '"Ann"\n')
  const other = await start(t, gzipSync('#c\na|1;b|2;'))
  const input = { CompressionType: 'GZIP' as const, CSV: { FieldDelimiter: '|', RecordDelimiter: ';' } }
  t.equal(await select(other, "SELECT _2 FROM S3Object WHERE _1 = 'b'", { input }), '2\n')
})

t.test('SelectObjectContent reads JSON', async t => {
  const s3 = await start(t, '{"id":1,"tags":["x","y"],"who":{"name":"Ann"}}\n{"id":2,"tags":[],"who":{"name":"Bo"}}\n')
  const json = { input: LINES, output: { JSON: {} } }
  t.equal(await select(s3, 'SELECT s.id, s.who.name FROM S3Object s', json), '{"id":1,"name":"Ann"}\n{"id":2,"name":"Bo"}\n')
  t.equal(await select(s3, "SELECT s.id FROM S3Object[*] s WHERE s.tags[0] = 'x'", json), '{"id":1}\n')
  t.equal(await select(s3, 'SELECT * FROM S3Object LIMIT 1', json), '{"id":1,"tags":["x","y"],"who":{"name":"Ann"}}\n')
  t.equal(await select(s3, 'SELECT s.none FROM S3Object s WHERE s.none IS MISSING LIMIT 1', { input: LINES, output: { CSV: {} } }), '\n')
  const document = await start(t, '{"rules":[{"id":"a","n":1},{"id":"b","n":2}]}')
  const whole = { input: { JSON: { Type: 'DOCUMENT' as const } }, output: { JSON: {} } }
  t.equal(await select(document, 'SELECT r.id FROM S3Object[*].rules[*] r WHERE r.n > 1', whole), '{"id":"b"}\n')
})

t.test('SelectObjectContent reads Parquet', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'ministack-parquet-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'data.parquet')
  const db = await (await DuckDBInstance.create(':memory:')).connect()
  await db.run(`COPY (SELECT * FROM (VALUES (1, 'a', 1.5), (2, 'b', 2.5)) v(id, name, price)) TO '${file}' (FORMAT parquet)`)
  db.closeSync()
  const s3 = await start(t, await readFile(file))
  const ask = { input: { Parquet: {} }, output: { JSON: {} } }
  t.equal(await select(s3, 'SELECT s.name FROM S3Object s WHERE s.id > 1', ask), '{"name":"b"}\n')
  t.equal(await select(s3, 'SELECT * FROM S3Object LIMIT 1', ask), '{"id":1,"name":"a","price":1.5}\n')
})

t.test('SelectObjectContent takes a scan range from the wire, and no anonymous caller', async t => {
  const s3 = await start(t, PEOPLE)
  const body = `<SelectObjectContentRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Expression>SELECT name FROM S3Object</Expression><ExpressionType>SQL</ExpressionType><InputSerialization><CSV><FileHeaderInfo>USE</FileHeaderInfo></CSV></InputSerialization><OutputSerialization><CSV/></OutputSerialization><ScanRange><Start>14</Start><End>26</End></ScanRange></SelectObjectContentRequest>`
  const request = { method: 'POST', url: '/data/k?select&select-type=2', body } as const
  const { status, bytes } = await s3.http(request)
  t.equal(status, 200)
  t.match(Buffer.from(bytes).toString('latin1'), 'Ann\n')
  const unsigned = Object.getPrototypeOf(s3) as typeof s3
  t.match((await unsigned.http(request)).body, '<Code>AccessDenied</Code>')
  const bad = await s3.http({ ...request, body: body.replace('name FROM', 'name FORM') })
  t.equal(bad.status, 400)
  t.match(bad.body, '<Error><Code>ParseUnexpectedToken</Code><Message>The SQL expression contains an unexpected token: S3Object</Message>')
})

t.test('SelectObjectContent answers with an event stream', async t => {
  const s3 = await start(t, PEOPLE)
  const body = `<SelectObjectContentRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Expression>SELECT COUNT(*) FROM S3Object</Expression><ExpressionType>SQL</ExpressionType><InputSerialization><CSV/></InputSerialization><OutputSerialization><CSV/></OutputSerialization></SelectObjectContentRequest>`
  const { status, headers, bytes } = await s3.http({ method: 'POST', url: '/data/k?select&select-type=2', body })
  t.equal(status, 200)
  t.equal(headers['content-type'], 'application/vnd.amazon.eventstream')
  const text = Buffer.from(bytes).toString('latin1')
  for (const part of [':message-type', 'Records', 'application/octet-stream', '4\n', 'Stats', '<BytesReturned>2</BytesReturned>', 'End'])
    t.ok(text.includes(part), part)
})

const ONE = '{"n":7,"f":1.5,"s":"a%b","t":true,"z":null,"big":9007199254740993,"at":"2017-01-02T03:04:05.006-07:08","list":[1,[2,3]]}\n'

/** The values of one statement's columns over one record. */
async function values(s3: TestService<S3>, list: string): Promise<unknown> {
  return JSON.parse(await select(s3, `SELECT ${list} FROM S3Object s`, { input: LINES, output: { JSON: {} } }))
}

t.test('the SQL of S3 Select', async t => {
  const s3 = await start(t, ONE)
  const gives = async (expression: string, expected: unknown) => {
    const { v } = (await values(s3, `${expression} AS v`)) as { v?: unknown }
    t.same(v, expected, expression)
  }

  t.test('has operators with three truth values', async () => {
    await gives('1 + 2 * 3', 7)
    await gives('(1 + 2) * -3', -9)
    await gives('7 / 2', 3)
    await gives('7 % 4', 3)
    await gives('7 / 2.0', 3.5)
    await gives('0.1 + 0.2', 0.3)
    await gives("s.s || 'c'", 'a%bc')
    await gives('s.n BETWEEN 7 AND 8', true)
    await gives('s.n NOT BETWEEN 7 AND 8', false)
    await gives("s.s IN ('x', 'a%b')", true)
    await gives('s.n IN (1, NULL)', null)
    await gives('s.n NOT IN (1, 2)', true)
    await gives('s.z = 1', null)
    await gives('s.z = 1 OR s.t', true)
    await gives('s.z = 1 AND s.t', null)
    await gives('NOT s.t', false)
    await gives('s.z IS NULL', true)
    await gives('s.z IS MISSING', false)
    await gives('s.none IS NULL', true)
    await gives('s.none IS MISSING', true)
    await gives('s.none IS NOT MISSING', false)
    await gives('s.none', undefined)
    await gives('s.n + s.none', undefined)
    await gives("s.n = 'seven'", false)
    await gives("s.s LIKE 'a!%b' ESCAPE '!'", true)
    await gives("s.s LIKE '_%_'", true)
    await gives("s.s NOT LIKE 'b%'", true)
    await gives("s.s LIKE 'a.b'", false)
    await gives("CASE WHEN s.n > 9 THEN 'many' WHEN s.n > 5 THEN 'some' ELSE 'few' END", 'some')
    await gives("CASE s.n WHEN 7 THEN 'seven' END", 'seven')
    await gives("CASE s.n WHEN 8 THEN 'eight' END", null)
  })

  t.test('reaches into structures', async () => {
    await gives('s.list[1][0]', 2)
    await gives('s.list[9]', undefined)
    await gives("s['f']", 1.5)
    await gives('s."N"', undefined)
    await gives('s.N', 7)
  })

  t.test('keeps integers of 64 bits exact', async () => {
    const text = await select(s3, "SELECT s.big, s.big + 1 AS more, CAST('9007199254740995' AS INT) AS c FROM S3Object s", {
      input: LINES,
      output: { JSON: {} },
    })
    t.equal(text, '{"big":9007199254740993,"more":9007199254740994,"c":9007199254740995}\n')
  })

  t.test('casts', async () => {
    await gives("CAST(' 12 ' AS INT)", 12)
    await gives('CAST(-1.9 AS INTEGER)', -1)
    await gives('CAST(s.t AS INT)', 1)
    await gives("CAST('1e2' AS FLOAT)", 100)
    await gives('CAST(1.256 AS DECIMAL(5, 2))', 1.26)
    await gives("CAST('TRUE' AS BOOL)", true)
    await gives('CAST(0 AS BOOLEAN)', false)
    await gives('CAST(s.n AS STRING)', '7')
    await gives("CAST('2007-04-05T14:30Z' AS TIMESTAMP)", '2007-04-05T14:30Z')
    await gives('CAST(s.z AS INT)', null)
    await refuses(t, values(s3, "CAST('' AS INT)"), 'CastFailed')
    await refuses(t, values(s3, "CAST('2007-13-01T' AS TIMESTAMP)"), 'CastFailed')
    await refuses(t, values(s3, 'CAST(s.list AS STRING)'), 'CastFailed')
    await refuses(t, values(s3, 'CAST(1 AS DECIMAL(2, 5))'), 'ParseInvalidTypeParam')
  })

  t.test('has functions of texts and of what is absent', async () => {
    await gives("COALESCE(s.none, s.z, 'x')", 'x')
    await gives('NULLIF(s.n, 7)', null)
    await gives('NULLIF(s.n, 8)', 7)
    await gives("CHAR_LENGTH('añ🙂')", 3)
    await gives("CHARACTER_LENGTH('')", 0)
    await gives("UPPER('a') || LOWER('B')", 'Ab')
    await gives('LOWER(s.z)', null)
    await gives('LOWER(s.none)', undefined)
    await gives("SUBSTRING('123456789', 2, 3)", '234')
    await gives("SUBSTRING('123456789' FROM 0)", '123456789')
    await gives("SUBSTRING('123456789' FROM -4)", '123456789')
    await gives("SUBSTRING('123456789' FROM 0 FOR 3)", '12')
    await gives("TRIM('  x  ')", 'x')
    await gives("TRIM(LEADING FROM '  x ')", 'x ')
    await gives("TRIM(TRAILING '12' FROM '1x12')", '1x')
    await gives("TRIM(BOTH '12' FROM '1112211foobar22211122')", 'foobar')
    await refuses(t, values(s3, "SUBSTRING('x', 1, -1)"), 'IllegalSqlFunctionArgument')
  })

  t.test('has functions of dates', async () => {
    await gives('DATE_ADD(year, 5, `2010-01-01T`)', '2015-01-01T')
    await gives('DATE_ADD(month, 1, `2010T`)', '2010-02T')
    await gives('DATE_ADD(month, 13, `2010T`)', '2011-02T')
    await gives('DATE_ADD(month, 1, `2011-01-31T`)', '2011-02-28T')
    await gives('DATE_ADD(day, -1, `2017-01-10T`)', '2017-01-09T')
    await gives('DATE_ADD(hour, 1, `2017T`)', '2017-01-01T01:00-00:00')
    await gives('DATE_ADD(minute, 1, `2017-01-02T03:04:05.006Z`)', '2017-01-02T03:05:05.006Z')
    await gives('DATE_ADD(second, 1, `2017-01-02T03:04:05.006Z`)', '2017-01-02T03:04:06.006Z')
    await gives('DATE_DIFF(year, `2010-01-01T`, `2011-01-01T`)', 1)
    await gives('DATE_DIFF(year, `2010-12T`, `2011-01T`)', 0)
    await gives('DATE_DIFF(month, `2010T`, `2010-05T`)', 4)
    await gives('DATE_DIFF(month, `2011T`, `2010T`)', -12)
    await gives('DATE_DIFF(month, `2010-12-31T`, `2011-01-01T`)', 0)
    await gives('DATE_DIFF(day, `2010-01-01T23:00Z`, `2010-01-02T01:00Z`)', 0)
    await gives('DATE_DIFF(minute, `2010-01-01T23:00Z`, `2010-01-02T01:00Z`)', 120)
    await gives('EXTRACT(YEAR FROM `2010-01-01T`)', 2010)
    await gives('EXTRACT(hour FROM TO_TIMESTAMP(s.at))', 3)
    await gives('EXTRACT(second FROM TO_TIMESTAMP(s.at))', 5.006)
    await gives('EXTRACT(timezone_hour FROM TO_TIMESTAMP(s.at))', -7)
    await gives('EXTRACT(timezone_minute FROM TO_TIMESTAMP(s.at))', -8)
    await gives('TO_TIMESTAMP(s.at) < `2017-01-02T10:12:06Z`', true)
    await gives("TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y')", 'July 20, 1969')
    await gives("TO_STRING(`1969-07-20T20:18Z`, 'MMM d, yyyy')", 'Jul 20, 1969')
    await gives("TO_STRING(`1969-07-20T20:18Z`, 'M-d-yy')", '7-20-69')
    await gives("TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y h:m a')", 'July 20, 1969 8:18 PM')
    await gives("TO_STRING(`1969-07-20T20:18Z`, 'y-MM-dd''T''H:m:ssX')", '1969-07-20T20:18:00Z')
    await gives("TO_STRING(TO_TIMESTAMP(s.at), 'HH:mm:ss.SSS xxxx XXX')", '03:04:05.006 -0708 -07:08')
    await gives("TO_STRING(UTCNOW(), 'y-MM-dd')", '2026-01-01')
    await refuses(t, values(s3, "TO_STRING(UTCNOW(), 'y ''x')"), 'EvaluatorUnterminatedTimestampFormatPatternToken')
  })
})

t.test('aggregates leave absent values out, and over nothing are NULL', async t => {
  const s3 = await start(t, '{"n":1}\n{"n":null}\n{}\n{"n":4}\n')
  const json = { input: LINES, output: { JSON: {} } }
  const list = 'COUNT(*) AS c, COUNT(s.n) AS n, SUM(s.n) AS s, AVG(s.n) AS a, MIN(s.n) AS i, MAX(s.n) + 1 AS x'
  t.equal(await select(s3, `SELECT ${list} FROM S3Object s`, json), '{"c":4,"n":2,"s":5,"a":2.5,"i":1,"x":5}\n')
  t.equal(await select(s3, 'SELECT COUNT(*) AS c, SUM(s.n) AS s FROM S3Object s WHERE s.n > 9', json), '{"c":0,"s":null}\n')
})

t.test('FROM goes into JSON by a path', async t => {
  const document = '{"rules":[{"id":"1"},{"expr":"y > x"},{"id":"2","expr":"z"}],"by":{"a":{"n":1},"b":{"n":2}},"x":[[1],[2,3]]}\n 7 '
  const s3 = await start(t, `${document}`)
  const lines = await start(t, document.split('\n')[0] ?? '')
  for (const [store, Type] of [
    [s3, 'DOCUMENT'],
    [lines, 'LINES'],
  ] as const) {
    const from = (sql: string) => select(store, sql, { input: { JSON: { Type } }, output: { JSON: {} } })
    t.equal(await from('SELECT id FROM S3Object[*].rules[*].id'), '{"id":"1"}\n{}\n{"id":"2"}\n')
    t.equal(await from('SELECT id FROM S3Object[*].rules[*].id WHERE id IS NOT MISSING'), '{"id":"1"}\n{"id":"2"}\n')
    t.equal(await from('SELECT r.* FROM S3Object[*].rules[*] r LIMIT 1'), '{"id":"1"}\n')
    t.equal(await from('SELECT v.n FROM S3Object[*].by.* v'), '{"n":1}\n{"n":2}\n')
    t.equal(await from('SELECT * FROM S3Object[*].x[*][*]'), '{"_1":1}\n{"_1":2}\n{"_1":3}\n')
    t.equal(await from('SELECT * FROM S3Object[*].x[1][*] n WHERE n > 2'), '{"_1":3}\n')
    t.equal(await from('SELECT * FROM S3Object[*].none[*]'), '')
  }
  const broken = await start(t, '{"a":[1,2}')
  const input = { JSON: { Type: 'DOCUMENT' as const } }
  await refuses(t, select(broken, 'SELECT * FROM S3Object', { input }), 'JSONParsingError')
  await refuses(t, select(broken, 'SELECT * FROM S3Object[*].a[*]', { input }), 'JSONParsingError')
})

t.test('CSV is read and written as the request says', async t => {
  const s3 = await start(t, '#note\r\na,b\r\n1,"x ""y"" z"\r\n"2",\r\n')
  const json = { JSON: {} }
  t.equal(await select(s3, 'SELECT * FROM S3Object', { output: json }), '{"a":"1","b":"x \\"y\\" z"}\n{"a":"2","b":""}\n')
  const ignore = { CSV: { FileHeaderInfo: 'IGNORE' as const } }
  t.equal(await select(s3, 'SELECT _2, _9 FROM S3Object', { input: ignore, output: json }), '{"_2":"x \\"y\\" z"}\n{"_2":""}\n')
  await refuses(t, select(s3, 'SELECT a FROM S3Object', { input: ignore }), 'MissingHeaders')
  const written = {
    CSV: { FieldDelimiter: ';', RecordDelimiter: '||', QuoteCharacter: "'", QuoteEscapeCharacter: '\\', QuoteFields: 'ALWAYS' as const },
  }
  t.equal(await select(s3, "SELECT a, 'it''s' FROM S3Object", { output: written }), "'1';'it\\'s'||'2';'it\\'s'||")
  const strange = await start(t, "%c~~1^'a^b'~~2^'it\\'s'~~")
  const input = { CSV: { FieldDelimiter: '^', RecordDelimiter: '~~', QuoteCharacter: "'", QuoteEscapeCharacter: '\\', Comments: '%' } }
  t.equal(await select(strange, 'SELECT _2 FROM S3Object', { input }), "a^b\nit's\n")
  const lines = await start(t, 'a,b\n1,"x\ny"\n')
  await refuses(t, select(lines, 'SELECT b FROM S3Object'), 'CSVParsingError')
  const allowed = { CSV: { FileHeaderInfo: 'USE' as const, AllowQuotedRecordDelimiter: true } }
  t.equal(await select(lines, 'SELECT b FROM S3Object', { input: allowed }), '"x\ny"\n')
  const loose = await start(t, 'a\n"x" y\n')
  await refuses(t, select(loose, 'SELECT a FROM S3Object'), 'CSVUnescapedQuote')
})

t.test('CSV that comes in many pieces is the same', async t => {
  const record = (n: number) => `${n},"quoted ""${n}"", é",${'x'.repeat(n % 50)}\r\n`
  const s3 = await start(t, Array.from({ length: 40_000 }, (_, n) => record(n)).join(''))
  t.equal(
    await select(s3, 'SELECT COUNT(*), SUM(CAST(_1 AS INT)) FROM S3Object WHERE _2 LIKE \'quoted "%", é\'', { input: { CSV: {} } }),
    '40000,799980000\n',
  )
})

t.test('BZIP2 is read', async t => {
  const packed = Buffer.from('QlpoOTFBWSZTWVs1WzQAAAldAAAQAAQogDAAIoOgADEA0ADUNPU9Q8naLm0ghkuQUXLF3JFOFCQWzVbNAA==', 'base64')
  const ask = { input: { ...CSV, CompressionType: 'BZIP2' as const } }
  t.equal(await select(await start(t, packed), 'SELECT name FROM S3Object WHERE age > 30', ask), 'Ann\n')
  const twice = await start(t, Buffer.concat([packed, packed]))
  t.equal(await select(twice, 'SELECT COUNT(*) FROM S3Object', { input: { CSV: {}, CompressionType: 'BZIP2' } }), '6\n')
  const truncated = await start(t, packed.subarray(0, packed.length - 12))
  await refuses(t, select(truncated, 'SELECT name FROM S3Object', ask), 'TruncatedInput')
})

t.test('a scan range reads the records that begin within it', async t => {
  const s3 = await start(t, 'id,n\n1,a\n2,b\n3,c\n')
  const within = async (ScanRange: object, InputSerialization: InputSerialization = CSV, store = s3) => {
    const { Payload } = await store.client.selectObjectContent({
      ...OBJECT,
      Expression: 'SELECT * FROM S3Object',
      ExpressionType: 'SQL',
      InputSerialization,
      OutputSerialization: { JSON: {} },
      ScanRange,
    })
    let text = ''
    let scanned = 0
    for await (const event of Payload ?? []) {
      if (event.Records?.Payload) text += Buffer.from(event.Records.Payload).toString()
      scanned = event.Stats?.Details?.BytesScanned ?? scanned
    }
    return { ids: [...text.matchAll(/"(?:id|_1)":"?(\w+)/g)].map(([, id]) => id).join(), scanned }
  }
  t.same((await within({ Start: 0, End: 5 })).ids, '1')
  t.same((await within({ Start: 5, End: 9 })).ids, '1,2')
  t.same((await within({ Start: 6, End: 9 })).ids, '2')
  t.same((await within({ Start: 6, End: 8 })).ids, '')
  t.same((await within({ Start: 13 })).ids, '3')
  t.same((await within({ End: 5 })).ids, '3')
  t.same((await within({ End: 500 })).ids, '1,2,3')
  t.same(await within({ Start: 9, End: 10 }, { CSV: {} }), { ids: '2', scanned: 4 })
  t.same((await within({ Start: 500 })).ids, '')
  for (const range of [{}, { Start: 5, End: 4 }, { Start: -1 }]) await refuses(t, within(range), 'InvalidScanRange')
  await refuses(t, within({ Start: 0 }, { ...CSV, CompressionType: 'GZIP' }), 'UnsupportedScanRangeInput')
  await refuses(t, within({ Start: 0 }, { JSON: { Type: 'DOCUMENT' } }), 'UnsupportedScanRangeInput')
  await refuses(t, within({ Start: 0 }, { CSV: { AllowQuotedRecordDelimiter: true } }), 'UnsupportedScanRangeInput')
  const lines = await start(t, '{"id":1}\n{"id":2}\n')
  t.same((await within({ Start: 1, End: 9 }, LINES, lines)).ids, '2')
  const far = await start(t, `${'x'.repeat(600_000)}||${'y'.repeat(600_000)}||z||`)
  t.same((await within({ Start: 600_003 }, { CSV: { RecordDelimiter: '||' } }, far)).ids, 'z')
})

t.test('Parquet has nested columns, dates and scan ranges by row group', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'ministack-parquet-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'data.parquet')
  const db = await (await DuckDBInstance.create(':memory:')).connect()
  await db.run(
    `COPY (SELECT i AS id, {'name': 'n' || i, 'tags': [i, i + 1]} AS who, TIMESTAMP '2020-01-02 03:04:05.5' AS at, 9007199254740993 AS big,
     1.25::DECIMAL(5,2) AS d, 'b'::BLOB AS raw, NULL::INT AS z FROM range(5000) t(i)) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  )
  db.closeSync()
  const s3 = await start(t, await readFile(file))
  const ask = { input: { Parquet: {} }, output: { JSON: {} } }
  t.equal(
    await select(s3, 'SELECT s.who.name, s.who.tags[1] AS t, s."at", s.big, s.d, s.raw, s.z, s.none FROM S3Object s WHERE s.id = 7', ask),
    '{"name":"n7","t":8,"at":"2020-01-02T03:04:05.500Z","big":9007199254740993,"d":1.25,"raw":"b","z":null}\n',
  )
  t.equal(await select(s3, 'SELECT COUNT(*) AS c FROM S3Object s WHERE EXTRACT(year FROM s."at") = 2020', ask), '{"c":5000}\n')
  const { Payload } = await s3.client.selectObjectContent({
    ...OBJECT,
    Expression: 'SELECT COUNT(*) FROM S3Object',
    ExpressionType: 'SQL',
    InputSerialization: { Parquet: {} },
    OutputSerialization: { CSV: {} },
    ScanRange: { Start: 0, End: 10 },
  })
  for await (const event of Payload ?? []) if (event.Records?.Payload) t.equal(Buffer.from(event.Records.Payload).toString(), '2048\n')
})

t.test('progress, statistics and signs of life come between records', async t => {
  const body = Buffer.from(`${'x'.repeat(99)}\n`.repeat(50_000))
  const s3 = await start(t, gzipSync(body))
  const ask = async (Expression: string, Enabled: boolean) => {
    const { Payload } = await s3.client.selectObjectContent({
      ...OBJECT,
      Expression,
      ExpressionType: 'SQL',
      RequestProgress: { Enabled },
      InputSerialization: { CSV: {}, CompressionType: 'GZIP' },
      OutputSerialization: { CSV: {} },
    })
    const events: NonNullable<typeof Payload> extends AsyncIterable<infer E> ? E[] : never = []
    for await (const event of Payload ?? []) events.push(event)
    return events
  }
  const scanned = gzipSync(body).length
  const quiet = await ask('SELECT COUNT(*) FROM S3Object', false)
  t.same(
    quiet.map(event => Object.keys(event)[0]),
    ['Cont', 'Records', 'Stats', 'End'],
  )
  t.same(quiet[2]?.Stats?.Details, { BytesScanned: scanned, BytesProcessed: body.length, BytesReturned: 6 })
  const loud = await ask('SELECT * FROM S3Object', true)
  const kinds = loud.map(event => Object.keys(event)[0])
  t.same(kinds.slice(0, 2), ['Records', 'Progress'])
  t.same(kinds.slice(-3), ['Progress', 'Stats', 'End'])
  t.equal(loud.at(-2)?.Stats?.Details?.BytesReturned, body.length)
  t.equal((await ask('SELECT * FROM S3Object LIMIT 1', false))[0]?.Records?.Payload?.length, 100)
})
