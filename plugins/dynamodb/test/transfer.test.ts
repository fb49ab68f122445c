import { gunzipSync, gzipSync } from 'node:zlib'
import type { ExportTableToPointInTimeInput, ImportTableInput } from '@aws-sdk/client-dynamodb'
import { AwsError, definePlugin, forService } from '@ministack/gateway'
import t, { type Test } from 'tap'
import { csvRows } from '../src/transfer/csv.js'
import { dynamo, HASH_AND_RANGE, HASH_ONLY, N, S } from './harness.js'

const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/simple'
const HOUR = 60 * 60 * 1000

/** Two frames of the `zstd` program: one line of DynamoDB JSON (`pk` a, `sk` 1) in the first, 58 more in the second. */
const ZSTD_FRAMES =
  'KLUv/QRoSQEAeyJJdGVtIjp7InBrIjp7IlMiOiJhIn0sInNrIjp7Ik4iOiIxIn19fQoHp2fWKLUv/QRoPQQAAgcUEaDt0U0Jo7zR+jVpUhoK1ITBoNZ6dEwhzTsEOTqmkOYdoo+OKaR5h+CjYwpp3iH26JhCmneIcfRz83LyPh/UWr9LPtS3p7PT9BdP06Gb6jQ7qBEwo8v+GfClAyEECMH//whBzQ8gDK7AMBoLwCIEkCgRYFLjcDCHN9sIwsksDBiUVVYBgeOoQQ=='

/** An S3 with one bucket. */
function s3() {
  const objects = new Map<string, Uint8Array>()
  const { operation, service } = forService<typeof import('@aws-sdk/client-s3')>()
  const check = (bucket: string | undefined) => {
    if (bucket !== 'bucket') throw new AwsError('NoSuchBucket', 'The specified bucket does not exist')
  }
  const plugin = definePlugin({
    manifest: new URL('../../../s3/manifest.json', import.meta.url),
    services: {
      s3: service({
        PutObject: operation('PutObject', async (_ctx, { Bucket, Key, Body }) => {
          check(Bucket)
          const chunks: Uint8Array[] = []
          for await (const chunk of Body ?? []) chunks.push(chunk as Uint8Array)
          objects.set(Key!, Buffer.concat(chunks))
          return { ETag: '"etag"' }
        }),
        ListObjectsV2: operation('ListObjectsV2', (_ctx, { Bucket, Prefix = '', ContinuationToken }) => {
          check(Bucket)
          const keys = [...objects.keys()].filter(key => key.startsWith(Prefix) && (!ContinuationToken || key > ContinuationToken)).sort()
          return { Contents: keys.slice(0, 1).map(Key => ({ Key })), ...(keys.length > 1 && { NextContinuationToken: keys[0] }) }
        }),
        GetObject: operation('GetObject', (_ctx, { Key }) => ({ Body: objects.get(Key!)! })),
      }),
    },
  })
  return { plugin, objects }
}

async function withS3(t: Test) {
  const { plugin, objects } = s3()
  const service = await dynamo(t, { with: [plugin] })
  return { ...service, client: service.client, clock: service.clock, objects }
}

/** Background work that reads and writes is done when nothing is left to do. */
async function settled<T>(clock: { advance(ms: number): Promise<void> }, look: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look()
    if (done(value)) return value
    await clock.advance(0)
  }
}

