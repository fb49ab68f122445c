import { operation } from '../kit.js'
import { describe } from '../tables/describe.js'
import { checkName, tableRecord } from '../tables/find.js'
import { LIMITS } from '../tables/throughput.js'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html */
export const describeTable = operation('DescribeTable', (ctx, input) => {
  const record = tableRecord(ctx, input.TableName!)
  return { Table: describe(ctx, record) }
})

const MAX_NAMES = 100

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html */
export const listTables = operation('ListTables', (ctx, { ExclusiveStartTableName: after, Limit = MAX_NAMES }) => {
  if (after !== undefined) checkName(after, 'exclusiveStartTableName')
  const names = [...ctx.state.tables.keys()].filter(name => after === undefined || name > after).sort()
  const TableNames = names.slice(0, Limit)
  return names.length > Limit ? { TableNames, LastEvaluatedTableName: TableNames.at(-1) } : { TableNames }
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html */
export const describeLimits = operation('DescribeLimits', () => ({ ...LIMITS }))

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeEndpoints.html */
export const describeEndpoints = operation('DescribeEndpoints', ctx => ({
  Endpoints: [{ Address: ctx.http?.host ?? ctx.config.host ?? `localhost:${ctx.config.port}`, CachePeriodInMinutes: 1440 }],
}))
