import { AwsError, type Caller, evaluatePolicy, parseArn, parsePolicy } from '@ministack/gateway'
import { unsupported, validation } from '../errors.js'
import type { Context, InputOf } from '../kit.js'
import { newPolicy } from '../settings/resource-policy.js'
import { describe } from '../tables/describe.js'
import type { ResourcePolicy, TableRecord } from '../tables/record.js'
import { checkTags } from '../tables/tag-rules.js'
import { addMember } from './update.js'

/**
 * Global tables whose replicas are in different accounts. A replica is made with CreateTable in its own account, which the source's resource policy
 * must allow; the policies of both must let DynamoDB itself replicate.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-MultiAccount.html
 */

type CreateInput = InputOf<'CreateTable'>

const TABLE = /^table\/([a-zA-Z0-9_.-]{3,255})$/
const REPLICATION = 'replication.dynamodb.amazonaws.com'
/** What DynamoDB must be allowed to do to each replica. */
const REPLICATION_ACTIONS = ['ReadDataForReplication', 'WriteDataForReplication', 'ReplicateSettings'] as const

/** Makes a table as a replica of one in another account: CreateTable with a `GlobalTableSourceArn`. */
export async function createAssociated(ctx: Context, name: string, input: CreateInput) {
  checkAlone(input)
  const there = sourceContext(ctx, name, input.GlobalTableSourceArn!)
  const source = there.state.tables.get(name)
  if (!source || decision(source.arn, source.policy, ctx.caller, 'AssociateTableReplica') !== 'allow') {
    throw denied(ctx.caller.arn, 'AssociateTableReplica', input.GlobalTableSourceArn!)
  }
  checkSource(ctx, source)
  const arn = ctx.arn(`table/${name}`)
  const policy = input.ResourcePolicy === undefined ? undefined : newPolicy(ctx, arn, input.ResourcePolicy, false)
  for (const member of [source, { arn, policy }]) checkReplicable(member.arn, member.policy)
  const record = await addMember(there, source, ctx, { RegionName: ctx.region })
  ctx.state.tables.update(name, table => {
    table.policy = policy!
    table.deletionProtection = input.DeletionProtectionEnabled ?? false
    table.tags = (input.Tags ?? []).map(tag => ({ ...tag }))
  })
  return { TableDescription: describe(ctx, record) }
}

function checkAlone(input: CreateInput): void {
  if (input.GlobalTableSettingsReplicationMode !== 'ENABLED') {
    throw validation('GlobalTableSettingsReplicationMode must be ENABLED to create a replica of a multi-account global table')
  }
  const { TableName: _name, GlobalTableSourceArn: _source, GlobalTableSettingsReplicationMode: _mode, ...rest } = input
  const { ResourcePolicy: _policy, DeletionProtectionEnabled: _protection, Tags, ...settings } = rest
  const given = Object.entries(settings).filter(([, value]) => value !== undefined)
  if (given.length > 0) {
    throw validation(`A replica has the settings of its source table: ${given[0]![0]} cannot be specified with GlobalTableSourceArn`)
  }
  if (Tags) checkTags(Tags)
}

function sourceContext(ctx: Context, name: string, sourceArn: string): Context {
  const arn = parseArn(sourceArn)
  const sourceName = arn?.service === 'dynamodb' ? TABLE.exec(arn.resource)?.[1] : undefined
  if (!arn || sourceName === undefined) throw validation(`Invalid GlobalTableSourceArn: ${sourceArn}`)
  if (sourceName !== name) throw validation('The replicas of a global table must have the same name')
  if (arn.account === ctx.account) throw validation('Each replica of a multi-account global table must be in an account of its own')
  if (arn.region === ctx.region) throw validation('Each replica of a global table must be in a Region of its own')
  return ctx.as({ account: arn.account, region: arn.region })
}

function checkSource(ctx: Context, source: Readonly<TableRecord>): void {
  if (source.settingsReplication !== 'ENABLED') {
    throw validation(`GlobalTableSettingsReplicationMode of the source table is not ENABLED: ${source.arn}`)
  }
  if (source.status !== 'ACTIVE') throw new AwsError('ResourceInUseException', `The source table is not ACTIVE: ${source.arn}`)
  if (source.replicas?.some(({ region, account }) => region === ctx.region || account === ctx.account)) {
    throw validation('Each replica of a multi-account global table must be in an account and a Region of its own')
  }
}

function decision(arn: string, policy: ResourcePolicy | undefined, caller: Caller, action: string) {
  return policy ? evaluatePolicy(parsePolicy(policy.text, 'resource'), { caller, action: `dynamodb:${action}`, resource: arn }) : 'none'
}

function denied(who: string, action: string, arn: string): AwsError {
  return new AwsError(
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: dynamodb:${action} on resource: ${arn} because no resource-based policy allows the dynamodb:${action} action`,
  )
}

/** @throws AccessDeniedException when DynamoDB may not replicate a table. */
function checkReplicable(arn: string, policy: ResourcePolicy | undefined): void {
  const { account = '' } = parseArn(arn) ?? {}
  const caller: Caller = { account, arn: REPLICATION, userId: REPLICATION, type: 'service' }
  for (const action of REPLICATION_ACTIONS) if (decision(arn, policy, caller, action) !== 'allow') throw denied(REPLICATION, action, arn)
}

/** What an UpdateTable makes of the settings replication; undefined for nothing. @throws ValidationException */
export function settingsReplicationChange(
  record: Readonly<TableRecord>,
  mode: InputOf<'UpdateTable'>['GlobalTableSettingsReplicationMode'],
): ((table: TableRecord) => void) | undefined {
  if (mode === undefined) return undefined
  if (mode === 'ENABLED_WITH_OVERRIDES') throw validation('GlobalTableSettingsReplicationMode can only be set to ENABLED or DISABLED')
  if (record.replicas) throw validation('GlobalTableSettingsReplicationMode can only be changed for a regional table')
  return table => {
    table.settingsReplication = mode
  }
}

/**
 * Keeps a policy that replicas in other accounts need: what AWS does without it, to hold changes back for 20 hours, isn't done here.
 * @throws NotImplemented when a member of a multi-account global table would lose the permission to replicate.
 */
export function checkKeepsReplicating(table: Readonly<TableRecord>, policy: ResourcePolicy | undefined): void {
  if (!table.replicas?.some(({ account }) => account !== undefined)) return
  try {
    checkReplicable(table.arn, policy)
  } catch {
    throw unsupported('Taking the permission to replicate from a table of a multi-account global table')
  }
}
