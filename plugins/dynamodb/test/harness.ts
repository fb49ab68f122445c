import type { AttributeValue, CreateTableInput } from '@aws-sdk/client-dynamodb'
import type { ServiceClient } from '@ministack/gateway'
import { type TestOptions, testService } from '@ministack/gateway/testing'
import type { Test } from 'tap'
import plugin from '../src/index.js'

export type Client = ServiceClient<typeof import('@aws-sdk/client-dynamodb')>

/** DynamoDB under test. */
export async function dynamo(t: Test, options: TestOptions = {}) {
  const service = await testService<typeof import('@aws-sdk/client-dynamodb')>(plugin, options)
  t.teardown(() => service.close())
  return service
}

/** Sends an operation as it goes over the wire. */
export function post({ http }: Awaited<ReturnType<typeof dynamo>>, operation: string, body: string) {
  return http({
    method: 'POST',
    url: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00',
    },
    body,
  })
}

/** The usual table: `pk` (S) and `sk` (N). */
export const HASH_AND_RANGE: CreateTableInput = {
  TableName: 'tbl',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
}

/** A table with a hash key only: `id` (S). */
export const HASH_ONLY: CreateTableInput = {
  TableName: 'simple',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
}

/** The usual table with a local index on `lsk` (S) and three global ones on `gpk` (S), with `gsk` (N) in one. */
export const INDEXED: CreateTableInput = {
  ...HASH_AND_RANGE,
  TableName: 'indexed',
  AttributeDefinitions: [
    ...HASH_AND_RANGE.AttributeDefinitions!,
    { AttributeName: 'lsk', AttributeType: 'S' },
    { AttributeName: 'gpk', AttributeType: 'S' },
    { AttributeName: 'gsk', AttributeType: 'N' },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'local',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'lsk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'all',
      KeySchema: [
        { AttributeName: 'gpk', KeyType: 'HASH' },
        { AttributeName: 'gsk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
    { IndexName: 'keys', KeySchema: [{ AttributeName: 'gpk', KeyType: 'HASH' }], Projection: { ProjectionType: 'KEYS_ONLY' } },
    {
      IndexName: 'some',
      KeySchema: [{ AttributeName: 'gpk', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['v'] },
    },
  ],
}

/** DynamoDB under test, with tables that are ready. */
export async function withTables(t: Test, ...tables: CreateTableInput[]) {
  const service = await dynamo(t)
  for (const table of tables) await service.client.createTable(table)
  await service.clock.advance(0)
  return service
}

export const S = (S: string): AttributeValue => ({ S })
export const N = (n: number | string): AttributeValue => ({ N: String(n) })

/** A call that is refused with a ValidationException. */
export async function refuses(t: Test, call: Promise<unknown>, message: string, title = message): Promise<void> {
  await t.rejects(call, { name: 'ValidationException', message }, title)
}
