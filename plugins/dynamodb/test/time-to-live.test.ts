import t from 'tap'
import { dynamo, HASH_ONLY, N, refuses, S, withTables } from './harness.js'

const TableName = 'simple'
const HOUR = 60 * 60 * 1000
const on = { TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' } }
const off = { TableName, TimeToLiveSpecification: { Enabled: false, AttributeName: 'expires' } }

t.test('UpdateTimeToLive', async t => {
  t.test('refuses', async t => {
    const { client, clock } = await withTables(t, HASH_ONLY)
    await t.rejects(client.updateTimeToLive({ ...on, TableName: 'nope' }), {
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: nope not found',
    })
    await refuses(t, client.updateTimeToLive(off), 'TimeToLive is already disabled')
    await client.updateTimeToLive(on)
    await refuses(t, client.updateTimeToLive(on), 'TimeToLive is already enabled')
    await refuses(t, client.updateTimeToLive(off), 'Time to live has been modified multiple times within a fixed interval')
    await clock.advance(HOUR)
    await refuses(
      t,
      client.updateTimeToLive({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'x' } }),
      'TimeToLive is active on a different AttributeName: current AttributeName is expires',
    )
    t.strictSame(await client.updateTimeToLive(off), { TimeToLiveSpecification: off.TimeToLiveSpecification })
  })

  t.test('deletes what expires, on the clock, and tells the stream who did it', async t => {
    const service = await dynamo(t, { persist: true })
    const { client, clock } = service
    const streams = service.service<typeof import('@aws-sdk/client-dynamodb-streams')>('dynamodbstreams')
    await client.createTable({ ...HASH_ONLY, StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' } })
    await clock.advance(0)
    const now = Math.floor(clock.now() / 1000)
    const put = (id: string, expires: ReturnType<typeof N>) => client.putItem({ TableName, Item: { id: S(id), expires } })
    await put('before', N(now + 10))
    await put('ancient', N(now - 6 * 365 * 24 * 3600))
    await put('text', S(String(now - 10)))
    await client.updateTimeToLive(on)
    await put('later', N(now + 20))
    await put('moved', N(now + 5))
    await put('moved', N(now + 30))
    const ids = async () => (await client.scan({ TableName })).Items!.map(i => i.id!.S).sort()
    await clock.advance(9_999)
    t.strictSame(await ids(), ['ancient', 'before', 'later', 'moved', 'text'])
    await clock.advance(1)
    t.strictSame(await ids(), ['ancient', 'later', 'moved', 'text'])
    await service.restart()
    await client.describeTable({ TableName })
    await clock.advance(10_000)
    t.strictSame(await ids(), ['ancient', 'moved', 'text'], 'goes on after a restart')
    const { Streams } = await streams.listStreams({})
    const StreamArn = Streams![0]!.StreamArn
    const { ShardId } = (await streams.describeStream({ StreamArn })).StreamDescription!.Shards![0]!
    const { ShardIterator } = await streams.getShardIterator({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
    const { Records } = await streams.getRecords({ ShardIterator })
    const removed = Records!.filter(r => r.eventName === 'REMOVE')
    t.strictSame(
      removed.map(r => [r.dynamodb!.Keys!.id!.S, r.userIdentity]),
      ['before', 'later'].map(id => [id, { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' }]),
    )
    await clock.advance(HOUR)
    await client.updateTimeToLive(off)
    await put('stays', N(now))
    await clock.advance(HOUR)
    t.strictSame(await ids(), ['ancient', 'stays', 'text'])
  })
})

t.test('DescribeTimeToLive', async t => {
  const service = await dynamo(t, { persist: true })
  const { client, clock } = service
  await client.createTable(HASH_ONLY)
  await clock.advance(0)

  t.test('refuses', async t => {
    await t.rejects(client.describeTimeToLive({ TableName: 'nope' }), { name: 'ResourceNotFoundException' })
  })

  t.test('behaves', async t => {
    t.strictSame(await client.describeTimeToLive({ TableName }), { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } })
    const described = async () => (await client.describeTimeToLive({ TableName })).TimeToLiveDescription
    const AttributeName = 'expires'
    await client.updateTimeToLive(on)
    t.strictSame(await described(), { TimeToLiveStatus: 'ENABLING', AttributeName })
    await service.restart()
    await client.describeTable({ TableName })
    await clock.advance(0)
    t.strictSame(await described(), { TimeToLiveStatus: 'ENABLED', AttributeName }, 'it settles after a restart too')
    await clock.advance(HOUR)
    await client.updateTimeToLive(off)
    t.strictSame(await described(), { TimeToLiveStatus: 'DISABLING', AttributeName })
    await clock.advance(0)
    t.strictSame(await described(), { TimeToLiveStatus: 'DISABLED' })
  })
})
