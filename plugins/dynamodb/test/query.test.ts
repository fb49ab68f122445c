import type { QueryCommandInput } from '@aws-sdk/client-dynamodb'
import t from 'tap'
import { HASH_AND_RANGE, INDEXED, N, refuses, S, withTables } from './harness.js'

const TableName = 'tbl'

t.test('Query', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE, INDEXED)
  for (let i = 1; i <= 9; i++) await client.putItem({ TableName, Item: { pk: S('a'), sk: N(i), v: N(i % 3) } })
  await client.putItem({ TableName, Item: { pk: S('b'), sk: N(-1.5) } })
  const query = (input: Partial<QueryCommandInput>) => client.query({ TableName, ...input })
  const where = (KeyConditionExpression: string, values: Record<string, string | number>, more: Partial<QueryCommandInput> = {}) => {
    const ExpressionAttributeValues = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, typeof v === 'number' ? N(v) : S(v)]))
    return query({ KeyConditionExpression, ExpressionAttributeValues, ...more })
  }
  const keys = async (...args: Parameters<typeof where>) => (await where(...args)).Items!.map(item => Number(item.sk!.N))

  t.test('refuses', async t => {
    const cases: [Partial<QueryCommandInput>, string][] = [
      [{}, 'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.'],
      [{ KeyConditionExpression: 'sk = :a', ExpressionAttributeValues: { ':a': N(1) } }, 'Query condition missed key schema element: pk'],
      [{ KeyConditionExpression: 'pk > :a', ExpressionAttributeValues: { ':a': S('a') } }, 'Query key condition not supported'],
      [
        { KeyConditionExpression: 'pk = :a AND x = :a', ExpressionAttributeValues: { ':a': S('a') } },
        'Query condition missed key schema element: sk',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': N(1) } },
        'One or more parameter values were invalid: Condition parameter type does not match schema type',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('') } },
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
      ],
      [
        { KeyConditionExpression: 'pk = :a', FilterExpression: 'sk = :a', ExpressionAttributeValues: { ':a': S('a') } },
        'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') }, Select: 'COUNT', ProjectionExpression: 'v' },
        'Cannot specify the ProjectionExpression when choosing to get COUNT',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') }, Select: 'SPECIFIC_ATTRIBUTES' },
        'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') }, Select: 'ALL_PROJECTED_ATTRIBUTES' },
        'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') }, IndexName: 'nope' },
        'The table does not have the specified index: nope',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') }, ExclusiveStartKey: { pk: S('a') } },
        'The provided starting key is invalid',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') }, ExclusiveStartKey: { pk: S('a'), sk: S('1') } },
        'The provided starting key is invalid: The provided key element does not match the schema',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') }, ExclusiveStartKey: { pk: S('b'), sk: N(1) } },
        'The provided starting key is outside query boundaries based on provided conditions',
      ],
      ...[4, 9].map((sk): [Partial<QueryCommandInput>, string] => [
        {
          KeyConditionExpression: 'pk = :a AND sk BETWEEN :low AND :high',
          ExpressionAttributeValues: { ':a': S('a'), ':low': N(5), ':high': N(8) },
          ExclusiveStartKey: { pk: S('a'), sk: N(sk) },
        },
        'The provided starting key does not match the range key predicate',
      ]),
      [
        {
          KeyConditionExpression: 'pk = :a AND begins_with(sk, :b)',
          ExpressionAttributeValues: { ':a': S('a'), ':b': S('b') },
        },
        'One or more parameter values were invalid: Condition parameter type does not match schema type',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') }, ExclusiveStartKey: {} },
        'The provided starting key is invalid',
      ],
      [
        {
          KeyConditionExpression: 'pk = :a',
          ExpressionAttributeValues: { ':a': S('a') },
          ExclusiveStartKey: { pk: S('a'), sk: N(1), v: S('x') },
        },
        'The provided starting key is invalid',
      ],
      [
        { KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') }, Select: 'COUNT', AttributesToGet: ['v'] },
        'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {KeyConditionExpression}',
      ],
      [
        {
          KeyConditionExpression: 'pk = :a',
          ExpressionAttributeValues: { ':a': S('a') },
          Select: 'ALL_ATTRIBUTES',
          ProjectionExpression: 'v',
        },
        'Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES',
      ],
      [
        { KeyConditionExpression: 'pk = :a', FilterExpression: 'v = :b', ExpressionAttributeValues: { ':a': S('a') } },
        'Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :b',
      ],
      [
        { KeyConditions: {}, ExpressionAttributeValues: { ':a': S('a') } },
        'ExpressionAttributeValues can only be specified when using expressions: FilterExpression and KeyConditionExpression are null',
      ],
    ]
    for (const [input, message] of cases) await refuses(t, query(input), message)
    await t.rejects(where('pk = :a', { ':a': 'a' }, { TableName: 'nope' }), { name: 'ResourceNotFoundException' })
    const indexed = { TableName: 'indexed', KeyConditionExpression: 'gpk = :a', ExpressionAttributeValues: { ':a': S('a') } }
    await refuses(
      t,
      query({ ...indexed, IndexName: 'all', ConsistentRead: true }),
      'Consistent reads are not supported on global secondary indexes',
    )
    await refuses(
      t,
      query({ ...indexed, IndexName: 'keys', Select: 'ALL_ATTRIBUTES' }),
      'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index keys because its projection type is not ALL',
    )
    await refuses(
      t,
      query({ ...indexed, IndexName: 'some', ProjectionExpression: 'v, w' }),
      'One or more parameter values were invalid: Global secondary index some does not project [w]',
    )
  })

  t.test('behaves', async t => {
    t.strictSame(await keys('pk = :a', { ':a': 'a' }), [1, 2, 3, 4, 5, 6, 7, 8, 9])
    t.strictSame(await keys('pk = :a', { ':a': 'a' }, { ScanIndexForward: false, Limit: 3 }), [9, 8, 7])
    t.strictSame(await keys('pk = :a AND sk < :n', { ':a': 'a', ':n': 3 }), [1, 2])
    t.strictSame(await keys('pk = :a AND sk <= :n', { ':a': 'a', ':n': 3 }), [1, 2, 3])
    t.strictSame(await keys('pk = :a AND sk > :n', { ':a': 'a', ':n': 7 }), [8, 9])
    t.strictSame(await keys('pk = :a AND sk >= :n', { ':a': 'a', ':n': 7 }), [7, 8, 9])
    t.strictSame(await keys('pk = :a AND sk = :n', { ':a': 'a', ':n': 7 }), [7])
    t.strictSame(await keys('pk = :a AND sk BETWEEN :n AND :m', { ':a': 'a', ':n': 2.5, ':m': 4 }), [3, 4])
    t.strictSame(await keys('pk = :a AND sk < :n', { ':a': 'b', ':n': -1 }), [-1.5])
    t.strictSame(await keys('pk = :a', { ':a': 'nobody' }), [])
    t.strictSame(await where('pk = :a', { ':a': 'a', ':z': 0 }, { FilterExpression: 'v = :z', Select: 'COUNT', Limit: 7 }), {
      Count: 2,
      ScannedCount: 7,
      LastEvaluatedKey: { pk: S('a'), sk: N(7) },
    })
    t.strictSame((await where('pk = :a AND sk = :n', { ':a': 'a', ':n': 1 }, { ProjectionExpression: 'v' })).Items, [{ v: N(1) }])
    const used = await where('pk = :a', { ':a': 'a' }, { ReturnConsumedCapacity: 'INDEXES' })
    t.strictSame(used.ConsumedCapacity, { TableName, CapacityUnits: 0.5, Table: { CapacityUnits: 0.5 } })
  })

  t.test('pages go on where the last one ended, both ways', async t => {
    for (const ScanIndexForward of [true, false]) {
      const seen: number[] = []
      let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey']
      do {
        const page = await where('pk = :a AND sk > :n', { ':a': 'a', ':n': 1 }, { Limit: 3, ScanIndexForward, ExclusiveStartKey })
        seen.push(...page.Items!.map(item => Number(item.sk!.N)))
        ExclusiveStartKey = page.LastEvaluatedKey
      } while (ExclusiveStartKey)
      t.strictSame(seen, ScanIndexForward ? [2, 3, 4, 5, 6, 7, 8, 9] : [9, 8, 7, 6, 5, 4, 3, 2])
    }
  })
})

