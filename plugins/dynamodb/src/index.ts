import { definePlugin, type Unit } from '@ministack/gateway'
import { describeContinuousBackups, updateContinuousBackups } from './backups/continuous.js'
import { createBackup, deleteBackup, describeBackup, finishBackup, listBackups } from './backups/operations.js'
import { restoreTableFromBackup, restoreTableToPointInTime } from './backups/restore.js'
import { service } from './kit.js'
import { batchGetItem } from './operations/batch-get-item.js'
import { batchWriteItem } from './operations/batch-write-item.js'
import { createTable } from './operations/create-table.js'
import { deleteItem } from './operations/delete-item.js'
import { deleteTable } from './operations/delete-table.js'
import { describeEndpoints, describeLimits, describeTable, listTables } from './operations/describe-table.js'
import { getItem } from './operations/get-item.js'
import { putItem } from './operations/put-item.js'
import { query } from './operations/query.js'
import { scan } from './operations/scan.js'
import { listTagsOfResource, tagResource, untagResource } from './operations/tags.js'
import { describeTimeToLive, updateTimeToLive } from './operations/time-to-live.js'
import { transactGetItems } from './operations/transact-get-items.js'
import { transactWriteItems } from './operations/transact-write-items.js'
import { updateItem } from './operations/update-item.js'
import { updateTable } from './operations/update-table.js'
import { batchExecuteStatement, executeStatement } from './partiql/execute.js'
import { executeTransaction } from './partiql/transaction.js'
import { createGlobalTable, describeGlobalTable, listGlobalTables, updateGlobalTable } from './replicas/legacy.js'
import { describeGlobalTableSettings, updateGlobalTableSettings } from './replicas/legacy-settings.js'
import { leaveGroup } from './replicas/update.js'
import { describeTableReplicaAutoScaling, updateTableReplicaAutoScaling } from './settings/auto-scaling.js'
import { describeContributorInsights, listContributorInsights, updateContributorInsights } from './settings/contributor-insights.js'
import {
  describeKinesisStreamingDestination,
  disableKinesisStreamingDestination,
  enableKinesisStreamingDestination,
  updateKinesisStreamingDestination,
} from './settings/kinesis-destination.js'
import { deleteResourcePolicy, getResourcePolicy, putResourcePolicy } from './settings/resource-policy.js'
import { createState, type DynamoState } from './state.js'
import { streamsService } from './streams/operations.js'
import { isChanging, scheduleTransition } from './tables/lifecycle.js'
import { startExport } from './transfer/export.js'
import { describeExportOperation, exportTableToPointInTime, listExports } from './transfer/export-operations.js'
import { describeImportOperation, importTable, listImports } from './transfer/import-operations.js'

/** Drops items of tables that are gone, builds the indexes, and goes on with what was under way at the end of the last life. */
function start(unit: Unit<DynamoState>): void {
  const { state } = unit
  const ids = new Set<string>()
  for (const [scope, tables] of state.tables.scopes()) {
    const ctx = unit.context(scope)
    for (const record of [...tables.values()]) {
      if (record.loading) {
        // What it was made for wasn't acknowledged.
        leaveGroup(ctx, record)
        tables.delete(record.name)
        continue
      }
      ids.add(record.id)
      state.expiries.open(ctx, state.open.get(record, scope))
      if (isChanging(record)) scheduleTransition(ctx, record)
    }
  }
  state.items.keepOnly(ids)
  for (const [scope, exports] of state.exports.scopes()) {
    for (const { arn, status } of exports.values()) if (status === 'IN_PROGRESS') startExport(unit.context(scope), arn)
  }
  for (const [, imports] of state.imports.scopes()) {
    for (const { arn, status } of imports.values()) {
      if (status !== 'IN_PROGRESS') continue
      imports.update(arn, i => {
        Object.assign(i, { status: 'FAILED', failure: { code: 'InternalServerError', message: 'MiniStack was stopped during the import' } })
      })
    }
  }
  for (const [scope, backups] of state.backups.scopes()) {
    for (const backup of backups.values()) if (backup.status === 'CREATING') finishBackup(unit.context(scope), backup)
  }
}

export default definePlugin<DynamoState>({
  manifest: new URL('../../manifest.json', import.meta.url),
  state: createState,
  services: {
    dynamodb: service({
      BatchExecuteStatement: batchExecuteStatement,
      BatchGetItem: batchGetItem,
      BatchWriteItem: batchWriteItem,
      CreateBackup: createBackup,
      CreateGlobalTable: createGlobalTable,
      CreateTable: createTable,
      DeleteBackup: deleteBackup,
      DeleteItem: deleteItem,
      DeleteResourcePolicy: deleteResourcePolicy,
      DeleteTable: deleteTable,
      DescribeBackup: describeBackup,
      DescribeContinuousBackups: describeContinuousBackups,
      DescribeContributorInsights: describeContributorInsights,
      DescribeEndpoints: describeEndpoints,
      DescribeExport: describeExportOperation,
      DescribeGlobalTable: describeGlobalTable,
      DescribeGlobalTableSettings: describeGlobalTableSettings,
      DescribeImport: describeImportOperation,
      DescribeKinesisStreamingDestination: describeKinesisStreamingDestination,
      DescribeLimits: describeLimits,
      DescribeTable: describeTable,
      DescribeTableReplicaAutoScaling: describeTableReplicaAutoScaling,
      DescribeTimeToLive: describeTimeToLive,
      DisableKinesisStreamingDestination: disableKinesisStreamingDestination,
      EnableKinesisStreamingDestination: enableKinesisStreamingDestination,
      ExecuteStatement: executeStatement,
      ExecuteTransaction: executeTransaction,
      ExportTableToPointInTime: exportTableToPointInTime,
      GetItem: getItem,
      GetResourcePolicy: getResourcePolicy,
      ImportTable: importTable,
      ListBackups: listBackups,
      ListContributorInsights: listContributorInsights,
      ListExports: listExports,
      ListGlobalTables: listGlobalTables,
      ListImports: listImports,
      ListTables: listTables,
      ListTagsOfResource: listTagsOfResource,
      PutItem: putItem,
      PutResourcePolicy: putResourcePolicy,
      Query: query,
      RestoreTableFromBackup: restoreTableFromBackup,
      RestoreTableToPointInTime: restoreTableToPointInTime,
      Scan: scan,
      TagResource: tagResource,
      TransactGetItems: transactGetItems,
      TransactWriteItems: transactWriteItems,
      UntagResource: untagResource,
      UpdateContinuousBackups: updateContinuousBackups,
      UpdateContributorInsights: updateContributorInsights,
      UpdateGlobalTable: updateGlobalTable,
      UpdateGlobalTableSettings: updateGlobalTableSettings,
      UpdateItem: updateItem,
      UpdateKinesisStreamingDestination: updateKinesisStreamingDestination,
      UpdateTable: updateTable,
      UpdateTableReplicaAutoScaling: updateTableReplicaAutoScaling,
      UpdateTimeToLive: updateTimeToLive,
    }),
    dynamodbstreams: streamsService,
  },
  start,
})
