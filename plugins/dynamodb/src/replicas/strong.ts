import type { GlobalTableWitnessGroupUpdate, ReplicationGroupUpdate } from '@aws-sdk/client-dynamodb'
import { validation } from '../errors.js'
import type { Context, InputOf } from '../kit.js'
import type { OpenTable } from '../tables/open-tables.js'
import type { TableRecord } from '../tables/record.js'

/**
 * Global tables of multi-Region strong consistency: three replicas, or two and a witness, made and taken apart in one step.
 * Every write here is in all replicas before it is answered, so no two regions ever write one item at the same time (`ReplicatedWriteConflictException`).
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/multi-region-strong-consistency-gt.html
 */

const MODE = 'global tables with MultiRegionConsistency set to STRONG'
/** Replicas and witness of a global table are all in one of these. */
const REGION_SETS = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
] as const

type Input = Pick<InputOf<'UpdateTable'>, 'MultiRegionConsistency' | 'GlobalTableWitnessUpdates' | 'ReplicaUpdates'>

/**
 * Checks what an UpdateTable asks for of replicas and witness together.
 * @throws ValidationException
 */
export function checkConsistency(ctx: Context, record: Readonly<TableRecord>, input: Input): void {
  const { MultiRegionConsistency: mode, GlobalTableWitnessUpdates: [witness] = [], ReplicaUpdates: updates = [] } = input
  const created = updates.flatMap(({ Create }) => (Create ? [Create.RegionName!] : []))
  if (witness && (witness.Create === undefined) === (witness.Delete === undefined)) {
    throw validation('Each GlobalTableWitnessUpdate must have exactly one of Create and Delete')
  }
  if (mode !== undefined && created.length === 0) {
    throw validation('MultiRegionConsistency can only be specified when creating a new global table')
  }
  const present = record.replicas && (record.consistency ?? 'EVENTUAL')
  if (present && mode !== undefined && (mode !== present || mode === 'STRONG')) {
    throw validation('MultiRegionConsistency can only be specified when creating a new global table')
  }
  if (present === 'STRONG') checkStrongChange(record, updates, witness)
  else if (mode === 'STRONG') checkStrongCreation(ctx, record, updates, created, witness)
  else if (witness) throw validation('Witnesses are only supported for global tables with MultiRegionConsistency set to STRONG')
}

function checkStrongCreation(
  ctx: Context,
  record: Readonly<TableRecord>,
  updates: readonly ReplicationGroupUpdate[],
  created: readonly string[],
  witness: GlobalTableWitnessGroupUpdate | undefined,
): void {
  const members = [...created, ...(witness?.Create ? [witness.Create.RegionName!] : [])]
  if (members.length !== 2 || updates.length !== created.length || witness?.Delete) {
    throw validation(`Unsupported table replica count for ${MODE}: three replicas, or two replicas and one witness, are required`)
  }
  const regions = [ctx.region, ...members]
  if (new Set(regions).size < regions.length) throw validation('Each replica and witness of a global table must be in a Region of its own')
  if (!REGION_SETS.some(set => regions.every(region => (set as readonly string[]).includes(region)))) {
    throw validation(`Unsupported Regions for ${MODE}: replicas and witness must be within the same Region set: ${regions.join(', ')}`)
  }
  if (ctx.stores.open.get(record, ctx).items.entries.size > 0) {
    throw validation(`The table must be empty to be converted to ${MODE}: ${record.name}`)
  }
  if (record.localIndexes.length > 0) throw validation(`Local secondary indexes are not supported for ${MODE}`)
  if (record.ttl?.enabled) throw noTimeToLive()
}

/** A group that is there is only ever taken apart as a whole, down to the table that the request is for. */
function checkStrongChange(
  record: Readonly<TableRecord>,
  updates: readonly ReplicationGroupUpdate[],
  witness: GlobalTableWitnessGroupUpdate | undefined,
): void {
  if (witness?.Create || updates.some(({ Create }) => Create)) {
    throw validation(`Replicas and witnesses can not be added to ${MODE} after their creation`)
  }
  if (witness && witness.Delete!.RegionName !== record.witness) {
    throw validation(`The witness is not part of the global table: ${witness.Delete!.RegionName}`)
  }
  const deleted = new Set(updates.flatMap(({ Delete }) => (Delete ? [Delete.RegionName!] : [])))
  if (deleted.size === 0 && !witness) return
  if (deleted.size < record.replicas!.length || (record.witness !== undefined && !witness)) {
    throw validation(
      `A single replica or witness can not be deleted from ${MODE}: ${record.witness === undefined ? 'both other replicas' : 'the other replica and the witness'} must be deleted together`,
    )
  }
}

/** @throws ValidationException for tables whose items can't be in transactions. */
export function checkTransactable({ record }: OpenTable): void {
  if (record.consistency) throw validation(`Transactions are not supported for ${MODE}: ${record.name}`)
}

/** @throws ValidationException for tables that can't have a time to live. */
export function checkExpirable({ consistency }: Readonly<TableRecord>): void {
  if (consistency) throw noTimeToLive()
}

function noTimeToLive() {
  return validation(`Time to live is not supported for ${MODE}`)
}

/** @throws ValidationException for a member of a group that is only taken apart as a whole. */
export function checkSeparable({ consistency, name }: Readonly<TableRecord>): void {
  if (consistency) throw validation(`A single replica can not be deleted from ${MODE}: ${name}`)
}
