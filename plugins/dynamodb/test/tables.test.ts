import type { CreateTableInput, Projection, UpdateTableInput } from '@aws-sdk/client-dynamodb'
import t from 'tap'
import { dynamo, HASH_AND_RANGE, HASH_ONLY, INDEXED, N, refuses, S, withTables } from './harness.js'

const INVALID = 'One or more parameter values were invalid: '
const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/simple'
const { BillingMode: _onDemand, ...provisioned } = { ...HASH_ONLY, ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } }
const gsi = (IndexName: string, AttributeName: string) => ({
  IndexName,
  KeySchema: [{ AttributeName, KeyType: 'HASH' as const }],
  Projection: { ProjectionType: 'ALL' as const },
})

t.test('CreateTable', async t => {
  const { client, clock } = await dynamo(t)

  t.test('refuses', async t => {
    const a = { AttributeName: 'id', AttributeType: 'S' as const }
    const b = { AttributeName: 'b', AttributeType: 'S' as const }
    const cases: [Partial<CreateTableInput>, string][] = [
      [{ TableName: 'ab' }, 'TableName must be at least 3 characters long and at most 255 characters long'],
      [{ TableName: 'x'.repeat(256) }, 'TableName must be at least 3 characters long and at most 255 characters long'],
      [
        { TableName: 'a;b' },
        "1 validation error detected: Value 'a;b' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
      ],
      [
        { KeySchema: undefined },
        "1 validation error detected: Value null at 'keySchema' failed to satisfy constraint: Member must not be null",
      ],
      [
        { BillingMode: undefined },
        `${INVALID}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`,
      ],
      [
        { ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } },
        `${INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`,
      ],
      [{ KeySchema: [{ AttributeName: 'id', KeyType: 'RANGE' }] }, 'Invalid KeySchema: The first KeySchemaElement is not a HASH key type'],
      [
        {
          KeySchema: [
            { AttributeName: 'id', KeyType: 'HASH' },
            { AttributeName: 'b', KeyType: 'HASH' },
          ],
        },
        'Invalid KeySchema: The second KeySchemaElement is not a RANGE key type',
      ],
      [
        {
          KeySchema: [
            { AttributeName: 'id', KeyType: 'HASH' },
            { AttributeName: 'id', KeyType: 'RANGE' },
          ],
        },
        'Both the Hash Key and the Range Key element in the KeySchema have the same name',
      ],
      [{ AttributeDefinitions: [b] }, 'Invalid KeySchema: Some index key attribute have no definition'],
      [{ AttributeDefinitions: [a, a] }, 'Cannot have two attributes with the same name'],
      [
        { AttributeDefinitions: [a, b] },
        `${INVALID}Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions`,
      ],
      [
        { AttributeDefinitions: [a, b, { ...b, AttributeName: 'c' }], GlobalSecondaryIndexes: [gsi('idx', 'b')] },
        `${INVALID}Some AttributeDefinitions are not used. AttributeDefinitions: [id, b, c], keys used: [id, b]`,
      ],
      [
        { GlobalSecondaryIndexes: [gsi('idx', 'b')] },
        `${INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [b], AttributeDefinitions: [id]`,
      ],
      [{ GlobalSecondaryIndexes: [] }, `${INVALID}List of GlobalSecondaryIndexes is empty`],
      [{ LocalSecondaryIndexes: [] }, `${INVALID}List of LocalSecondaryIndexes is empty`],
      [{ AttributeDefinitions: [a, b], GlobalSecondaryIndexes: [gsi('idx', 'b'), gsi('idx', 'b')] }, `${INVALID}Duplicate index name: idx`],
      [
        { AttributeDefinitions: [a, b], GlobalSecondaryIndexes: [{ ...gsi('idx', 'b'), Projection: {} }] },
        `${INVALID}Unknown ProjectionType: null`,
      ],
      [
        {
          AttributeDefinitions: [a, b],
          GlobalSecondaryIndexes: [{ ...gsi('idx', 'b'), Projection: { ProjectionType: 'ALL', NonKeyAttributes: ['x'] } }],
        },
        `${INVALID}ProjectionType is ALL, but NonKeyAttributes is specified`,
      ],
      [
        { AttributeDefinitions: [a, b], GlobalSecondaryIndexes: [{ ...gsi('idx', 'b'), Projection: { ProjectionType: 'INCLUDE' } }] },
        `${INVALID}ProjectionType is INCLUDE, but NonKeyAttributes is not specified`,
      ],
      [
        { AttributeDefinitions: [a, b], GlobalSecondaryIndexes: Array.from({ length: 21 }, (_, i) => gsi(`idx${i}`, 'b')) },
        `${INVALID}GlobalSecondaryIndex count exceeds the per-table limit of 20`,
      ],
      [
        { LocalSecondaryIndexes: [gsi('idx', 'id')] },
        `${INVALID}Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex`,
      ],
      [{ StreamSpecification: { StreamEnabled: true } }, `${INVALID}StreamViewType must be specified when StreamEnabled is true`],
      [{ WarmThroughput: {} }, `${INVALID}At least one of ReadUnitsPerSecond and WriteUnitsPerSecond must be specified for WarmThroughput`],
      [{ SSESpecification: { Enabled: true, SSEType: 'AES256' } }, `${INVALID}SSEType AES256 is not supported`],
      [
        {
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'a', Value: '2' },
          ],
        },
        'Duplicate Keys found in Tags: a',
      ],
    ]
    for (const [change, message] of cases) await refuses(t, client.createTable({ ...HASH_ONLY, ...change }), message)
    const lsi = (hash: string, range?: string) => ({
      IndexName: 'idx',
      KeySchema: [
        { AttributeName: hash, KeyType: 'HASH' as const },
        ...(range ? [{ AttributeName: range, KeyType: 'RANGE' as const }] : []),
      ],
      Projection: { ProjectionType: 'ALL' as const },
    })
    await refuses(
      t,
      client.createTable({ ...HASH_AND_RANGE, LocalSecondaryIndexes: [lsi('pk')] }),
      `${INVALID}Index KeySchema does not have a range key for index: idx`,
    )
    await refuses(
      t,
      client.createTable({ ...HASH_AND_RANGE, LocalSecondaryIndexes: [lsi('sk', 'pk')] }),
      `${INVALID}Index KeySchema must have the same leading hash key as table KeySchema for index: idx. index hash key: sk, table hash key: pk`,
    )
    const local = (IndexName: string, Projection: Projection = { ProjectionType: 'ALL' }) => ({ ...lsi('pk', 'sk'), IndexName, Projection })
    const including = (name: string, from: number, to: number) => ({
      ProjectionType: 'INCLUDE' as const,
      NonKeyAttributes: Array.from({ length: to - from }, (_, i) => `${name}${from + i}`),
    })
    await refuses(
      t,
      client.createTable({ ...HASH_AND_RANGE, LocalSecondaryIndexes: ['ix1', 'ix2', 'ix3', 'ix4', 'ix5', 'ix6'].map(name => local(name)) }),
      `${INVALID}Number of LocalSecondaryIndexes exceeds per-table limit of 5`,
    )
    await refuses(
      t,
      client.createTable({ ...HASH_AND_RANGE, LocalSecondaryIndexes: [local('ix1'), local('ix1')] }),
      `${INVALID}Duplicate index name: ix1`,
    )
    await refuses(
      t,
      client.createTable({ ...HASH_AND_RANGE, LocalSecondaryIndexes: [local('same')], GlobalSecondaryIndexes: [gsi('same', 'pk')] }),
      `${INVALID}Duplicate index name: same`,
    )
    await t.rejects(
      client.createTable({ ...HASH_AND_RANGE, LocalSecondaryIndexes: [local('ix1', including('a', 0, 21))] }),
      { name: 'ValidationException', message: /Member must have length less than or equal to 20$/ },
      'an index includes at most 20 attributes',
    )
    await t.rejects(
      client.createTable({ ...HASH_AND_RANGE, LocalSecondaryIndexes: [local('ix1', including('a', 0, 0))] }),
      { name: 'ValidationException', message: /Member must have length greater than or equal to 1$/ },
      'and at least one',
    )
    await refuses(
      t,
      client.createTable({
        ...HASH_AND_RANGE,
        LocalSecondaryIndexes: ['ix1', 'ix2', 'ix3', 'ix4', 'ix5'].map(name => local(name, including('a', 0, 20))),
        GlobalSecondaryIndexes: [{ ...gsi('all', 'pk'), Projection: including('a', 0, 1) }],
      }),
      `${INVALID}Number of attributes in all the projections exceeds the limit of 100: 101`,
      'one attribute in two indexes counts twice',
    )
    await refuses(
      t,
      client.createTable({
        ...HASH_AND_RANGE,
        KeySchema: [...HASH_AND_RANGE.KeySchema!, { AttributeName: 'x', KeyType: 'RANGE' }],
      }),
      "1 validation error detected: Value '[KeySchemaElement(attributeName=pk, keyType=HASH), KeySchemaElement(attributeName=sk, keyType=RANGE), KeySchemaElement(attributeName=x, keyType=RANGE)]' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2",
    )
    await t.rejects(client.createTable({ ...provisioned, ProvisionedThroughput: { ReadCapacityUnits: 50_000, WriteCapacityUnits: 1 } }), {
      name: 'LimitExceededException',
      message: /^The requested ReadCapacityUnits, 50000, is above the per-table maximum for the account in us-east-1\./,
    })
    await t.rejects(client.createTable({ ...HASH_ONLY, VectorIndexes: [] } as CreateTableInput), { name: 'NotImplemented' })
  })

  t.test('behaves', async t => {
    const { TableDescription: created } = await client.createTable(provisioned)
    t.match(created, { TableStatus: 'CREATING', TableArn: ARN, ItemCount: 0, TableSizeBytes: 0, DeletionProtectionEnabled: false })
    t.strictSame(created!.ProvisionedThroughput, { NumberOfDecreasesToday: 0, ReadCapacityUnits: 5, WriteCapacityUnits: 5 })
    t.equal(created!.BillingModeSummary, undefined)
    await t.rejects(client.getItem({ TableName: 'simple', Key: { id: S('a') } }), { name: 'ResourceNotFoundException' }, 'not yet')
    await t.rejects(client.createTable(provisioned), { name: 'ResourceInUseException', message: 'Table already exists: simple' })
    await t.rejects(client.deleteTable({ TableName: 'simple' }), {
      name: 'ResourceInUseException',
      message: 'Attempt to change a resource which is still in use: Table is being created: simple',
    })
    await clock.advance(0)
    t.equal((await client.describeTable({ TableName: ARN })).Table!.TableStatus, 'ACTIVE')
    const indexed = await client.createTable({
      ...INDEXED,
      SSESpecification: { Enabled: true },
      TableClass: 'STANDARD_INFREQUENT_ACCESS',
      DeletionProtectionEnabled: true,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    t.strictSame(
      indexed.TableDescription!.AttributeDefinitions!.map(d => d.AttributeName),
      ['gpk', 'gsk', 'lsk', 'pk', 'sk'],
      'attributes are told in the order of their names',
    )
    t.strictSame(indexed.TableDescription!.BillingModeSummary, { BillingMode: 'PAY_PER_REQUEST' }, 'it becomes on-demand when it is ready')
    await clock.advance(0)
    const { Table } = await client.describeTable({ TableName: 'indexed' })
    t.match(Table, {
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: Date },
      LocalSecondaryIndexes: [{ IndexName: 'local', IndexArn: /table\/indexed\/index\/local$/ }],
      GlobalSecondaryIndexes: [
        { IndexName: 'all', IndexStatus: 'ACTIVE' },
        { IndexName: 'keys' },
        { IndexName: 'some', Projection: { NonKeyAttributes: ['v'] } },
      ],
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: /^arn:aws:kms:/ },
      TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' },
      DeletionProtectionEnabled: true,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      LatestStreamArn: /table\/indexed\/stream\/2026-01-01T00:00:00.000$/,
    })
  })
})