t.test('a page that its limit ends on the last item tells where to go on, and there is nothing', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE)
  for (const sk of [1, 2, 3]) await client.putItem({ TableName, Item: { pk: S('a'), sk: N(sk) } })
  const query = { TableName, KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': S('a') } }
  const exact = await client.query({ ...query, Limit: 3 })
  t.match(exact, { Count: 3, LastEvaluatedKey: { pk: S('a'), sk: N(3) } })
  t.match(await client.query({ ...query, ExclusiveStartKey: exact.LastEvaluatedKey }), { Count: 0, ScannedCount: 0, Items: [] })
  t.equal((await client.query({ ...query, Limit: 4 })).LastEvaluatedKey, undefined)
  const scanned = await client.scan({ TableName, Limit: 3 })
  t.match(scanned, { Count: 3, LastEvaluatedKey: { pk: S('a'), sk: N(3) } })
  const rest = await client.scan({ TableName, Limit: 3, ExclusiveStartKey: scanned.LastEvaluatedKey })
  t.equal(rest.Count, 0)
  t.equal(rest.LastEvaluatedKey, undefined)
})

t.test('the limit and the 1 MB count what is read, not what the filter leaves', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE)
  for (let i = 0; i < 5; i++) await client.putItem({ TableName, Item: { pk: S('a'), sk: N(i), v: S('x'.repeat(300 * 1024)) } })
  const query = { TableName, KeyConditionExpression: 'pk = :a' }
  const filter = { FilterExpression: 'v = :v', ExpressionAttributeValues: { ':a': S('a'), ':v': S('y') } }
  t.match(await client.query({ ...query, ...filter }), { Count: 0, ScannedCount: 4, LastEvaluatedKey: { pk: S('a'), sk: N(3) } })
  t.match(await client.query({ ...query, ...filter, Limit: 2 }), { Count: 0, ScannedCount: 2, LastEvaluatedKey: { pk: S('a'), sk: N(1) } })
  const counted = await client.query({ ...query, Select: 'COUNT', ExpressionAttributeValues: { ':a': S('a') } })
  t.match(counted, { Count: 4, ScannedCount: 4, LastEvaluatedKey: { pk: S('a'), sk: N(3) } })
  t.equal(counted.Items, undefined)
  const projected = await client.query({ ...query, ProjectionExpression: 'sk', ExpressionAttributeValues: { ':a': S('a') } })
  t.equal(projected.Count, 4, 'nor what the projection leaves')
})