t.test('ExportTableToPointInTime, DescribeExport and ListExports', async t => {
  const { client, clock, objects } = await withS3(t)
  await client.createTable(HASH_ONLY)
  await clock.advance(0)
  const input = { TableArn: arn, S3Bucket: 'bucket' }
  const finished = async (ExportArn: string | undefined) =>
    (
      await settled(
        clock,
        () => client.describeExport({ ExportArn }),
        ({ ExportDescription: e }) => e!.ExportStatus !== 'IN_PROGRESS',
      )
    ).ExportDescription!

  t.test('refuse', async t => {
    await t.rejects(client.exportTableToPointInTime(input), {
      name: 'PointInTimeRecoveryUnavailableException',
      message: "Point in time recovery is not enabled for table 'simple'",
    })
    await client.updateContinuousBackups({ TableName: 'simple', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } })
    await t.rejects(client.exportTableToPointInTime({ ...input, TableArn: `${arn}x` }), { name: 'TableNotFoundException' })
    await t.rejects(client.exportTableToPointInTime({ ...input, ExportTime: new Date(clock.now() + 1000) }), {
      name: 'InvalidExportTimeException',
    })
    await t.rejects(client.describeExport({ ExportArn: `${arn}/export/01234567890123-12345678` }), { name: 'ExportNotFoundException' })
    const { ExportDescription } = await client.exportTableToPointInTime({ ...input, S3Bucket: 'nope' })
    t.match(await finished(ExportDescription!.ExportArn), { ExportStatus: 'FAILED', FailureCode: 'S3NoSuchBucket' })
  })

  t.test('behave', async t => {
    await client.putItem({ TableName: 'simple', Item: { id: S('a'), b: { B: new Uint8Array([1]) } } })
    await client.putItem({ TableName: 'simple', Item: { id: S('b'), v: N(1) } })
    const ExportTime = clock.date()
    await clock.advance(1000)
    await client.deleteItem({ TableName: 'simple', Key: { id: S('a') } })
    const request = { ...input, S3Prefix: 'out', ExportTime, ClientToken: 'token' }
    const { ExportDescription } = await client.exportTableToPointInTime(request)
    t.equal(ExportDescription!.ExportStatus, 'IN_PROGRESS')
    const { ExportArn } = ExportDescription!
    t.equal((await client.exportTableToPointInTime(request)).ExportDescription!.ExportArn, ExportArn, 'a token stands for one export')
    await t.rejects(client.exportTableToPointInTime({ ...request, S3Prefix: 'x' }), { name: 'ExportConflictException' })
    const done = await finished(ExportArn)
    const folder = `out/AWSDynamoDB/${ExportArn!.split('/').at(-1)}`
    t.match(done, {
      ExportStatus: 'COMPLETED',
      ItemCount: 2,
      ExportManifest: `${folder}/manifest-summary.json`,
      ExportFormat: 'DYNAMODB_JSON',
    })
    const text = (key: string) => Buffer.from(objects.get(key)!).toString()
    t.match(JSON.parse(text(`${folder}/manifest-summary.json`)), { exportArn: ExportArn, itemCount: 2, outputFormat: 'DYNAMODB_JSON' })
    const files = JSON.parse(text(`${folder}/manifest-files.json`))
    t.match(files, { itemCount: 2, etag: 'etag' })
    const lines = gunzipSync(objects.get(files.dataFileS3Key)!).toString().trim().split('\n')
    t.strictSame(
      lines.map(line => JSON.parse(line)).sort((x, y) => (x.Item.id.S < y.Item.id.S ? -1 : 1)),
      [{ Item: { id: { S: 'a' }, b: { B: 'AQ==' } } }, { Item: { id: { S: 'b' }, v: { N: '1' } } }],
    )
    t.ok(objects.has(`${folder}/_started`))
    t.ok(objects.has(`${folder}/manifest-files.md5`))
    const page = await client.listExports({ TableArn: arn, MaxResults: 1 })
    t.equal((await client.listExports({ TableArn: arn, NextToken: page.NextToken })).ExportSummaries!.length, 1)
  })

  t.test('an export with a filter has what a query with the same expressions would have', async t => {
    const run = async (FilterSpecification: ExportTableToPointInTimeInput['FilterSpecification']) => {
      const { ExportDescription } = await client.exportTableToPointInTime({ ...input, FilterSpecification })
      const done = await finished(ExportDescription!.ExportArn)
      t.match(done, { ExportStatus: 'COMPLETED', FilterSpecification })
      const files = JSON.parse(Buffer.from(objects.get(done.ExportManifest!.replace('summary', 'files'))!).toString())
      const lines = gunzipSync(objects.get(files.dataFileS3Key)!).toString().trim()
      return lines === '' ? [] : lines.split('\n').map(line => JSON.parse(line).Item)
    }
    await client.putItem({ TableName: 'simple', Item: { id: S('a'), v: N(7), w: S('w') } })
    const is = (value: string) => ({ KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': S(value) } })
    t.strictSame(
      await run({ FilterExpression: '#v > :n', ExpressionAttributeNames: { '#v': 'v' }, ExpressionAttributeValues: { ':n': N(1) } }),
      [{ id: S('a'), v: N(7), w: S('w') }],
    )
    t.strictSame(await run({ ...is('a'), ProjectionExpression: 'w' }), [{ w: S('w') }])
    t.strictSame(await run(is('nope')), [])
    const refused = [
      [{}, 'At least one of FilterExpression, ProjectionExpression and KeyConditionExpression must be specified in FilterSpecification'],
      [{ FilterExpression: 'v >' }, 'Invalid FilterExpression: Syntax error; token: "<EOF>", near: ">"'],
      [
        { KeyConditionExpression: 'v = :id', ExpressionAttributeValues: { ':id': S('a') } },
        'Query condition missed key schema element: id',
      ],
      [
        { ...is('a'), FilterExpression: 'id = :id' },
        'Filter Expression can only contain non-primary key attributes: Primary key attribute: id',
      ],
    ] as const
    for (const [FilterSpecification, message] of refused) {
      await t.rejects(client.exportTableToPointInTime({ ...input, FilterSpecification }), { name: 'ValidationException', message })
    }
    await client.deleteItem({ TableName: 'simple', Key: { id: S('a') } })
  })

  t.test('ION is written as text, with sets annotated', async t => {
    const run = async (rest: Partial<ExportTableToPointInTimeInput>) => {
      const { ExportDescription } = await client.exportTableToPointInTime({ ...input, ExportFormat: 'ION', ...rest })
      const done = await finished(ExportDescription!.ExportArn)
      t.match(done, { ExportStatus: 'COMPLETED', ExportFormat: 'ION' })
      const read = (key: string) => JSON.parse(Buffer.from(objects.get(key)!).toString())
      t.equal(read(done.ExportManifest!).outputFormat, 'ION')
      const { dataFileS3Key } = read(done.ExportManifest!.replace('summary', 'files'))
      t.match(dataFileS3Key, /\.ion\.gz$/)
      return gunzipSync(objects.get(dataFileS3Key)!).toString()
    }
    const Item = {
      id: S('ion'),
      n: N('-1.5'),
      big: N(600),
      b: { B: new Uint8Array([1, 2]) },
      yes: { BOOL: true },
      none: { NULL: true },
      list: { L: [S('x'), { M: { "it's": N(1) } }] },
      ss: { SS: ['x'] },
      ns: { NS: ['2'] },
      bs: { BS: [new Uint8Array([3])] },
    }
    const ExportFromTime = clock.date()
    await clock.advance(HOUR)
    await client.putItem({ TableName: 'simple', Item })
    const only = { KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': S('ion') } }
    t.equal(
      await run({ FilterSpecification: only }),
      `$ion_1_0 {Item:{id:"ion",n:-1.5,big:600.,b:{{AQI=}},yes:true,none:null,list:["x",{'it\\'s':1.}],ss:$dynamodb_SS::["x"],ns:$dynamodb_NS::[2.],bs:$dynamodb_BS::[{{Aw==}}]}}\n`,
    )
    t.match(
      await run({ ExportType: 'INCREMENTAL_EXPORT', IncrementalExportSpecification: { ExportFromTime, ExportToTime: clock.date() } }),
      /^\$ion_1_0 \{Record:\{Metadata:\{WriteTimestampMicros:\d+\.\},Keys:\{id:"ion"\},NewImage:\{id:"ion",/,
    )
    await client.deleteItem({ TableName: 'simple', Key: { id: S('ion') } })
  })

  t.test('an incremental export has what changed', async t => {
    const ExportFromTime = clock.date()
    await clock.advance(HOUR)
    await client.putItem({ TableName: 'simple', Item: { id: S('b'), v: N(2) } })
    await client.putItem({ TableName: 'simple', Item: { id: S('c') } })
    await client.putItem({ TableName: 'simple', Item: { id: S('gone') } })
    await client.deleteItem({ TableName: 'simple', Key: { id: S('gone') } })
    const ExportToTime = clock.date()
    await clock.advance(1000)
    await client.putItem({ TableName: 'simple', Item: { id: S('b'), v: N(3) } })
    const { ExportDescription } = await client.exportTableToPointInTime({
      ...input,
      ExportType: 'INCREMENTAL_EXPORT',
      IncrementalExportSpecification: { ExportFromTime, ExportToTime },
    })
    const done = await finished(ExportDescription!.ExportArn)
    const files = JSON.parse(Buffer.from(objects.get(done.ExportManifest!.replace('summary', 'files'))!).toString())
    const lines = gunzipSync(objects.get(files.dataFileS3Key)!).toString().trim().split('\n')
    t.match(
      lines.map(line => JSON.parse(line)),
      [
        { Keys: { id: { S: 'b' } }, OldImage: { v: { N: '1' } }, NewImage: { v: { N: '2' } } },
        { Keys: { id: { S: 'c' } }, NewImage: { id: { S: 'c' } } },
      ],
    )
    t.equal(lines.length, 2)
  })

  t.test('a token that is used anew after its eight hours stands for the new export', async t => {
    const request = { ...input, ClientToken: 'again' }
    const start = async () => (await client.exportTableToPointInTime(request)).ExportDescription!.ExportArn
    const first = await start()
    await clock.advance(8 * HOUR)
    const second = await start()
    t.not(second, first)
    t.equal(await start(), second)
    await finished(second)
  })
})

t.test('ImportTable, DescribeImport and ListImports', async t => {
  const { client, clock, objects } = await withS3(t)
  const { TableName: _name, ...description } = HASH_AND_RANGE
  const request = (TableName: string, rest: Partial<ImportTableInput>): ImportTableInput => ({
    S3BucketSource: { S3Bucket: 'bucket', S3KeyPrefix: `${TableName}/` },
    InputFormat: 'DYNAMODB_JSON',
    TableCreationParameters: { ...description, TableName } as ImportTableInput['TableCreationParameters'],
    ...rest,
  })
  const run = async (input: ImportTableInput) => {
    const { ImportTableDescription } = await client.importTable(input)
    const { ImportArn } = ImportTableDescription!
    const { ImportTableDescription: done } = await settled(
      clock,
      () => client.describeImport({ ImportArn }),
      ({ ImportTableDescription: i }) => i!.ImportStatus !== 'IN_PROGRESS',
    )
    await clock.advance(0)
    return done!
  }
  const items = async (TableName: string) =>
    (
      await client.query({
        TableName,
        KeyConditionExpression: 'pk = :a',
        ExpressionAttributeValues: { ':a': S('a') },
      })
    ).Items

  t.test('ION is read, whatever it is called and however it is laid out', async t => {
    objects.set(
      'ion/1.ion',
      Buffer.from(`$ion_1_0 {Item:{pk:"a",sk:1.,v:$dynamodb_NS::[1.,2d3]}}
$ion_1_0
{ Item: { pk: "a", sk: 2, m: { s: symbol, l: [1.5e0, null.int, {{AQ==}}] }, ss: $dynamodb_SS::["x"] } } // a comment
{Item:{pk:"a",sk:3.,t:2020-01-01T}}
{Item:{pk:"a",sk:4.,ns:$dynamodb_NS::["x"]}}
{Other:1}
]`),
    )
    t.match(await run(request('ion', { InputFormat: 'ION' })), { ImportStatus: 'COMPLETED', ImportedItemCount: 2, ErrorCount: 4 })
    t.strictSame(await items('ion'), [
      { pk: S('a'), sk: N(1), v: { NS: ['1', '2000'] } },
      {
        pk: S('a'),
        sk: N(2),
        m: { M: { s: S('symbol'), l: { L: [N('1.5'), { NULL: true }, { B: new Uint8Array([1]) }] } } },
        ss: { SS: ['x'] },
      },
    ])
  })

  t.test('what is compressed with ZSTD is read, all frames of it', async t => {
    objects.set('zstd/1.zst', Buffer.from(ZSTD_FRAMES, 'base64'))
    t.match(await run(request('zstd', { InputCompressionType: 'ZSTD' })), {
      ImportStatus: 'COMPLETED',
      ImportedItemCount: 59,
      ErrorCount: 0,
    })
    t.equal((await items('zstd'))!.length, 59)
    for (const [name, bytes] of [
      ['plain', Buffer.from('plain text')],
      ['cut', Buffer.from(ZSTD_FRAMES, 'base64').subarray(0, 60)],
    ] as const) {
      objects.set(`${name}/1.zst`, bytes)
      t.match(await run(request(name, { InputCompressionType: 'ZSTD' })), {
        ImportStatus: 'FAILED',
        FailureCode: 'InvalidInputCompression',
        FailureMessage: 'The data could not be decompressed with ZSTD',
      })
    }
  })

  t.test('refuse', async t => {
    await t.rejects(client.importTable(request('csv', { InputFormatOptions: { Csv: { Delimiter: ',' } } })), {
      name: 'ValidationException',
    })
    await t.rejects(client.describeImport({ ImportArn: `${arn}/import/01234567890123-12345678` }), { name: 'ImportNotFoundException' })
    t.match(await run(request('nobucket', { S3BucketSource: { S3Bucket: 'nope' } })), {
      ImportStatus: 'FAILED',
      FailureCode: 'S3NoSuchBucket',
    })
    await t.rejects(client.importTable(request('nobucket', {})), { name: 'ResourceInUseException' })
  })

  t.test('behave with DynamoDB JSON', async t => {
    const line = (item: unknown) => `${JSON.stringify({ Item: item })}\n`
    const first = [
      { pk: S('a'), sk: N('1.0'), b: { B: 'AQI=' } },
      { pk: S('a') },
      { pk: S('a'), sk: N(2), m: { M: { x: { L: [{ NULL: true }] } } } },
    ]
    objects.set('json/1.gz', gzipSync(`${first.map(line).join('')}garbage\n`))
    objects.set('json/2.gz', gzipSync(line({ pk: S('a'), sk: N(3) })))
    const done = await run(request('json', { InputCompressionType: 'GZIP' }))
    t.match(done, { ImportStatus: 'COMPLETED', ProcessedItemCount: 5, ImportedItemCount: 3, ErrorCount: 2 })
    t.equal((await client.describeTable({ TableName: 'json' })).Table!.TableStatus, 'ACTIVE')
    t.strictSame(await items('json'), [
      { pk: S('a'), sk: N(1), b: { B: new Uint8Array([1, 2]) } },
      { pk: S('a'), sk: N(2), m: { M: { x: { L: [{ NULL: true }] } } } },
      { pk: S('a'), sk: N(3) },
    ])
  })

  t.test('behave with CSV', async t => {
    objects.set('csv/data.csv', Buffer.from('pk;sk;text\na;1;"x;""y"""\r\na;2;5\nbad;row\na;x;1\n'))
    const done = await run(request('csv', { InputFormat: 'CSV', InputFormatOptions: { Csv: { Delimiter: ';' } } }))
    t.match(done, { ImportStatus: 'COMPLETED', ImportedItemCount: 2, ErrorCount: 2 })
    t.strictSame(await items('csv'), [
      { pk: S('a'), sk: N(1), text: S('x;"y"') },
      { pk: S('a'), sk: N(2), text: S('5') },
    ])
    const { ImportSummaryList } = await client.listImports({ TableArn: arn.replace('simple', 'csv') })
    t.match(ImportSummaryList, [{ ImportStatus: 'COMPLETED', InputFormat: 'CSV' }])
    t.equal((await client.listImports({})).ImportSummaryList!.length, 7)
  })
})

t.test('CSV is cut into rows', async t => {
  t.strictSame(
    [...csvRows('a,b\n\n"1\n2",\r\n,"",x', ',')],
    [
      ['a', 'b'],
      ['1\n2', ''],
      ['', '', 'x'],
    ],
  )
})
