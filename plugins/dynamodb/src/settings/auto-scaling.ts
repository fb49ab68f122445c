import type {
  AutoScalingSettingsDescription,
  AutoScalingSettingsUpdate,
  ReplicaAutoScalingDescription,
  TableAutoScalingDescription,
} from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { invalidValues, validation } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { checkSettled } from '../operations/delete-table.js'
import { sharingPeersOf } from '../replicas/replicate.js'
import { tableRecord } from '../tables/find.js'
import type { AutoScaling, TableRecord } from '../tables/record.js'

/** What is asked for of settings, by what they are of: `write`, `write/<index>`, `read/<region>`, `read/<region>/<index>`. The record keeps them so too. */
export type ScalingUpdates = ReadonlyMap<string, AutoScalingSettingsUpdate>

const MIN_TARGET = 20
const MAX_TARGET = 90

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTableReplicaAutoScaling.html */
export const updateTableReplicaAutoScaling = operation('UpdateTableReplicaAutoScaling', (ctx, input) => {
  const updates = new Map<string, AutoScalingSettingsUpdate>()
  const add = (key: string, update: AutoScalingSettingsUpdate | undefined) => update && updates.set(key, update)
  add('write', input.ProvisionedWriteCapacityAutoScalingUpdate)
  for (const { IndexName, ProvisionedWriteCapacityAutoScalingUpdate } of input.GlobalSecondaryIndexUpdates ?? []) {
    add(`write/${IndexName}`, ProvisionedWriteCapacityAutoScalingUpdate)
  }
  for (const replica of input.ReplicaUpdates ?? []) {
    add(`read/${replica.RegionName}`, replica.ReplicaProvisionedReadCapacityAutoScalingUpdate)
    for (const { IndexName, ProvisionedReadCapacityAutoScalingUpdate } of replica.ReplicaGlobalSecondaryIndexUpdates ?? []) {
      add(`read/${replica.RegionName}/${IndexName}`, ProvisionedReadCapacityAutoScalingUpdate)
    }
  }
  if (updates.size === 0) throw validation('At least one auto scaling update is required')
  const table = tableRecord(ctx, input.TableName!)
  checkSettled(table)
  for (const key of updates.keys()) checkTarget(ctx, table, key)
  checkScaling(table, updates)
  // The settings are the global table's: every member knows them.
  for (const member of [{ ctx, record: table }, ...sharingPeersOf(ctx, table)]) {
    member.ctx.state.tables.update(table.name, t => setScaling(member.ctx, t, updates))
  }
  return { TableAutoScalingDescription: describeScaling(ctx, table) }
})

/**
 * Checks what is asked for against the settings that are there.
 * @throws ValidationException
 */
export function checkScaling(table: Readonly<TableRecord>, updates: ScalingUpdates): void {
  for (const [key, { MinimumUnits, MaximumUnits, AutoScalingDisabled, ScalingPolicyUpdate }] of updates) {
    if (AutoScalingDisabled) {
      if ((MinimumUnits ?? MaximumUnits ?? ScalingPolicyUpdate) === undefined) continue
      throw invalidValues('Auto scaling settings cannot be specified when AutoScalingDisabled is true')
    }
    const old = table.scaling?.[key]
    const minimum = MinimumUnits ?? old?.minimum
    const maximum = MaximumUnits ?? old?.maximum
    // https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
    if (minimum === undefined || maximum === undefined) {
      throw invalidValues('MinimumUnits and MaximumUnits must both be specified when auto scaling is enabled')
    }
    if (minimum > maximum) throw invalidValues('MinimumUnits must be less than or equal to MaximumUnits')
    const policy = ScalingPolicyUpdate?.TargetTrackingScalingPolicyConfiguration
    if (!policy) continue
    if (policy.TargetValue! < MIN_TARGET || policy.TargetValue! > MAX_TARGET) {
      throw invalidValues(`TargetValue must be between ${MIN_TARGET} and ${MAX_TARGET}`)
    }
    for (const cooldown of ['ScaleInCooldown', 'ScaleOutCooldown'] as const) {
      if ((policy[cooldown] ?? 0) < 0) throw invalidValues(`${cooldown} must be greater than or equal to 0`)
    }
  }
}