t.test('a page ends after 1 MB', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE)
  for (let i = 0; i < 5; i++) await client.putItem({ TableName, Item: { pk: S('a'), sk: N(i), v: S('x'.repeat(300 * 1024)) } })
  const first = await client.query({
    TableName,
    KeyConditionExpression: 'pk = :a',
    ExpressionAttributeValues: { ':a': S('a') },
    ReturnConsumedCapacity: 'TOTAL',
  })
  t.equal(first.Count, 4)
  t.strictSame(first.LastEvaluatedKey, { pk: S('a'), sk: N(3) })
  t.equal(first.ConsumedCapacity!.CapacityUnits, 150.5)
  const scanned = await client.scan({ TableName, ExclusiveStartKey: first.LastEvaluatedKey })
  t.equal(scanned.Count, 1)
  t.equal(scanned.LastEvaluatedKey, undefined)
})

t.test('text and bytes are ordered by byte', async t => {
  const { client } = await withTables(
    t,
    {
      ...HASH_AND_RANGE,
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    },
    {
      ...HASH_AND_RANGE,
      TableName: 'bytes',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'B' },
      ],
    },
  )
  const texts = ['B', 'a', 'ab', 'abc', 'b', 'é', '\uffff', '😀']
  for (const text of texts.toReversed()) await client.putItem({ TableName, Item: { pk: S('p'), sk: S(text) } })
  const all = await client.query({ TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': S('p') } })
  t.strictSame(
    all.Items!.map(item => item.sk!.S),
    texts,
  )
  const some = await client.query({
    TableName,
    KeyConditionExpression: 'pk = :p AND begins_with(sk, :a)',
    ExpressionAttributeValues: { ':p': S('p'), ':a': S('a') },
    ScanIndexForward: false,
  })
  t.strictSame(
    some.Items!.map(item => item.sk!.S),
    ['abc', 'ab', 'a'],
  )
  for (const bytes of [[255], [0], [255, 255, 1], [1], [255, 255]]) {
    await client.putItem({ TableName: 'bytes', Item: { pk: S('p'), sk: { B: new Uint8Array(bytes) } } })
  }
  const prefixed = await client.query({
    TableName: 'bytes',
    KeyConditionExpression: 'pk = :p AND begins_with(sk, :a)',
    ExpressionAttributeValues: { ':p': S('p'), ':a': { B: new Uint8Array([255]) } },
  })
  t.strictSame(
    prefixed.Items!.map(item => [...item.sk!.B!]),
    [[255], [255, 255], [255, 255, 1]],
  )
})

