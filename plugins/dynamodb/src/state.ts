import { AccountScopedDict } from '@ministack/gateway'
import type { Backup } from './backups/backup.js'
import { keepUndo, type UndoEntry } from './backups/continuous.js'
import type { ChangeObserver } from './change.js'
import { ExpressionCache } from './expression/cache.js'
import { Ongoing } from './ongoing.js'
import type { LegacyGlobalTable } from './replicas/legacy.js'
import { replicate } from './replicas/replicate.js'
import { KinesisDelivery } from './settings/kinesis-delivery.js'
import { ItemStore } from './storage/item-store.js'
import { Logs } from './storage/logs.js'
import type { KnownStream } from './streams/known-stream.js'
import { recordChange } from './streams/record-change.js'
import type { StreamEntry } from './streams/stream-record.js'
import { OpenTables } from './tables/open-tables.js'
import type { TableRecord } from './tables/record.js'
import { ThroughputLimits } from './throughput-limits.js'
import type { ExportRecord } from './transfer/export.js'
import type { ImportRecord } from './transfer/import.js'
import { Expiries } from './ttl/expiries.js'
import type { Item } from './value/attribute-value.js'

/** A transaction that was done under a client's token. */
export interface DoneTransaction {
  /** Digest of the request. */
  readonly request: string
  /** Until when the token is known: milliseconds since the epoch. */
  readonly expiresAt: number
}

/** All of the plugin's state. */
export interface DynamoState {
  readonly tables: AccountScopedDict<TableRecord>
  readonly items: ItemStore
  readonly transactions: AccountScopedDict<DoneTransaction>
  /** By ARN. */
  readonly streams: AccountScopedDict<KnownStream>
  readonly streamRecords: Logs<StreamEntry>
  /** What undoes the changes of tables with point-in-time recovery, by table id. */
  readonly changes: Logs<UndoEntry>
  /** By ARN. */
  readonly backups: AccountScopedDict<Backup>
  /** By the backup's ARN and a number. */
  readonly backupItems: AccountScopedDict<Item[]>
  /** By ARN. */
  readonly exports: AccountScopedDict<ExportRecord>
  /** By ARN. */
  readonly imports: AccountScopedDict<ImportRecord>
  /** The global tables of the old version, by name. */
  readonly globalTables: AccountScopedDict<LegacyGlobalTable>
  /** When the items of tables with a time to live expire; made from the items. */
  readonly expiries: Expiries
  /** What runs of the tables; made from the records. */
  readonly open: OpenTables
  readonly expressions: ExpressionCache
  /** The transactions under way. */
  readonly ongoing: Ongoing
  readonly limits: ThroughputLimits
  /** Told of every change of an item, in the same synchronous stretch. */
  readonly observers: ChangeObserver[]
}

export function createState(): DynamoState {
  const items = new ItemStore()
  const expiries = new Expiries()
  const kinesis = new KinesisDelivery()
  return {
    tables: new AccountScopedDict('tables'),
    items,
    transactions: new AccountScopedDict('transactions'),
    streams: new AccountScopedDict('streams'),
    streamRecords: new Logs('streamRecords'),
    changes: new Logs('changes'),
    backups: new AccountScopedDict('backups'),
    backupItems: new AccountScopedDict('backupItems'),
    exports: new AccountScopedDict('exports'),
    imports: new AccountScopedDict('imports'),
    globalTables: new AccountScopedDict('globalTables', 'account'),
    expiries,
    open: new OpenTables(items),
    expressions: new ExpressionCache(),
    ongoing: new Ongoing(),
    limits: new ThroughputLimits(),
    observers: [
      recordChange,
      keepUndo,
      (ctx, change) => expiries.follow(ctx, change),
      (ctx, change) => kinesis.follow(ctx, change),
      // Last, since it makes changes of its own.
      replicate,
    ],
  }
}
