import type { Condition, ExpectedAttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb'
import t from 'tap'
import { HASH_AND_RANGE, N, refuses, S, withTables } from './harness.js'

const TableName = 'tbl'
const Key = { pk: S('a'), sk: N(1) }
const INVALID = 'One or more parameter values were invalid: '

t.test('Expected', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE)
  await client.putItem({ TableName, Item: { ...Key, s: S('abc'), n: N(5), ss: { SS: ['x', 'y'] }, l: { L: [N(1)] } } })
  const test = (Expected: Record<string, ExpectedAttributeValue>, ConditionalOperator?: 'AND' | 'OR') =>
    client.updateItem({ TableName, Key, Expected, ConditionalOperator })

  t.test('refuses', async t => {
    const cases: [ExpectedAttributeValue, string][] = [
      [{}, 'Value must be provided when Exists is null for Attribute: s'],
      [{ Exists: true }, 'Value must be provided when Exists is true for Attribute: s'],
      [{ Exists: false, Value: S('a') }, 'Value cannot be used when Exists is false for Attribute: s'],
      [{ Exists: true, ComparisonOperator: 'EQ', Value: S('a') }, 'Exists and ComparisonOperator cannot be used together for Attribute: s'],
      [
        { Value: S('a'), ComparisonOperator: 'EQ', AttributeValueList: [S('a')] },
        'Value and AttributeValueList cannot be used together for Attribute: s',
      ],
      [{ AttributeValueList: [S('a')] }, 'AttributeValueList can only be used with a ComparisonOperator for Attribute: s'],
      [{ ComparisonOperator: 'EQ', AttributeValueList: [S('a'), S('b')] }, 'Invalid number of argument(s) for the EQ ComparisonOperator'],
      [{ ComparisonOperator: 'NULL', AttributeValueList: [S('a')] }, 'Invalid number of argument(s) for the NULL ComparisonOperator'],
      [{ ComparisonOperator: 'BETWEEN', AttributeValueList: [S('a')] }, 'Invalid number of argument(s) for the BETWEEN ComparisonOperator'],
      [
        { ComparisonOperator: 'LT', AttributeValueList: [{ BOOL: true }] },
        'ComparisonOperator LT is not valid for BOOL AttributeValue type',
      ],
      [
        { ComparisonOperator: 'BEGINS_WITH', AttributeValueList: [N(1)] },
        'ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type',
      ],
      [
        { ComparisonOperator: 'CONTAINS', AttributeValueList: [{ L: [] }] },
        'ComparisonOperator CONTAINS is not valid for L AttributeValue type',
      ],
      [
        { ComparisonOperator: 'NOT_CONTAINS', AttributeValueList: [{ M: {} }] },
        'ComparisonOperator NOT_CONTAINS is not valid for M AttributeValue type',
      ],
      [{ ComparisonOperator: 'IN', AttributeValueList: [N(1), S('a')] }, 'AttributeValues inside AttributeValueList must be of same type'],
    ]
    for (const [expected, message] of cases) await refuses(t, test({ s: expected }), INVALID + message)
    await refuses(
      t,
      test({ n: { ComparisonOperator: 'BETWEEN', AttributeValueList: [N(9), N(1)] } }),
      'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound',
    )
    await refuses(
      t,
      test({ s: { Exists: false } }, 'OR'),
      'ConditionalOperator can only be used when Filter or Expected has two or more elements',
    )
    await refuses(
      t,
      client.updateItem({ TableName, Key, ConditionalOperator: 'OR' }),
      'ConditionalOperator cannot be used without Filter or Expected',
    )
  })

  t.test('behaves', async t => {
    const cases: [ExpectedAttributeValue, string, boolean][] = [
      [{ Value: S('abc') }, 's', true],
      [{ Value: S('x') }, 's', false],
      [{ Exists: false }, 's', false],
      [{ Exists: false }, 'zz', true],
      [{ ComparisonOperator: 'NE', Value: S('x') }, 's', true],
      [{ ComparisonOperator: 'NULL' }, 'zz', true],
      [{ ComparisonOperator: 'NOT_NULL' }, 'zz', false],
      [{ ComparisonOperator: 'LE', AttributeValueList: [N(5)] }, 'n', true],
      [{ ComparisonOperator: 'LT', AttributeValueList: [N(5)] }, 'n', false],
      [{ ComparisonOperator: 'GE', AttributeValueList: [N(5)] }, 'n', true],
      [{ ComparisonOperator: 'GT', AttributeValueList: [N(5)] }, 'n', false],
      [{ ComparisonOperator: 'BETWEEN', AttributeValueList: [N(1), N(9)] }, 'n', true],
      [{ ComparisonOperator: 'IN', AttributeValueList: [N(1), N(5)] }, 'n', true],
      [{ ComparisonOperator: 'BEGINS_WITH', AttributeValueList: [S('ab')] }, 's', true],
      [{ ComparisonOperator: 'CONTAINS', AttributeValueList: [S('bc')] }, 's', true],
      [{ ComparisonOperator: 'CONTAINS', AttributeValueList: [S('x')] }, 'ss', true],
      [{ ComparisonOperator: 'CONTAINS', AttributeValueList: [N(1)] }, 'l', true],
      [{ ComparisonOperator: 'NOT_CONTAINS', AttributeValueList: [S('z')] }, 'ss', true],
      [{ ComparisonOperator: 'NOT_CONTAINS', AttributeValueList: [S('x')] }, 'ss', false],
    ]
    for (const [expected, name, holds] of cases) {
      const title = `${name} ${JSON.stringify(expected)}`
      if (holds) await t.resolves(test({ [name]: expected }), title)
      else await t.rejects(test({ [name]: expected }), { name: 'ConditionalCheckFailedException' }, title)
    }
    await t.resolves(test({ s: { Value: S('x') }, n: { Value: N(5) } }, 'OR'))
    await t.rejects(test({ s: { Value: S('x') }, n: { Value: N(5) } }), { name: 'ConditionalCheckFailedException' })
  })
})