t.test('DeleteTable', async t => {
  const { client, clock } = await withTables(t, HASH_ONLY)
  await client.putItem({ TableName: 'simple', Item: { id: S('a') } })

  t.test('refuses', async t => {
    await t.rejects(client.deleteTable({ TableName: 'nope' }), {
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: nope not found',
    })
    await client.updateTable({ TableName: 'simple', DeletionProtectionEnabled: true })
    await clock.advance(0)
    await refuses(
      t,
      client.deleteTable({ TableName: 'simple' }),
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    )
    await client.updateTable({ TableName: 'simple', DeletionProtectionEnabled: false })
    await clock.advance(0)
  })

  t.test('behaves', async t => {
    const { TableDescription } = await client.deleteTable({ TableName: 'simple' })
    t.match(TableDescription, { TableName: 'simple', TableStatus: 'DELETING', ItemCount: 1, TableArn: String, TableId: String })
    for (const name of ['AttributeDefinitions', 'KeySchema', 'CreationDateTime'] as const) t.equal(TableDescription![name], undefined)
    const again = await client.deleteTable({ TableName: 'simple' })
    t.strictSame(again.TableDescription, TableDescription, 'a table that is being deleted may be deleted')
    await clock.advance(0)
    await t.rejects(client.describeTable({ TableName: 'simple' }), {
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: simple not found',
    })
    await client.createTable(HASH_ONLY)
    await clock.advance(0)
    t.equal((await client.scan({ TableName: 'simple' })).Count, 0, 'a table of the same name begins empty')
  })
})