/** Sets a table's settings to what is asked for, which has been checked. */
export function setScaling(ctx: Context, table: TableRecord, updates: ScalingUpdates): void {
  if (updates.size === 0) return
  const settings = { ...table.scaling }
  for (const [key, update] of updates) {
    if (update.AutoScalingDisabled) delete settings[key]
    else settings[key] = merged(ctx, table, settings[key], key, update)
  }
  table.scaling = settings
}

function checkTarget(ctx: Context, table: Readonly<TableRecord>, key: string): void {
  if (table.billingMode === 'PAY_PER_REQUEST') {
    throw validation(`Auto scaling can not be set for a table in PAY_PER_REQUEST billing mode: ${table.name}`)
  }
  const [kind, first, second] = key.split('/')
  const index = kind === 'write' ? first : second
  if (index !== undefined && !table.globalIndexes.some(({ name }) => name === index)) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Index: ${index} not found`)
  }
  if (kind === 'read' && first !== ctx.region && !table.replicas?.some(({ region }) => region === first)) {
    throw new AwsError('ResourceNotFoundException', `Requested resource not found: Replica: ${first} not found`)
  }
}

function merged(
  ctx: Context,
  table: TableRecord,
  old: AutoScaling | undefined,
  key: string,
  update: AutoScalingSettingsUpdate,
): AutoScaling {
  const { MinimumUnits, MaximumUnits, AutoScalingRoleArn, ScalingPolicyUpdate: policy } = update
  const role = `arn:${ctx.partition}:iam::${ctx.account}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable`
  const [kind, first, second] = key.split('/')
  const index = kind === 'write' ? first : second
  const target = `table/${table.name}${index === undefined ? '' : `/index/${index}`}`
  return {
    minimum: MinimumUnits ?? old!.minimum,
    maximum: MaximumUnits ?? old!.maximum,
    role: AutoScalingRoleArn ?? old?.role ?? role,
    ...(old?.policy && { policyName: old.policyName, policy: old.policy }),
    ...(policy && {
      policyName: policy.PolicyName ?? old?.policyName ?? `DynamoDB${kind === 'write' ? 'Write' : 'Read'}CapacityUtilization:${target}`,
      policy: { ...policy.TargetTrackingScalingPolicyConfiguration! },
    }),
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTableReplicaAutoScaling.html */
export const describeTableReplicaAutoScaling = operation('DescribeTableReplicaAutoScaling', (ctx, { TableName }) => ({
  TableAutoScalingDescription: describeScaling(ctx, tableRecord(ctx, TableName!)),
}))

function describeScaling(ctx: Context, table: Readonly<TableRecord>): TableAutoScalingDescription {
  const regions = [ctx.region, ...(table.replicas ?? []).map(({ region }) => region)]
  return {
    TableName: table.name,
    TableStatus: table.status,
    Replicas: regions.map(
      (region): ReplicaAutoScalingDescription => ({
        RegionName: region,
        GlobalSecondaryIndexes: table.globalIndexes.map(({ name, status }) => ({
          IndexName: name,
          IndexStatus: status,
          ProvisionedReadCapacityAutoScalingSettings: describeSettings(table.scaling?.[`read/${region}/${name}`]),
          ProvisionedWriteCapacityAutoScalingSettings: describeSettings(table.scaling?.[`write/${name}`]),
        })),
        ReplicaProvisionedReadCapacityAutoScalingSettings: describeSettings(table.scaling?.[`read/${region}`]),
        ReplicaProvisionedWriteCapacityAutoScalingSettings: describeSettings(table.scaling?.write),
        ReplicaStatus: 'ACTIVE',
      }),
    ),
  }
}

/** Settings as they are told; those that aren't there are disabled. */
export function describeSettings(settings: AutoScaling | undefined): AutoScalingSettingsDescription {
  if (!settings) return { AutoScalingDisabled: true }
  return {
    MinimumUnits: settings.minimum,
    MaximumUnits: settings.maximum,
    AutoScalingDisabled: false,
    AutoScalingRoleArn: settings.role,
    ...(settings.policy && {
      ScalingPolicies: [{ PolicyName: settings.policyName, TargetTrackingScalingPolicyConfiguration: { ...settings.policy } }],
    }),
  }
}