t.test('AttributeUpdates', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE)
  const update = async (AttributeUpdates: UpdateItemCommandInput['AttributeUpdates']) =>
    (await client.updateItem({ TableName, Key, AttributeUpdates, ReturnValues: 'UPDATED_NEW' })).Attributes

  t.test('behaves', async t => {
    t.strictSame(
      await update({ a: { Value: N(1) }, ss: { Action: 'ADD', Value: { SS: ['x'] } }, l: { Action: 'ADD', Value: { L: [N(1)] } } }),
      {
        a: N(1),
        ss: { SS: ['x'] },
        l: { L: [N(1)] },
      },
    )
    t.strictSame(await update({ a: { Action: 'ADD', Value: N(2) }, l: { Action: 'ADD', Value: { L: [N(2)] } } }), {
      a: N(3),
      l: { L: [N(1), N(2)] },
    })
    t.strictSame(await update({ ss: { Action: 'ADD', Value: { SS: ['y'] } } }), { ss: { SS: ['x', 'y'] } })
    t.strictSame(await update({ ss: { Action: 'DELETE', Value: { SS: ['x'] } } }), { ss: { SS: ['y'] } })
    t.equal(await update({ ss: { Action: 'DELETE' }, l: { Action: 'DELETE' } }), undefined)
    t.strictSame((await client.getItem({ TableName, Key })).Item, { ...Key, a: N(3) })
    const nobody = { pk: S('nobody'), sk: N(1) }
    await client.updateItem({ TableName, Key: nobody, AttributeUpdates: { a: { Action: 'DELETE' } } })
    t.strictSame(await client.getItem({ TableName, Key: nobody }), {}, 'a delete makes no item')
  })

  t.test('refuses', async t => {
    await refuses(t, update({ a: { Action: 'PUT' } }), `${INVALID}Only DELETE action is allowed when no attribute value is specified`)
    await refuses(
      t,
      update({ a: { Action: 'DELETE', Value: S('x') } }),
      `${INVALID}DELETE action with value is not supported for the type S`,
    )
    await refuses(t, update({ a: { Action: 'ADD', Value: S('x') } }), `${INVALID}ADD action is not supported for the type S`)
    await refuses(t, update({ a: { Action: 'ADD', Value: { SS: ['x'] } } }), 'Type mismatch for attribute to update')
    await refuses(t, update({ pk: { Value: S('x') } }), `${INVALID}Cannot update attribute pk. This attribute is part of the key`)
  })
})

t.test('KeyConditions, QueryFilter and ScanFilter', async t => {
  const { client } = await withTables(t, HASH_AND_RANGE)
  for (let i = 1; i <= 5; i++) await client.putItem({ TableName, Item: { pk: S('a'), sk: N(i), v: N(i * 10) } })
  const is = (
    ComparisonOperator: Condition['ComparisonOperator'],
    ...AttributeValueList: NonNullable<Condition['AttributeValueList']>
  ): Condition => ({
    ComparisonOperator,
    AttributeValueList,
  })
  const count = async (KeyConditions: Record<string, Condition>, QueryFilter?: Record<string, Condition>) =>
    (await client.query({ TableName, KeyConditions, QueryFilter })).Count

  t.equal(await count({ pk: is('EQ', S('a')) }), 5)
  t.equal(await count({ pk: is('EQ', S('a')), sk: is('GT', N(3)) }), 2)
  t.equal(await count({ pk: is('EQ', S('a')), sk: is('BETWEEN', N(2), N(4)) }), 3)
  t.equal(await count({ pk: is('EQ', S('a')) }, { v: is('LE', N(20)) }), 2)
  await refuses(t, count({ pk: is('NE', S('a')) }), 'Attempted conditional constraint is not an indexable operation')
  await refuses(t, count({ pk: is('GT', S('a')) }), 'Query key condition not supported')
  await refuses(t, count({ sk: is('EQ', N(1)) }), 'Query condition missed key schema element: pk')
  await refuses(
    t,
    count({ pk: is('EQ', S('a')) }, { sk: is('EQ', N(1)) }),
    'QueryFilter can only contain non-primary key attributes: Primary key attribute: sk',
  )
  await refuses(
    t,
    client.query({ TableName, KeyConditions: { pk: is('EQ', S('a')) }, FilterExpression: 'attribute_exists(v)' }),
    'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {KeyConditions} Expression parameters: {FilterExpression}',
  )
  const scanned = await client.scan({ TableName, ScanFilter: { v: is('GE', N(20)), sk: is('EQ', N(1)) }, ConditionalOperator: 'OR' })
  t.equal(scanned.Count, 5)
  t.strictSame((await client.scan({ TableName, AttributesToGet: ['v'], Limit: 1 })).Items, [{ v: N(10) }])
})
