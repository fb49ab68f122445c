import type { AutoScalingSettingsUpdate, ReplicaSettingsDescription } from '@aws-sdk/client-dynamodb'
import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import { type Context, type InputOf, operation } from '../kit.js'
import { checkSettled } from '../operations/delete-table.js'
import { checkScaling, describeSettings, type ScalingUpdates, setScaling } from '../settings/auto-scaling.js'
import { scheduleTransition } from '../tables/lifecycle.js'
import type { TableRecord } from '../tables/record.js'
import { changedThroughput, checkTableLimit, pendingThroughput } from '../tables/throughput.js'
import { globalTable, type LegacyGlobalTable } from './legacy.js'

/** Settings of global tables of version 2017.11.29, which each member has for itself. */

type Input = InputOf<'UpdateGlobalTableSettings'>

interface Member {
  readonly ctx: Context
  readonly record: Readonly<TableRecord>
}

function members(ctx: Context, { name, regions }: Readonly<LegacyGlobalTable>): Member[] {
  return regions.flatMap(region => {
    const there = ctx.as({ region })
    const record = there.state.tables.get(name)
    return record ? [{ ctx: there, record }] : []
  })
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeGlobalTableSettings.html */
export const describeGlobalTableSettings = operation('DescribeGlobalTableSettings', (ctx, { GlobalTableName }) =>
  settingsOf(ctx, globalTable(ctx, GlobalTableName!)),
)

function settingsOf(ctx: Context, global: Readonly<LegacyGlobalTable>) {
  return {
    GlobalTableName: global.name,
    ReplicaSettings: members(ctx, global).map(({ ctx: { region }, record }): ReplicaSettingsDescription => {
      const { billingMode, throughput, globalIndexes, tableClass, scaling = {} } = record
      return {
        RegionName: region,
        ReplicaStatus: record.status === 'UPDATING' ? 'UPDATING' : 'ACTIVE',
        ReplicaBillingModeSummary: { BillingMode: billingMode },
        ReplicaProvisionedReadCapacityUnits: throughput.read,
        ReplicaProvisionedReadCapacityAutoScalingSettings: describeSettings(scaling[`read/${region}`]),
        ReplicaProvisionedWriteCapacityUnits: throughput.write,
        ReplicaProvisionedWriteCapacityAutoScalingSettings: describeSettings(scaling.write),
        ...(globalIndexes.length > 0 && {
          ReplicaGlobalSecondaryIndexSettings: globalIndexes.map(index => ({
            IndexName: index.name,
            IndexStatus: index.status,
            ProvisionedReadCapacityUnits: index.throughput.read,
            ProvisionedReadCapacityAutoScalingSettings: describeSettings(scaling[`read/${region}/${index.name}`]),
            ProvisionedWriteCapacityUnits: index.throughput.write,
            ProvisionedWriteCapacityAutoScalingSettings: describeSettings(scaling[`write/${index.name}`]),
          })),
        }),
        ...(tableClass && { ReplicaTableClassSummary: { TableClass: tableClass } }),
      }
    }),
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateGlobalTableSettings.html */
export const updateGlobalTableSettings = operation('UpdateGlobalTableSettings', (ctx, input) => {
  const global = globalTable(ctx, input.GlobalTableName!)
  for (const { RegionName } of input.ReplicaSettingsUpdate ?? []) {
    if (!global.regions.includes(RegionName!)) {
      throw new AwsError('ReplicaNotFoundException', `Replica in region: '${RegionName}' is not part of the global table.`)
    }
  }
  const all = members(ctx, global)
  const scaling = all.map(member => checked(member, input))
  all.forEach((member, i) => {
    update(member, input, scaling[i]!)
    scheduleTransition(member.ctx, member.record)
  })
  return settingsOf(ctx, global)
})

/** What a request says of one member. */
function own(region: string, { ReplicaSettingsUpdate }: Input) {
  return ReplicaSettingsUpdate?.find(({ RegionName }) => RegionName === region)
}

/** Checks a request against one member. @returns the auto scaling settings that it asks for. */
function checked({ ctx, record }: Member, input: Input): ScalingUpdates {
  checkSettled(record)
  const replica = own(ctx.region, input)
  const writes = input.GlobalTableGlobalSecondaryIndexSettingsUpdate ?? []
  const reads = replica?.ReplicaGlobalSecondaryIndexSettingsUpdate ?? []
  for (const { IndexName } of [...writes, ...reads]) {
    if (!record.globalIndexes.some(({ name }) => name === IndexName)) {
      throw new AwsError('IndexNotFoundException', `Index not found: ${IndexName} of table ${record.name} in region ${ctx.region}`)
    }
  }
  const units = [
    input.GlobalTableProvisionedWriteCapacityUnits,
    replica?.ReplicaProvisionedReadCapacityUnits,
    ...writes.map(i => i.ProvisionedWriteCapacityUnits),
    ...reads.map(i => i.ProvisionedReadCapacityUnits),
  ].filter(n => n !== undefined)
  const updates = scalingUpdates(ctx.region, input)
  const mode = input.GlobalTableBillingMode ?? record.billingMode
  if (mode === 'PAY_PER_REQUEST' && units.length + updates.size > 0) {
    throw validation(`Capacity and auto scaling can not be set for a global table in PAY_PER_REQUEST billing mode: ${record.name}`)
  }
  for (const most of units) {
    checkTableLimit(ctx.region, record.throughput, { ReadCapacityUnits: most, WriteCapacityUnits: most })
  }
  checkScaling(record, updates)
  return updates
}

function scalingUpdates(region: string, input: Input): ScalingUpdates {
  const updates = new Map<string, AutoScalingSettingsUpdate>()
  const add = (key: string, settings: AutoScalingSettingsUpdate | undefined) => settings && updates.set(key, settings)
  const replica = own(region, input)
  add('write', input.GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate)
  add(`read/${region}`, replica?.ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate)
  for (const index of input.GlobalTableGlobalSecondaryIndexSettingsUpdate ?? []) {
    add(`write/${index.IndexName}`, index.ProvisionedWriteCapacityAutoScalingSettingsUpdate)
  }
  for (const index of replica?.ReplicaGlobalSecondaryIndexSettingsUpdate ?? []) {
    add(`read/${region}/${index.IndexName}`, index.ProvisionedReadCapacityAutoScalingSettingsUpdate)
  }
  return updates
}

function update({ ctx, record }: Member, input: Input, scaling: ScalingUpdates): void {
  const { GlobalTableBillingMode: mode, GlobalTableProvisionedWriteCapacityUnits: write } = input
  const replica = own(ctx.region, input)
  const now = ctx.clock.now()
  const change = mode && mode !== record.billingMode ? changedThroughput : pendingThroughput
  ctx.state.tables.update(record.name, table => {
    if (mode) {
      table.billingMode = mode
      if (mode === 'PAY_PER_REQUEST') {
        table.onDemandSince = now
        delete table.scaling
      }
    }
    const provisioned = table.billingMode === 'PROVISIONED'
    const units = (old: TableRecord['throughput'], reads: number | undefined, writes: number | undefined) =>
      provisioned ? { ReadCapacityUnits: reads ?? Math.max(old.read, 1), WriteCapacityUnits: writes ?? Math.max(old.write, 1) } : undefined
    table.throughput = change(table.throughput, units(table.throughput, replica?.ReplicaProvisionedReadCapacityUnits, write), now)
    for (const index of table.globalIndexes) {
      const writes = input.GlobalTableGlobalSecondaryIndexSettingsUpdate?.find(i => i.IndexName === index.name)
      const reads = replica?.ReplicaGlobalSecondaryIndexSettingsUpdate?.find(i => i.IndexName === index.name)
      const asked = units(index.throughput, reads?.ProvisionedReadCapacityUnits, writes?.ProvisionedWriteCapacityUnits)
      index.throughput = change(index.throughput, asked, now)
    }
    if (replica?.ReplicaTableClass) {
      table.tableClass = replica.ReplicaTableClass
      table.tableClassChangedAt = now
    }
    setScaling(ctx, table, scaling)
    table.status = 'UPDATING'
  })
}