t.test('Scan', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE)
  for (let i = 0; i < 50; i++) await client.putItem({ TableName, Item: { pk: S(`p${i % 20}`), sk: N(i), v: N(i) } })

  t.test('refuses', async t => {
    await t.rejects(client.scan({ TableName: 'nope' }), { name: 'ResourceNotFoundException' })
    await refuses(
      t,
      client.scan({ TableName, Segment: 1 }),
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    )
    await refuses(
      t,
      client.scan({ TableName, TotalSegments: 1 }),
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    )
    await refuses(
      t,
      client.scan({ TableName, Segment: 2, TotalSegments: 2 }),
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than TotalSegments: 2',
    )
    await refuses(
      t,
      client.scan({ TableName, Segment: 0, TotalSegments: 1_000_001 }),
      "1 validation error detected: Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000",
    )
    await refuses(
      t,
      client.scan({ TableName, Segment: -1, TotalSegments: 2 }),
      "1 validation error detected: Value '-1' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0",
    )
    await refuses(
      t,
      client.scan({ TableName, Limit: 0 }),
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    )
    await refuses(
      t,
      client.scan({ TableName, ProjectionExpression: 'v', ExpressionAttributeValues: { ':a': S('a') } }),
      'ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null',
      'a projection has no use for values',
    )
    await refuses(t, client.scan({ TableName, ExclusiveStartKey: { pk: S('a') } }), 'The provided starting key is invalid')
    await refuses(
      t,
      client.scan({ TableName, Select: 'ALL_PROJECTED_ATTRIBUTES' }),
      'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
    )
    await refuses(
      t,
      client.scan({ TableName, Select: 'COUNT', AttributesToGet: ['v'] }),
      'Cannot specify the AttributesToGet when choosing to get COUNT',
    )
    await refuses(
      t,
      client.scan({ TableName, Select: 'SPECIFIC_ATTRIBUTES' }),
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    )
    await refuses(
      t,
      client.scan({ TableName, ExpressionAttributeValues: { ':a': S('a') } }),
      'ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null',
    )
    await refuses(
      t,
      client.scan({ TableName, ExclusiveStartKey: { pk: S('a'), x: N(1) } }),
      'The provided starting key is invalid: The provided key element does not match the schema',
    )
  })

  t.test('behaves', async t => {
    const all = await client.scan({ TableName })
    t.equal(all.Count, 50)
    const seen: string[] = []
    for (let Segment = 0; Segment < 4; Segment++) {
      let ExclusiveStartKey: Awaited<ReturnType<typeof client.scan>>['LastEvaluatedKey']
      do {
        const page = await client.scan({ TableName, Segment, TotalSegments: 4, Limit: 3, ExclusiveStartKey })
        seen.push(...page.Items!.map(item => item.sk!.N!))
        ExclusiveStartKey = page.LastEvaluatedKey
      } while (ExclusiveStartKey)
    }
    t.strictSame(
      seen,
      all.Items!.map(item => item.sk!.N),
      'segments make up the scan, in its order',
    )
    const filtered = await client.scan({
      TableName,
      FilterExpression: 'v < :n',
      ExpressionAttributeValues: { ':n': N(10) },
      ProjectionExpression: 'sk',
    })
    t.match(filtered, { Count: 10, ScannedCount: 50 })
    t.strictSame(Object.keys(filtered.Items![0]!), ['sk'])
    t.strictSame(await client.scan({ TableName, Select: 'COUNT' }), { Count: 50, ScannedCount: 50 })
  })
})

