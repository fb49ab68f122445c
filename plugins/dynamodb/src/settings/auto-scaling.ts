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
import { tableRecord } from '../tables/find.js'
import type { AutoScaling, TableRecord } from '../tables/record.js'

/** Settings as the record keeps them, by what they are of: `write`, `write/<index>`, `read/<region>`, `read/<region>/<index>`. */
type Settings = Record<string, AutoScaling>

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
  for (const update of updates.values()) checkUpdate(update)
  const table = tableRecord(ctx, input.TableName!)
  checkSettled(table)
  for (const key of updates.keys()) checkTarget(ctx, table, key)
  ctx.state.tables.update(table.name, t => {
    const settings: Settings = { ...t.scaling }
    for (const [key, update] of updates) {
      if (update.AutoScalingDisabled) delete settings[key]
      else settings[key] = merged(ctx, t, settings[key], key, update)
    }
    t.scaling = settings
  })
  return { TableAutoScalingDescription: describeScaling(ctx, table) }
})

function checkUpdate({ MinimumUnits, MaximumUnits, AutoScalingDisabled, ScalingPolicyUpdate }: AutoScalingSettingsUpdate): void {
  if (AutoScalingDisabled) return
  if (MinimumUnits !== undefined && MaximumUnits !== undefined && MinimumUnits > MaximumUnits) {
    throw invalidValues('MinimumUnits must be less than or equal to MaximumUnits')
  }
  const target = ScalingPolicyUpdate?.TargetTrackingScalingPolicyConfiguration?.TargetValue
  if (target !== undefined && (target < 20 || target > 90)) throw invalidValues('TargetValue must be between 20 and 90')
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
  const kind = key.startsWith('write') ? 'Write' : 'Read'
  return {
    minimum: MinimumUnits ?? old?.minimum ?? 5,
    maximum: MaximumUnits ?? old?.maximum ?? 40_000,
    role: AutoScalingRoleArn ?? old?.role ?? role,
    policyName: policy?.PolicyName ?? old?.policyName ?? `DynamoDB${kind}CapacityUtilization:table/${table.name}`,
    policy: policy ? { ...policy.TargetTrackingScalingPolicyConfiguration! } : (old?.policy ?? { TargetValue: 70 }),
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
          ProvisionedReadCapacityAutoScalingSettings: described(table.scaling?.[`read/${region}/${name}`]),
          ProvisionedWriteCapacityAutoScalingSettings: described(table.scaling?.[`write/${name}`]),
        })),
        ReplicaProvisionedReadCapacityAutoScalingSettings: described(table.scaling?.[`read/${region}`]),
        ReplicaProvisionedWriteCapacityAutoScalingSettings: described(table.scaling?.write),
        ReplicaStatus: 'ACTIVE',
      }),
    ),
  }
}

function described(settings: AutoScaling | undefined): AutoScalingSettingsDescription {
  if (!settings) return { AutoScalingDisabled: true }
  return {
    MinimumUnits: settings.minimum,
    MaximumUnits: settings.maximum,
    AutoScalingDisabled: false,
    AutoScalingRoleArn: settings.role,
    ScalingPolicies: [{ PolicyName: settings.policyName, TargetTrackingScalingPolicyConfiguration: { ...settings.policy } }],
  }
}
