import { AwsError, paginate } from '@ministack/gateway'
import { validation } from '../errors.js'
import { type Context, operation } from '../kit.js'
import type { TableRecord } from '../tables/record.js'
import { checkTagCount, checkTags } from '../tables/tag-rules.js'

const PAGE = 10
const TABLE_ARN = /^arn:aws[a-z-]*:dynamodb:([a-z0-9-]+):(\d{12}):table\/([a-zA-Z0-9_.-]+)$/

/**
 * The table that an ARN names.
 * @throws ValidationException for another kind of ARN, ResourceNotFoundException, or AccessDeniedException for another account's.
 */
function taggedTable(ctx: Context, arn: string): Readonly<TableRecord> {
  const [, region, account, name] = TABLE_ARN.exec(arn) ?? []
  if (!name) throw validation(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`)
  if (account !== ctx.account) {
    throw new AwsError(
      'AccessDeniedException',
      `User: ${ctx.caller.arn} is not authorized to perform: dynamodb:${ctx.operation} on resource: ${arn}`,
    )
  }
  const record = region === ctx.region ? ctx.state.tables.get(name) : undefined
  if (!record) throw new AwsError('ResourceNotFoundException', `Requested resource not found: ResourcArn: ${arn} not found`)
  return record
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html */
export const tagResource = operation('TagResource', (ctx, { ResourceArn, Tags }) => {
  checkTags(Tags!)
  const record = taggedTable(ctx, ResourceArn!)
  const tags = new Map(record.tags.map(tag => [tag.Key!, tag]))
  for (const tag of Tags!) tags.set(tag.Key!, { ...tag })
  checkTagCount(tags.size)
  ctx.state.tables.update(record.name, table => {
    table.tags = [...tags.values()]
  })
  return {}
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html */
export const untagResource = operation('UntagResource', (ctx, { ResourceArn, TagKeys }) => {
  const record = taggedTable(ctx, ResourceArn!)
  ctx.state.tables.update(record.name, table => {
    table.tags = table.tags.filter(({ Key }) => !TagKeys!.includes(Key!))
  })
  return {}
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html */
export const listTagsOfResource = operation('ListTagsOfResource', (ctx, { ResourceArn, NextToken }) => {
  const record = taggedTable(ctx, ResourceArn!)
  const tags = record.tags.map(tag => ({ ...tag })).sort((a, b) => (a.Key! < b.Key! ? -1 : 1))
  const { items, nextToken } = paginate(tags, {
    limit: PAGE,
    token: NextToken,
    key: ({ Key }) => Key!,
    scope: record.id,
    invalid: () => validation('Invalid NextToken'),
  })
  return { Tags: items, NextToken: nextToken }
})
