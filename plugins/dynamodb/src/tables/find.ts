import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import type { Context } from '../kit.js'
import { policyDecision } from '../settings/resource-policy.js'
import type { OpenTable } from './open-tables.js'
import type { TableRecord } from './record.js'

const NAME = /^[a-zA-Z0-9_.-]+$/
const TABLE_ARN = /^arn:aws[a-z-]*:dynamodb:([a-z0-9-]+):(\d{12}):table\/([a-zA-Z0-9_.-]{3,255})$/

/** What a request's `TableName` (a name or an ARN) stands for. */
export interface TableRef {
  /** The context of the account that has the table. */
  readonly ctx: Context
  readonly name: string
  /** Undefined when there is no such table. */
  readonly record: Readonly<TableRecord> | undefined
}

/**
 * Looks a table up without asking for its state, so that what else is wrong with the request can be told first.
 * @throws ValidationException for what is no table name or ARN.
 */
export function findTable(ctx: Context, nameOrArn: string): TableRef {
  const record = ctx.state.tables.get(nameOrArn)
  if (record) return allowed(ctx, { ctx, name: nameOrArn, record })
  if (!nameOrArn.startsWith('arn:')) {
    checkName(nameOrArn, 'tableName')
    return { ctx, name: nameOrArn, record }
  }
  const [, region, account, name] = TABLE_ARN.exec(nameOrArn) ?? []
  if (!name) throw validation(`Invalid TableArn: Invalid ResourceArn provided as input ${nameOrArn}`)
  if (region !== ctx.region) return { ctx, name, record: undefined }
  if (account === ctx.account) return allowed(ctx, { ctx, name, record: ctx.state.tables.get(name) })
  const owner = ctx.as({ account: account! })
  const theirs = owner.state.tables.get(name)
  if (theirs && policyDecision(ctx, theirs.arn, theirs.policy) === 'allow') return { ctx: owner, name, record: theirs }
  throw new AwsError(
    'AccessDeniedException',
    `User: ${ctx.caller.arn} is not authorized to perform: dynamodb:${ctx.operation} on resource: ${nameOrArn} because no resource-based policy allows the dynamodb:${ctx.operation} action`,
  )
}

/** @throws AccessDeniedException when the table's own policy denies it. */
function allowed(ctx: Context, ref: TableRef): TableRef {
  const { record } = ref
  if (!record?.policy || policyDecision(ctx, record.arn, record.policy) !== 'deny') return ref
  throw new AwsError(
    'AccessDeniedException',
    `User: ${ctx.caller.arn} is not authorized to perform: dynamodb:${ctx.operation} on resource: ${record.arn} with an explicit deny in a resource-based policy`,
  )
}

/** @throws ValidationException in the words of a broken model constraint. */
export function checkName(name: string, member: string): void {
  const problems: string[] = []
  if (!NAME.test(name)) problems.push('Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+')
  if (name.length < 3) problems.push('Member must have length greater than or equal to 3')
  if (name.length > 255) problems.push('Member must have length less than or equal to 255')
  if (problems.length === 0) return
  const found = problems.map(problem => `Value '${name}' at '${member}' failed to satisfy constraint: ${problem}`)
  throw validation(`${found.length} validation error${found.length === 1 ? '' : 's'} detected: ${found.join('; ')}`)
}

/**
 * The table, for reading and writing items.
 * @throws ResourceNotFoundException when it isn't there or not yet.
 */
export function openTable({ ctx, record }: TableRef): OpenTable {
  if (!record || record.status === 'CREATING') throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
  return ctx.stores.open.get(record, ctx)
}

/** The same in one step. */
export function tableOf(ctx: Context, nameOrArn: string): OpenTable {
  return openTable(findTable(ctx, nameOrArn))
}

/**
 * The record of a table, for operations on tables.
 * @throws ResourceNotFoundException, which names the table.
 */
export function tableRecord(ctx: Context, nameOrArn: string): Readonly<TableRecord> {
  const { name, record } = findTable(ctx, nameOrArn)
  if (!record) throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`)
  return record
}