t.test('ListTables', async t => {
  const { client } = await withTables(t, HASH_ONLY, HASH_AND_RANGE, INDEXED)
  t.strictSame(await client.listTables({}), { TableNames: ['indexed', 'simple', 'tbl'] })
  t.strictSame(await client.listTables({ Limit: 2 }), { TableNames: ['indexed', 'simple'], LastEvaluatedTableName: 'simple' })
  t.strictSame(await client.listTables({ Limit: 2, ExclusiveStartTableName: 'simple' }), { TableNames: ['tbl'] })
  await refuses(
    t,
    client.listTables({ Limit: 0 }),
    "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
  )
})

t.test('DescribeLimits and DescribeEndpoints', async t => {
  const { client } = await dynamo(t)
  t.match(await client.describeLimits({}), { AccountMaxReadCapacityUnits: 80000, TableMaxWriteCapacityUnits: 40000 })
  t.match(await client.describeEndpoints({}), { Endpoints: [{ Address: String, CachePeriodInMinutes: 1440 }] })
})

t.test('UpdateTable', async t => {
  const { client, clock } = await withTables(t, provisioned)
  const update = (change: Partial<UpdateTableInput>) => client.updateTable({ TableName: 'simple', ...change })
  const settled = async (change: Partial<UpdateTableInput>) => {
    await update(change)
    await clock.advance(0)
    return (await client.describeTable({ TableName: 'simple' })).Table!
  }

  t.test('refuses', async t => {
    await t.rejects(client.updateTable({ TableName: 'nope', DeletionProtectionEnabled: true }), { name: 'ResourceNotFoundException' })
    await refuses(
      t,
      update({}),
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
    )
    await refuses(
      t,
      update({ ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } }),
      'The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the table: 5. Requested WriteCapacityUnits: 5. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.',
    )
    await t.rejects(update({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'nope' } }] }), { name: 'ResourceNotFoundException' })
    const AttributeDefinitions = [{ AttributeName: 'g', AttributeType: 'S' as const }]
    await refuses(
      t,
      update({ GlobalSecondaryIndexUpdates: [{ Create: gsi('idx', 'g') }] }),
      `${INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [g], AttributeDefinitions: [id]`,
    )
    await refuses(
      t,
      update({ AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create: gsi('idx', 'g') }] }),
      `${INVALID}ProvisionedThroughput must be specified for index: idx`,
    )
    await t.rejects(
      update({ AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create: gsi('idx', 'g') }, { Create: gsi('idx2', 'g') }] }),
      {
        name: 'LimitExceededException',
        message: 'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
      },
    )
    await refuses(t, update({ StreamSpecification: { StreamEnabled: false } }), 'Table already has a disabled stream: TableName: simple')
  })

  t.test('behaves', async t => {
    const wider = await settled({ ProvisionedThroughput: { ReadCapacityUnits: 10, WriteCapacityUnits: 2 } })
    t.match(wider.ProvisionedThroughput, {
      ReadCapacityUnits: 10,
      WriteCapacityUnits: 2,
      NumberOfDecreasesToday: 1,
      LastIncreaseDateTime: Date,
      LastDecreaseDateTime: Date,
    })
    const going = await update({ ProvisionedThroughput: { ReadCapacityUnits: 9, WriteCapacityUnits: 2 } })
    t.match(going.TableDescription!.ProvisionedThroughput, { ReadCapacityUnits: 10, NumberOfDecreasesToday: 2 }, 'it has what it had')
    await clock.advance(0)
    for (const ReadCapacityUnits of [8, 7]) await settled({ ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits: 2 } })
    await t.rejects(update({ ProvisionedThroughput: { ReadCapacityUnits: 6, WriteCapacityUnits: 2 } }), {
      name: 'LimitExceededException',
      message:
        'Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the first 4 decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 seconds. Number of decreases today: 4. Last decrease at Thursday, January 1, 2026 12:00:00 AM UTC. Next decrease can be made at Thursday, January 1, 2026 1:00:00 AM UTC',
    })
    await clock.advance(3_600_000)
    await settled({ ProvisionedThroughput: { ReadCapacityUnits: 6, WriteCapacityUnits: 2 } })
    const { TableDescription } = await update({ BillingMode: 'PAY_PER_REQUEST' })
    t.equal(TableDescription!.TableStatus, 'UPDATING')
    await t.rejects(update({ BillingMode: 'PAY_PER_REQUEST' }), {
      name: 'ResourceInUseException',
      message: 'Attempt to change a resource which is still in use: Table is being updated: simple',
    })
    await clock.advance(0)
    const onDemand = (await client.describeTable({ TableName: 'simple' })).Table!
    t.match(onDemand, {
      TableStatus: 'ACTIVE',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      ProvisionedThroughput: { ReadCapacityUnits: 0 },
    })
    await refuses(
      t,
      update({ BillingMode: 'PROVISIONED' }),
      `${INVALID}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`,
    )
    t.match(await settled({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } }), {
      StreamSpecification: { StreamEnabled: true },
    })
    const off = await settled({ StreamSpecification: { StreamEnabled: false } })
    t.equal(off.StreamSpecification, undefined)
    t.ok(off.LatestStreamArn)
    await refuses(
      t,
      update({ OnDemandThroughput: {} }),
      `${INVALID}At least one of MaxReadRequestUnits and MaxWriteRequestUnits must be specified for OnDemandThroughput`,
    )
    t.match(await settled({ WarmThroughput: { ReadUnitsPerSecond: 15_000 } }), {
      WarmThroughput: { ReadUnitsPerSecond: 15_000, WriteUnitsPerSecond: 4_000 },
    })
    t.match(await settled({ OnDemandThroughput: { MaxReadRequestUnits: 7 } }), { OnDemandThroughput: { MaxReadRequestUnits: 7 } })
    const encrypting = await update({ SSESpecification: { Enabled: true } })
    t.strictSame(encrypting.TableDescription!.SSEDescription, { Status: 'UPDATING' })
    await clock.advance(0)
    t.match((await client.describeTable({ TableName: 'simple' })).Table!.SSEDescription, { Status: 'ENABLED', SSEType: 'KMS' })
    t.equal((await settled({ SSESpecification: { Enabled: false } })).SSEDescription, undefined)
  })

  t.test('creates, fills and deletes global indexes', async t => {
    for (let i = 0; i < 5000; i++)
      await client.putItem({ TableName: 'simple', Item: { id: S(`${i}`), ...(i % 2 && { g: S(`g${i % 10}`) }) } })
    await client.putItem({ TableName: 'simple', Item: { id: S('odd'), g: N(1) } })
    const { TableDescription } = await update({
      AttributeDefinitions: [{ AttributeName: 'g', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [{ Create: gsi('idx', 'g') }],
    })
    t.match(TableDescription, { TableStatus: 'UPDATING', GlobalSecondaryIndexes: [{ IndexStatus: 'CREATING', Backfilling: false }] })
    const read = () =>
      client.query({
        TableName: 'simple',
        IndexName: 'idx',
        KeyConditionExpression: 'g = :g',
        ExpressionAttributeValues: { ':g': S('g1') },
        Select: 'COUNT',
      })
    await refuses(t, read(), 'Cannot read from backfilling global secondary index: idx')
    await clock.advance(0)
    await client.putItem({ TableName: 'simple', Item: { id: S('late'), g: S('g1') } })
    await client.deleteItem({ TableName: 'simple', Key: { id: S('1') } })
    await clock.advance(1)
    t.match((await client.describeTable({ TableName: 'simple' })).Table, {
      TableStatus: 'ACTIVE',
      GlobalSecondaryIndexes: [{ IndexStatus: 'ACTIVE', Backfilling: undefined, ItemCount: 2500 }],
    })
    t.equal((await read()).Count, 500, 'an item with another type is left out')
    t.strictSame(
      (
        await client.updateItem({
          TableName: 'simple',
          Key: { id: S('odd') },
          UpdateExpression: 'SET x = :x',
          ExpressionAttributeValues: { ':x': N(1) },
          ReturnValues: 'ALL_NEW',
        })
      ).Attributes,
      { id: S('odd'), g: N(1), x: N(1) },
      'and may go on',
    )
    await refuses(
      t,
      update({
        AttributeDefinitions: [{ AttributeName: 'g', AttributeType: 'S' }],
        GlobalSecondaryIndexUpdates: [{ Create: gsi('idx', 'g') }],
      }),
      'Attempting to create an index which already exists',
    )
    await refuses(
      t,
      update({ GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'idx', OnDemandThroughput: { MaxReadRequestUnits: 0 } } }] }),
      `${INVALID}MaxReadRequestUnits must be -1 or at least 1 for index idx`,
    )
    await update({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'idx' } }] })
    await clock.advance(0)
    const { Table } = await client.describeTable({ TableName: 'simple' })
    t.equal(Table!.GlobalSecondaryIndexes, undefined)
    t.strictSame(Table!.AttributeDefinitions, [{ AttributeName: 'id', AttributeType: 'S' }])
    t.equal(Table!.ProvisionedThroughput!.NumberOfDecreasesToday, 5)
    await clock.advance(86_400_000)
    t.equal((await client.describeTable({ TableName: 'simple' })).Table!.ProvisionedThroughput!.NumberOfDecreasesToday, 0)
    await refuses(t, read(), 'The table does not have the specified index: idx')
  })
})

