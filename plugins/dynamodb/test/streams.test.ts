import type { CreateTableInput, StreamViewType } from '@aws-sdk/client-dynamodb'
import t, { type Test } from 'tap'
import { dynamo, HASH_ONLY, N, refuses, S } from './harness.js'

const TableName = 'simple'
const HOUR = 60 * 60 * 1000

function streaming(StreamViewType: StreamViewType): CreateTableInput {
  return { ...HASH_ONLY, StreamSpecification: { StreamEnabled: true, StreamViewType } }
}

async function withStream(t: Test, view: StreamViewType, persist = false) {
  const service = await dynamo(t, { persist })
  const { client, clock } = service
  const streams = service.service<typeof import('@aws-sdk/client-dynamodb-streams')>('dynamodbstreams')
  const { TableDescription } = await client.createTable(streaming(view))
  await clock.advance(0)
  const StreamArn = TableDescription!.LatestStreamArn!
  const { StreamDescription } = await streams.describeStream({ StreamArn })
  const { ShardId } = StreamDescription!.Shards![0]!
  const iterator = async (ShardIteratorType: 'TRIM_HORIZON' | 'LATEST' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER', seq?: string) =>
    (await streams.getShardIterator({ StreamArn, ShardId, ShardIteratorType, ...(seq && { SequenceNumber: seq }) })).ShardIterator
  const read = async (from: string | undefined) => (await streams.getRecords({ ShardIterator: from })).Records!
  const all = async () => read(await iterator('TRIM_HORIZON'))
  return { ...service, client, clock, streams, StreamArn, ShardId, iterator, read, all }
}

t.test('ListStreams', async t => {
  const { client, clock, streams, StreamArn } = await withStream(t, 'KEYS_ONLY')
  await client.createTable({ ...streaming('KEYS_ONLY'), TableName: 'other' })
  await clock.advance(0)

  t.test('refuses', async t => {
    await refuses(
      t,
      streams.listStreams({ Limit: 101 }),
      "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100",
    )
    await t.rejects(streams.listStreams({ TableName: 'a;' }), { name: 'ValidationException' })
  })

  t.test('behaves', async t => {
    const first = await streams.listStreams({ Limit: 1 })
    t.match(first.Streams, [{ TableName: 'other' }])
    const second = await streams.listStreams({ Limit: 1, ExclusiveStartStreamArn: first.LastEvaluatedStreamArn })
    t.strictSame(second.Streams, [{ StreamArn, TableName, StreamLabel: '2026-01-01T00:00:00.000' }])
    t.equal(second.LastEvaluatedStreamArn, undefined)
    t.equal((await streams.listStreams({ TableName })).Streams!.length, 1)
    t.strictSame((await streams.listStreams({ TableName: 'without' })).Streams, [])
  })
})

t.test('DescribeStream', async t => {
  const { client, clock, streams, StreamArn, ShardId } = await withStream(t, 'NEW_IMAGE')

  t.test('refuses', async t => {
    await refuses(t, streams.describeStream({ StreamArn: 'x'.repeat(40) }), 'Invalid StreamArn')
    const other = StreamArn.replace('2026', '2025')
    await t.rejects(streams.describeStream({ StreamArn: other }), {
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Stream: ${other} not found`,
    })
  })

  t.test('behaves', async t => {
    const { StreamDescription } = await streams.describeStream({ StreamArn })
    t.match(StreamDescription, {
      StreamArn,
      StreamLabel: '2026-01-01T00:00:00.000',
      StreamStatus: 'ENABLED',
      StreamViewType: 'NEW_IMAGE',
      CreationRequestDateTime: new Date('2026-01-01'),
      TableName,
      KeySchema: HASH_ONLY.KeySchema,
      Shards: [{ ShardId, SequenceNumberRange: { StartingSequenceNumber: /^\d{21}$/ } }],
    })
    t.equal(StreamDescription!.Shards![0]!.SequenceNumberRange!.EndingSequenceNumber, undefined)
    t.strictSame((await streams.describeStream({ StreamArn, ExclusiveStartShardId: ShardId })).StreamDescription!.Shards, [])
    await client.putItem({ TableName, Item: { id: S('a') } })
    await client.updateTable({ TableName, StreamSpecification: { StreamEnabled: false } })
    await clock.advance(0)
    const closed = (await streams.describeStream({ StreamArn })).StreamDescription!
    t.equal(closed.StreamStatus, 'DISABLED')
    t.ok(closed.Shards![0]!.SequenceNumberRange!.EndingSequenceNumber)
    t.equal((await streams.listStreams({ TableName })).Streams!.length, 1, 'it is kept for a day')
    await clock.advance(24 * HOUR)
    await t.rejects(streams.describeStream({ StreamArn }), { name: 'ResourceNotFoundException' })
    t.strictSame((await streams.listStreams({})).Streams, [])
  })
})

t.test('GetShardIterator', async t => {
  const { client, clock, streams, StreamArn, ShardId, iterator, read, all } = await withStream(t, 'KEYS_ONLY')
  for (const id of ['a', 'b', 'c']) await client.putItem({ TableName, Item: { id: S(id) } })
  const keys = async (from: string | undefined) => (await read(from)).map(r => r.dynamodb!.Keys!.id!.S)

  t.test('refuses', async t => {
    await t.rejects(streams.getShardIterator({ StreamArn, ShardId: `${ShardId}x`, ShardIteratorType: 'LATEST' }), {
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Shard: ${ShardId}x in Stream: ${StreamArn} not found`,
    })
    await refuses(
      t,
      streams.getShardIterator({ StreamArn, ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER' }),
      'SequenceNumber must be specified when ShardIteratorType is AT_SEQUENCE_NUMBER',
    )
    await refuses(t, iterator('AT_SEQUENCE_NUMBER', 'x'.repeat(21)), 'Invalid SequenceNumber')
  })

  t.test('behaves', async t => {
    const [, b] = await all()
    const at = b!.dynamodb!.SequenceNumber!
    t.strictSame(await keys(await iterator('TRIM_HORIZON')), ['a', 'b', 'c'])
    t.strictSame(await keys(await iterator('AT_SEQUENCE_NUMBER', at)), ['b', 'c'])
    t.strictSame(await keys(await iterator('AFTER_SEQUENCE_NUMBER', at)), ['c'])
    const latest = await iterator('LATEST')
    t.strictSame(await keys(latest), [])
    await client.putItem({ TableName, Item: { id: S('d') } })
    t.strictSame(await keys(latest), ['d'])
    await clock.advance(24 * HOUR + 1)
    await t.rejects(iterator('AT_SEQUENCE_NUMBER', at), { name: 'TrimmedDataAccessException' })
    t.strictSame(await keys(await iterator('TRIM_HORIZON')), [], 'records are gone after a day')
  })
})

t.test('GetRecords', async t => {
  t.test('refuses', async t => {
    const { client, clock, streams, iterator, read } = await withStream(t, 'KEYS_ONLY')
    await client.putItem({ TableName, Item: { id: S('a') } })
    await refuses(t, streams.getRecords({ ShardIterator: 'x' }), 'Invalid ShardIterator')
    const first = await iterator('TRIM_HORIZON')
    await clock.advance(15 * 60 * 1000)
    t.equal((await read(first)).length, 1, 'an iterator is good for 15 minutes')
    await clock.advance(1)
    await t.rejects(read(first), { name: 'ExpiredIteratorException' })
    await clock.advance(23.6 * HOUR)
    const late = await iterator('TRIM_HORIZON')
    await clock.advance(14 * 60 * 1000)
    await t.rejects(read(late), { name: 'TrimmedDataAccessException' })
    await t.rejects(streams.getRecords({ ShardIterator: late, Limit: 1001 }), { name: 'ValidationException' })
  })

  t.test('behaves', async t => {
    for (const view of ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const) {
      const { client, all } = await withStream(t, view)
      const one = { id: S('a'), n: N(1) }
      const two = { id: S('a'), n: N(2) }
      await client.putItem({ TableName, Item: one })
      await client.putItem({ TableName, Item: one })
      await client.updateItem({
        TableName,
        Key: { id: S('a') },
        UpdateExpression: 'SET n = n + :one',
        ExpressionAttributeValues: { ':one': N(1) },
      })
      await client.deleteItem({ TableName, Key: { id: S('a') } })
      await client.deleteItem({ TableName, Key: { id: S('a') } })
      const records = await all()
      t.strictSame(
        records.map(r => r.eventName),
        ['INSERT', 'MODIFY', 'REMOVE'],
        'a write that changes nothing leaves no record',
      )
      const seqs = records.map(r => r.dynamodb!.SequenceNumber!)
      t.strictSame(seqs, [...seqs].sort())
      const news = view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES'
      const olds = view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES'
      t.strictSame(
        records.map(r => r.dynamodb!.NewImage),
        news ? [one, two, undefined] : [undefined, undefined, undefined],
      )
      t.strictSame(
        records.map(r => r.dynamodb!.OldImage),
        olds ? [undefined, one, two] : [undefined, undefined, undefined],
      )
      t.match(records[0], {
        eventID: /^[0-9a-f]{32}$/,
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
        dynamodb: { Keys: { id: S('a') }, StreamViewType: view, SizeBytes: news ? 9 : 3 },
      })
    }
  })

  t.test('pages, and ends with the shard', async t => {
    const { client, streams, iterator } = await withStream(t, 'NEW_AND_OLD_IMAGES')
    for (let i = 0; i < 5; i++) await client.putItem({ TableName, Item: { id: S(`${i}`) } })
    await client.transactWriteItems({
      TransactItems: [{ Put: { TableName, Item: { id: S('x') } } }, { Delete: { TableName, Key: { id: S('0') } } }],
    })
    await client.deleteTable({ TableName })
    const seen: (string | undefined)[] = []
    let next = await iterator('TRIM_HORIZON')
    while (next) {
      const page: Awaited<ReturnType<typeof streams.getRecords>> = await streams.getRecords({ ShardIterator: next, Limit: 3 })
      seen.push(...page.Records!.map(r => r.dynamodb!.Keys!.id!.S))
      next = page.NextShardIterator
    }
    t.strictSame(seen, ['0', '1', '2', '3', '4', 'x', '0'])
  })

  t.test('a page is at most 1 MB', async t => {
    const { client, streams, iterator } = await withStream(t, 'NEW_IMAGE')
    for (let i = 0; i < 4; i++) await client.putItem({ TableName, Item: { id: S(`${i}`), v: S('x'.repeat(399_000)) } })
    const first = await streams.getRecords({ ShardIterator: await iterator('TRIM_HORIZON') })
    t.equal(first.Records!.length, 2)
    t.equal((await streams.getRecords({ ShardIterator: first.NextShardIterator })).Records!.length, 2)
  })

  t.test('survives a restart', async t => {
    const { client, all, restart } = await withStream(t, 'NEW_IMAGE', true)
    await client.putItem({ TableName, Item: { id: S('a') } })
    await client.putItem({ TableName, Item: { id: S('b') } })
    const before = await all()
    await restart()
    t.strictSame(await all(), before)
    await client.putItem({ TableName, Item: { id: S('c') } })
    const after = await all()
    t.equal(after.length, 3)
    t.ok(after[2]!.dynamodb!.SequenceNumber! > after[1]!.dynamodb!.SequenceNumber!)
  })
})

t.test('on the wire', async t => {
  const { client, http, StreamArn, ShardId } = await withStream(t, 'NEW_IMAGE')
  await client.putItem({ TableName, Item: { id: S('a'), b: { B: new Uint8Array([1, 2]) } } })
  const call = async (operation: string, body: object) => {
    const response = await http({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDBStreams_20120810.${operation}` },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: JSON.parse(response.body) as Record<string, unknown> }
  }
  const { body } = await call('GetShardIterator', { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
  const { ShardIterator } = body
  t.match(ShardIterator, /^arn:aws:dynamodb:us-east-1:000000000000:table\/simple\/stream\/2026-01-01T00:00:00\.000\|1\|/)
  const read = await call('GetRecords', { ShardIterator })
  t.match(read.body.Records, [
    { dynamodb: { ApproximateCreationDateTime: 1767225600, Keys: { id: { S: 'a' } }, NewImage: { id: { S: 'a' }, b: { B: 'AQI=' } } } },
  ])
  t.match(await call('GetRecords', { ShardIterator: 'x' }), {
    status: 400,
    body: { __type: /#ValidationException$/, message: 'Invalid ShardIterator' },
  })
})
