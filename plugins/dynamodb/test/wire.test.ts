import t from 'tap'
import { HASH_ONLY, post, withTables } from './harness.js'

t.test('on the wire', async t => {
  const service = await withTables(t, HASH_ONLY)
  const call = async (operation: string, body: string) => {
    const response = await post(service, operation, body)
    return [response.status, response.body] as const
  }
  const put = (item: string) => call('PutItem', `{"TableName":"simple","Item":{"id":{"S":"a"},${item}}}`)
  const error = (message: string) => [400, `"message":${JSON.stringify(message)}}`]

  t.test('every type comes back as it was sent', async t => {
    const item = [
      '"s":{"S":"é😀\\u0000"}',
      '"n":{"N":"-1.5"}',
      '"b":{"B":"AP8="}',
      '"t":{"BOOL":false}',
      '"z":{"NULL":true}',
      '"ss":{"SS":["b","a"]}',
      '"ns":{"NS":["2","1"]}',
      '"bs":{"BS":["AQ==",""]}',
      '"l":{"L":[{"S":""},{"L":[]}]}',
      '"m":{"M":{"x":{"M":{}}}}',
      '"__proto__":{"S":"p"}',
      '"constructor":{"S":"c"}',
    ].join(',')
    t.strictSame(await put(item), [200, '{}'])
    t.strictSame(await call('GetItem', '{"TableName":"simple","Key":{"id":{"S":"a"}}}'), [200, `{"Item":{"id":{"S":"a"},${item}}}`])
  })

  t.test('numbers come back in canonical form', async t => {
    await put('"n":{"N":"1E+3"},"ns":{"NS":["0.10","+7"]}')
    const [, body] = await call('GetItem', '{"TableName":"simple","Key":{"id":{"S":"a"}}}')
    t.equal(body, '{"Item":{"id":{"S":"a"},"n":{"N":"1000"},"ns":{"NS":["0.1","7"]}}}')
  })

  t.test('values that are none are refused', async t => {
    const cases = [
      ['"x":{}', 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
      ['"x":{"X":"x"}', 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
      [
        '"x":{"S":"a","N":"1"}',
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      ],
      ['"x":{"NULL":false}', 'One or more parameter values were invalid: Null attribute value types must have the value of true'],
      ['"x":{"N":"one"}', 'The parameter cannot be converted to a numeric value: one'],
    ] as const
    for (const [attribute, message] of cases) {
      const [status, body] = await put(attribute)
      t.equal(status, 400)
      t.ok(body.endsWith(error(message)[1] as string), body)
    }
  })

  t.test('errors carry the namespace of the service', async t => {
    t.strictSame(await call('GetItem', '{"TableName":"nope","Key":{"id":{"S":"a"}}}'), [
      400,
      '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}',
    ])
    const condition = '"ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"'
    await put('"v":{"N":"1"}')
    t.strictSame(await call('PutItem', `{"TableName":"simple","Item":{"id":{"S":"a"}},${condition}}`), [
      400,
      '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":{"id":{"S":"a"},"v":{"N":"1"}}}',
    ])
    const [, cancelled] = await call(
      'TransactWriteItems',
      `{"TransactItems":[{"Put":{"TableName":"simple","Item":{"id":{"S":"a"}},"ConditionExpression":"attribute_not_exists(id)"}},{"Delete":{"TableName":"simple","Key":{"id":{"S":"b"}}}}]}`,
    )
    t.match(JSON.parse(cancelled), {
      __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
      Message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None]',
      CancellationReasons: [{ Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' }, { Code: 'None' }],
    })
  })

  t.test('requests that break the model are told so in its terms', async t => {
    const cases = [
      [
        'GetItem',
        '{"TableName":"simple"}',
        "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must not be null",
      ],
      [
        'GetItem',
        '{"TableName":"simple","Key":{},"ReturnConsumedCapacity":"ALL"}',
        "1 validation error detected: Value 'ALL' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]",
      ],
      [
        'PutItem',
        '{"TableName":"simple","Item":{},"ReturnValues":"ALL"}',
        "1 validation error detected: Value 'ALL' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
      ],
      [
        'BatchWriteItem',
        '{"RequestItems":{"simple":[]}}',
        "1 validation error detected: Value '{simple=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
      ],
      [
        'TransactWriteItems',
        '{"TransactItems":[]}',
        "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
      ],
    ] as const
    for (const [operation, body, message] of cases) {
      const [status, answer] = await call(operation, body)
      t.equal(status, 400)
      t.ok(answer.endsWith(error(message)[1] as string), answer)
    }
  })
})