t.test('indexes', async t => {
  const { client } = await withTables(t, INDEXED)
  const TableName = 'indexed'
  const put = (sk: number, more: Record<string, ReturnType<typeof S>>) =>
    client.putItem({ TableName, Item: { pk: S('a'), sk: N(sk), ...more } })
  const read = async (IndexName: string, more: Partial<QueryCommandInput> = {}) => {
    const input = { KeyConditionExpression: 'gpk = :g', ExpressionAttributeValues: { ':g': S('g') }, ...more }
    return client.query({ TableName, IndexName, ...input })
  }
  await put(1, { gpk: S('g'), gsk: N(20), lsk: S('z'), v: S('one'), w: S('w') })
  await put(2, { gpk: S('g'), gsk: N(10), lsk: S('y') })
  await put(3, { gpk: S('g'), v: S('three') })
  await put(4, { lsk: S('x') })

  t.test('hold the items that have their keys, in their order, with what they project', async t => {
    t.strictSame(
      (await read('all')).Items!.map(item => item.sk!.N),
      ['2', '1'],
    )
    t.strictSame((await read('all')).Items![1], { pk: S('a'), sk: N(1), gpk: S('g'), gsk: N(20), lsk: S('z'), v: S('one'), w: S('w') })
    t.strictSame((await read('keys')).Items![0], { pk: S('a'), sk: N(1), gpk: S('g') })
    t.strictSame((await read('some')).Items![2], { pk: S('a'), sk: N(3), gpk: S('g'), v: S('three') })
    t.equal((await client.scan({ TableName, IndexName: 'all' })).Count, 2)
    const local = { KeyConditionExpression: 'pk = :a AND lsk > :l', ExpressionAttributeValues: { ':a': S('a'), ':l': S('x') } }
    t.strictSame((await client.query({ TableName, IndexName: 'local', ...local })).Items, [
      { pk: S('a'), lsk: S('y'), sk: N(2) },
      { pk: S('a'), lsk: S('z'), sk: N(1) },
    ])
    const fetched = await client.query({
      TableName,
      IndexName: 'local',
      ...local,
      ProjectionExpression: 'w',
      ReturnConsumedCapacity: 'INDEXES',
    })
    t.strictSame(fetched.Items, [{}, { w: S('w') }], 'local indexes fetch what they lack')
    t.strictSame(fetched.ConsumedCapacity, {
      TableName,
      CapacityUnits: 1.5,
      Table: { CapacityUnits: 1 },
      LocalSecondaryIndexes: { local: { CapacityUnits: 0.5 } },
    })
    t.strictSame((await client.query({ TableName, IndexName: 'local', ...local, Select: 'ALL_ATTRIBUTES', ConsistentRead: true })).Count, 2)
  })

  t.test('have pages, also among equal keys', async t => {
    const seen: string[] = []
    let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey']
    do {
      const page = await read('keys', { Limit: 1, ExclusiveStartKey, ScanIndexForward: false })
      seen.push(...page.Items!.map(item => item.sk!.N!))
      ExclusiveStartKey = page.LastEvaluatedKey
      if (ExclusiveStartKey) t.strictSame(Object.keys(ExclusiveStartKey).sort(), ['gpk', 'pk', 'sk'])
    } while (ExclusiveStartKey)
    t.strictSame(seen, ['3', '2', '1'])
  })

  t.test('follow every change', async t => {
    await client.updateItem({
      TableName,
      Key: { pk: S('a'), sk: N(2) },
      UpdateExpression: 'SET gsk = :n',
      ExpressionAttributeValues: { ':n': N(30) },
    })
    t.strictSame(
      (await read('all')).Items!.map(item => item.sk!.N),
      ['1', '2'],
    )
    await client.updateItem({ TableName, Key: { pk: S('a'), sk: N(1) }, UpdateExpression: 'REMOVE gsk' })
    t.strictSame(
      (await read('all')).Items!.map(item => item.sk!.N),
      ['2'],
    )
    await client.deleteItem({ TableName, Key: { pk: S('a'), sk: N(2) } })
    t.equal((await read('all')).Count, 0)
    t.equal((await read('keys')).Count, 2)
    const { Table } = await client.describeTable({ TableName })
    t.match(Table, {
      ItemCount: 3,
      GlobalSecondaryIndexes: [{ IndexName: 'all', ItemCount: 0, IndexSizeBytes: 0 }, { ItemCount: 2 }, { ItemCount: 2 }],
    })
  })
})

