import type { TableDescription } from '@aws-sdk/client-dynamodb'
import type { Context } from './kit.js'
import type { TargetId } from './state.js'
import { validation } from './targets.js'

/** What of a resource a target scales, as it is now. */
export interface Capacity {
  /** Undefined for a table that is paid by request. */
  readonly units: number | undefined
  /** Can it be changed now? */
  readonly settled: boolean
}

interface TableTarget {
  readonly table: string
  readonly index: string | undefined
  readonly member: 'ReadCapacityUnits' | 'WriteCapacityUnits'
}

function parse({ resourceId, dimension }: TargetId): TableTarget {
  const [, table = '', , index] = resourceId.split('/')
  return { table, index, member: dimension.endsWith('ReadCapacityUnits') ? 'ReadCapacityUnits' : 'WriteCapacityUnits' }
}

/** `read capacity units`, as the descriptions of activities say. */
export function unitsInWords(id: TargetId): string {
  return parse(id).member === 'ReadCapacityUnits' ? 'read capacity units' : 'write capacity units'
}

/** @throws ValidationException when the table or index isn't there. */
export async function currentCapacity(ctx: Context, id: TargetId): Promise<Capacity> {
  const { table, index, member } = parse(id)
  const { Table } = await ctx.services.dynamodb.describeTable({ TableName: table }).catch(error => {
    // A name that no table can have is refused before it is looked for.
    if (error.code === 'ResourceNotFoundException' || error.code === 'ValidationException')
      throw validation(`DynamoDB table does not exist: ${id.resourceId}`)
    throw error
  })
  const described = index === undefined ? Table : Table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index)
  if (!described) throw validation(`DynamoDB index does not exist: ${id.resourceId}`)
  return {
    units: isOnDemand(Table!) ? undefined : described.ProvisionedThroughput?.[member],
    settled: Table!.TableStatus === 'ACTIVE' && (Table!.GlobalSecondaryIndexes ?? []).every(({ IndexStatus }) => IndexStatus === 'ACTIVE'),
  }
}

function isOnDemand({ BillingModeSummary }: TableDescription): boolean {
  return BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST'
}

/** Changes the capacity; the resource's other capacities stay. */
export async function setCapacity(ctx: Context, id: TargetId, units: number): Promise<void> {
  const { table, index, member } = parse(id)
  const { Table } = await ctx.services.dynamodb.describeTable({ TableName: table })
  const now = index === undefined ? Table : Table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index)
  const { ReadCapacityUnits, WriteCapacityUnits } = now?.ProvisionedThroughput ?? {}
  const ProvisionedThroughput = { ReadCapacityUnits, WriteCapacityUnits, [member]: units }
  await ctx.services.dynamodb.updateTable(
    index === undefined
      ? { TableName: table, ProvisionedThroughput }
      : { TableName: table, GlobalSecondaryIndexUpdates: [{ Update: { IndexName: index, ProvisionedThroughput } }] },
  )
}
