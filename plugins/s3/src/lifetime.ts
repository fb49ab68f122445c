import type { Unit } from '@ministack/gateway'
import { deliverPendingLogs } from './access-log.js'
import { startAnalytics } from './analytics/analytics.js'
import { keepOpenActivity } from './analytics/observations.js'
import { startInventories } from './inventory/inventory.js'
import { startLifecycle } from './lifecycle.js'
import { startStorageMetrics } from './metrics/storage-metrics.js'
import { startNotifications } from './notifications.js'
import { startReplication } from './replication.js'
import { startRestores } from './restore-watch.js'
import type { S3State } from './state.js'
import { startTiering } from './tiering.js'

/** Makes from the restored state what isn't kept, and starts the store of bytes. */
export async function start(unit: Unit<S3State>): Promise<void> {
  const { state, config, log } = unit
  for (const [, buckets] of state.buckets.scopes()) for (const bucket of buckets.values()) state.owners.add(bucket)
  await state.blobs.start({
    folder: config.s3DataDir,
    keep: config.s3Persist,
    warn: (message, error) => log.warn(message, { error }),
  })
  startNotifications(unit)
  startReplication(unit)
  startLifecycle(unit)
  startInventories(unit)
  startTiering(unit)
  startAnalytics(unit)
  startStorageMetrics(unit)
  startRestores(unit)
}

/** Writes what waits to be written, and ends the store of bytes. */
export async function stop(unit: Unit<S3State>): Promise<void> {
  await deliverPendingLogs(unit)
  keepOpenActivity(unit)
  unit.state.blobs.stop()
}