t.test('global indexes may have keys of several attributes', async t => {
  const parts = ['h1', 'h2', 'r1', 'r2']
  const { client } = await withTables(t, {
    ...HASH_AND_RANGE,
    AttributeDefinitions: [
      ...HASH_AND_RANGE.AttributeDefinitions!,
      ...parts.map(AttributeName => ({ AttributeName, AttributeType: 'S' as const })),
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'multi',
        KeySchema: parts.map(AttributeName => ({
          AttributeName,
          KeyType: AttributeName.startsWith('h') ? ('HASH' as const) : ('RANGE' as const),
        })),
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  })
  let sk = 0
  for (const [r1, r2] of [
    ['a', 'x'],
    ['a', 'xy'],
    ['a\0', 'a'],
    ['ab', 'a'],
    ['b', 'a'],
  ]) {
    await client.putItem({ TableName, Item: { pk: S('p'), sk: N(sk++), h1: S('1'), h2: S('2'), r1: S(r1!), r2: S(r2!) } })
  }
  const read = async (condition: string, values: Record<string, string>) => {
    const ExpressionAttributeValues = Object.fromEntries(Object.entries({ ':1': '1', ':2': '2', ...values }).map(([k, v]) => [k, S(v)]))
    const page = await client.query({
      TableName,
      IndexName: 'multi',
      KeyConditionExpression: `h1 = :1 AND h2 = :2${condition}`,
      ExpressionAttributeValues,
    })
    return page.Items!.map(item => Number(item.sk!.N))
  }
  t.strictSame(await read('', {}), [0, 1, 2, 3, 4])
  t.strictSame(await read(' AND r1 = :a', { ':a': 'a' }), [0, 1])
  t.strictSame(await read(' AND r1 = :a AND r2 = :x', { ':a': 'a', ':x': 'x' }), [0])
  t.strictSame(await read(' AND r1 = :a AND r2 > :x', { ':a': 'a', ':x': 'x' }), [1])
  t.strictSame(await read(' AND r1 > :a', { ':a': 'a' }), [2, 3, 4])
  t.strictSame(await read(' AND r1 <= :a', { ':a': 'a\0' }), [0, 1, 2])
  t.strictSame(await read(' AND begins_with(r1, :a)', { ':a': 'a' }), [0, 1, 2, 3])
  t.strictSame(await read(' AND r1 BETWEEN :a AND :b', { ':a': 'ab', ':b': 'b' }), [3, 4])
  await refuses(t, read(' AND r2 = :x', { ':x': 'x' }), 'Query condition missed key schema element: r1')
})
