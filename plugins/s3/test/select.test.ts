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
