import type { GlobalTableWitnessGroupUpdate, ReplicaStatus, ReplicationGroupUpdate, TableDescription } from '@aws-sdk/client-dynamodb'

/** A table's description with the states that its replicas and its witness go through. */
export function underWay(
  table: TableDescription,
  updates: readonly ReplicationGroupUpdate[],
  witness: GlobalTableWitnessGroupUpdate | undefined,
): TableDescription {
  const states = new Map<string | undefined, ReplicaStatus>()
  for (const { Create, Update, Delete } of updates) {
    states.set((Create ?? Update ?? Delete)!.RegionName, Create ? 'CREATING' : Update ? 'UPDATING' : 'DELETING')
  }
  return {
    ...table,
    ...(table.Replicas && {
      Replicas: table.Replicas.map(replica => ({ ...replica, ReplicaStatus: states.get(replica.RegionName) ?? 'ACTIVE' })),
    }),
    ...(table.GlobalTableWitnesses &&
      witness && {
        GlobalTableWitnesses: table.GlobalTableWitnesses.map(w => ({ ...w, WitnessStatus: witness.Create ? 'CREATING' : 'DELETING' })),
      }),
  }
}
