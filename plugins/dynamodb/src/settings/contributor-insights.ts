import type { ContributorInsightsStatus } from '@aws-sdk/client-dynamodb'
import { AwsError, paginate } from '@ministack/gateway'
import { validation } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { tableRecord } from '../tables/find.js'
import type { Insights, TableRecord } from '../tables/record.js'

/** The rules that contributor insights would make in CloudWatch: accessed (C) and throttled (T) partition keys and, with a sort key, sort keys. */
function ruleNames(table: Readonly<TableRecord>, index: string | undefined, { mode, changedAt }: Insights): string[] {
  const schema = index === undefined ? table.keySchema : indexRecord(table, index).keySchema
  const keys = schema.some(e => e.KeyType === 'RANGE') ? ['PK', 'SK'] : ['PK']
  const kinds = (mode === 'THROTTLED_KEYS' ? ['T'] : ['C', 'T']).flatMap(kind => keys.map(key => `${key}${kind}`))
  const of = index === undefined ? table.name : `${table.name}-${index}`
  return kinds.map(kind => `DynamoDBContributorInsights-${kind}-${of}-${changedAt}`)
}

/** @throws ResourceNotFoundException */
function indexRecord(table: Readonly<TableRecord>, name: string) {
  const index = table.globalIndexes.find(i => i.name === name)
  if (!index) throw new AwsError('ResourceNotFoundException', `Requested resource not found: Index: ${name} not found`)
  return index
}

function checked(ctx: Context, tableName: string, index: string | undefined): Readonly<TableRecord> {
  const table = tableRecord(ctx, tableName)
  if (index !== undefined) indexRecord(table, index)
  return table
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html */
export const updateContributorInsights = operation('UpdateContributorInsights', (ctx, input) => {
  const { IndexName, ContributorInsightsAction } = input
  const table = checked(ctx, input.TableName!, IndexName)
  // The mode stays what it was, unless another is asked for.
  const { ContributorInsightsMode = table.insights?.[IndexName ?? '']?.mode ?? 'ACCESSED_AND_THROTTLED_KEYS' } = input
  const enabled = ContributorInsightsAction === 'ENABLE'
  const changedAt = ctx.clock.now()
  ctx.state.tables.update(table.name, t => {
    t.insights = { ...t.insights, [IndexName ?? '']: { enabled, mode: ContributorInsightsMode, changedAt } }
  })
  const status: ContributorInsightsStatus = enabled ? 'ENABLING' : 'DISABLING'
  return {
    TableName: table.name,
    ...(IndexName !== undefined && { IndexName }),
    ContributorInsightsStatus: status,
    ContributorInsightsMode,
  }
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContributorInsights.html */
export const describeContributorInsights = operation('DescribeContributorInsights', (ctx, { TableName, IndexName }) => {
  const table = checked(ctx, TableName!, IndexName)
  const insights = table.insights?.[IndexName ?? '']
  const status: ContributorInsightsStatus = insights?.enabled ? 'ENABLED' : 'DISABLED'
  return {
    TableName: table.name,
    ...(IndexName !== undefined && { IndexName }),
    ...(insights?.enabled && {
      ContributorInsightsRuleList: ruleNames(table, IndexName, insights),
      ContributorInsightsMode: insights.mode,
    }),
    ContributorInsightsStatus: status,
    ...(insights && { LastUpdateDateTime: new Date(insights.changedAt) }),
  }
})

const MAX_PAGE = 100

/** The insights of the table and of the indexes that it still has. */
function insightsOf({ insights = {}, globalIndexes }: Readonly<TableRecord>) {
  return Object.entries(insights).filter(([index]) => index === '' || globalIndexes.some(({ name }) => name === index))
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListContributorInsights.html */
export const listContributorInsights = operation('ListContributorInsights', (ctx, { TableName, NextToken, MaxResults }) => {
  const tables = TableName === undefined ? [...ctx.state.tables.values()] : [tableRecord(ctx, TableName)]
  const all = tables.flatMap(table =>
    insightsOf(table).map(([index, { enabled, mode }]) => ({
      key: `${table.name}/${index}`,
      summary: {
        TableName: table.name,
        ...(index !== '' && { IndexName: index }),
        ContributorInsightsStatus: (enabled ? 'ENABLED' : 'DISABLED') as ContributorInsightsStatus,
        ContributorInsightsMode: mode,
      },
    })),
  )
  all.sort((a, b) => (a.key < b.key ? -1 : 1))
  const { items, nextToken } = paginate(all, {
    limit: MaxResults || MAX_PAGE,
    token: NextToken,
    key: ({ key }) => key,
    scope: 'insights',
    invalid: () => validation('Invalid NextToken'),
  })
  return { ContributorInsightsSummaries: items.map(({ summary }) => summary), ...(nextToken !== undefined && { NextToken: nextToken }) }
})
