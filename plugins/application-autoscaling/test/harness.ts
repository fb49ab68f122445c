import type { TableDescription } from '@aws-sdk/client-dynamodb'
import { AwsError, definePlugin, forService } from '@ministack/gateway'
import { type TestOptions, testService } from '@ministack/gateway/testing'
import type { Test } from 'tap'
import plugin from '../src/index.js'

/** A DynamoDB that has tables `orders` and `on-demand`; its table is settled once `settle` was called. */
function dynamodb() {
  const { operation, service } = forService<typeof import('@aws-sdk/client-dynamodb')>()
  const orders: TableDescription = {
    TableStatus: 'ACTIVE',
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    GlobalSecondaryIndexes: [
      { IndexName: 'by-day', IndexStatus: 'ACTIVE', ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } },
    ],
  }
  const tables: Record<string, TableDescription> = {
    orders,
    'on-demand': { TableStatus: 'ACTIVE', BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } },
  }
  const failure: { error: AwsError | undefined } = { error: undefined }
  const plugin = definePlugin({
    manifest: new URL('../../../dynamodb/manifest.json', import.meta.url),
    services: {
      dynamodb: service({
        DescribeTable: operation('DescribeTable', (_ctx, { TableName }) => {
          const Table = tables[TableName!]
          if (!Table) throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${TableName} not found`)
          return { Table: structuredClone(Table) }
        }),
        UpdateTable: operation('UpdateTable', (_ctx, { ProvisionedThroughput, GlobalSecondaryIndexUpdates }) => {
          if (failure.error) throw failure.error
          if (ProvisionedThroughput) orders.ProvisionedThroughput = { ...ProvisionedThroughput }
          const update = GlobalSecondaryIndexUpdates?.[0]?.Update
          if (update) orders.GlobalSecondaryIndexes![0]!.ProvisionedThroughput = { ...update.ProvisionedThroughput! }
          return {}
        }),
      }),
      dynamodbstreams: service({}),
    },
  })
  return { plugin, orders, failure }
}

/** Application Auto Scaling under test, beside a DynamoDB that can be looked into. */
export async function autoScaling(t: Test, options: TestOptions = {}) {
  const { plugin: tables, orders, failure } = dynamodb()
  const service = await testService<typeof import('@aws-sdk/client-application-auto-scaling')>(plugin, { ...options, with: [tables] })
  t.teardown(() => service.close())
  return Object.assign(service, { orders, failure })
}

export const WRITES = {
  ServiceNamespace: 'dynamodb',
  ResourceId: 'table/orders',
  ScalableDimension: 'dynamodb:table:WriteCapacityUnits',
} as const

export const INDEX_READS = {
  ServiceNamespace: 'dynamodb',
  ResourceId: 'table/orders/index/by-day',
  ScalableDimension: 'dynamodb:index:ReadCapacityUnits',
} as const

/** A call that is refused with a ValidationException. */
export async function refuses(t: Test, call: Promise<unknown>, message: string | RegExp): Promise<void> {
  await t.rejects(call, { name: 'ValidationException', message }, String(message))
}
