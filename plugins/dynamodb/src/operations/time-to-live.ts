import type { TimeToLiveDescription } from '@aws-sdk/client-dynamodb'
import { validation } from '../errors.js'
import { type InputOf, operation } from '../kit.js'
import { sharingPeersOf } from '../replicas/replicate.js'
import { checkExpirable } from '../replicas/strong.js'
import { tableRecord } from '../tables/find.js'
import { scheduleTransition } from '../tables/lifecycle.js'
import type { TableRecord, TimeToLive } from '../tables/record.js'
import { checkSettled } from './delete-table.js'

/** How long a change of the time to live keeps others from being made. */
const SETTLING = 60 * 60 * 1000

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html */
export const updateTimeToLive = operation('UpdateTimeToLive', (ctx, input) => {
  const { AttributeName, Enabled } = input.TimeToLiveSpecification!
  const record = tableRecord(ctx, input.TableName!)
  checkSettled(record)
  checkExpirable(record)
  const now = ctx.clock.now()
  checkChange(record, input.TimeToLiveSpecification!, now)
  for (const member of [{ ctx, record }, ...sharingPeersOf(ctx, record)]) {
    member.ctx.state.tables.update(record.name, table => {
      table.ttl = { attribute: AttributeName!, enabled: Enabled!, changedAt: now, settling: true }
    })
    scheduleTransition(member.ctx, member.record)
    ctx.stores.expiries.open(member.ctx, ctx.stores.open.get(member.record, member.ctx))
  }
  return { TimeToLiveSpecification: { Enabled, AttributeName } }
})

function checkChange(
  { ttl }: Readonly<TableRecord>,
  { AttributeName, Enabled }: NonNullable<InputOf<'UpdateTimeToLive'>['TimeToLiveSpecification']>,
  now: number,
): void {
  if (!Enabled && !ttl?.enabled) throw validation('TimeToLive is already disabled')
  if (ttl?.enabled && ttl.attribute !== AttributeName) {
    throw validation(`TimeToLive is active on a different AttributeName: current AttributeName is ${ttl.attribute}`)
  }
  if (Enabled && ttl?.enabled) throw validation('TimeToLive is already enabled')
  if (ttl && now < ttl.changedAt + SETTLING) throw validation('Time to live has been modified multiple times within a fixed interval')
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html */
export const describeTimeToLive = operation('DescribeTimeToLive', (ctx, input) => {
  const { ttl } = tableRecord(ctx, input.TableName!)
  return {
    TimeToLiveDescription: describeTtl(ttl),
  }
})

/** A table's time to live as it is told. */
export function describeTtl(ttl: Readonly<TimeToLive> | undefined): TimeToLiveDescription {
  if (!ttl || !(ttl.enabled || ttl.settling)) return { TimeToLiveStatus: 'DISABLED' }
  const TimeToLiveStatus = ttl.settling ? (ttl.enabled ? 'ENABLING' : 'DISABLING') : 'ENABLED'
  return { TimeToLiveStatus, AttributeName: ttl.attribute }
}