t.test('everything is there again after a restart', async t => {
  const service = await dynamo(t, { persist: true })
  const { client, clock } = service
  await client.createTable(INDEXED)
  await client.createTable(HASH_ONLY)
  await clock.advance(0)
  const item = {
    pk: S('a\0é😀'),
    sk: N('-1.5'),
    b: { B: new Uint8Array([0, 255]) },
    gpk: S('g'),
    gsk: N(2),
    bs: { BS: [new Uint8Array([7])] },
  }
  await client.putItem({ TableName: 'indexed', Item: item })
  await client.putItem({ TableName: 'indexed', Item: { pk: S('gone'), sk: N(1) } })
  await client.deleteItem({ TableName: 'indexed', Key: { pk: S('gone'), sk: N(1) } })
  await client.putItem({ TableName: 'simple', Item: { id: S('dropped') } })
  await client.deleteTable({ TableName: 'simple' })
  await clock.advance(0)
  await client.createTable(HASH_ONLY)
  await service.restart()
  const again = service.client
  t.strictSame((await again.scan({ TableName: 'indexed' })).Items, [item])
  const read = { TableName: 'indexed', IndexName: 'all', KeyConditionExpression: 'gpk = :g', ExpressionAttributeValues: { ':g': S('g') } }
  t.equal((await again.query(read)).Count, 1)
  await clock.advance(0)
  t.equal((await again.describeTable({ TableName: 'simple' })).Table!.TableStatus, 'ACTIVE', 'what was being created is')
  t.equal((await again.scan({ TableName: 'simple' })).Count, 0)
})
