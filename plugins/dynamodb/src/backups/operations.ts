import { AwsError } from '@ministack/gateway'
import { validation } from '../errors.js'
import { type Context, operation } from '../kit.js'
import { findTable } from '../tables/find.js'
import type { TableRecord } from '../tables/record.js'
import { type Backup, backupDescription, backupDetails, dropBackup, presentBackups, takeBackup } from './backup.js'

const MAX_PAGE = 100

/** @throws TableNotFoundException, which operations on backups answer where others answer ResourceNotFoundException. */
export function backedTable(ctx: Context, nameOrArn: string): Readonly<TableRecord> {
  const { name, record } = findTable(ctx, nameOrArn)
  if (!record || record.status === 'CREATING' || record.status === 'DELETING') {
    throw new AwsError('TableNotFoundException', `Table not found: ${name}`)
  }
  return record
}

/** @throws BackupNotFoundException */
export function presentBackup(ctx: Context, arn: string): Readonly<Backup> {
  const backup = presentBackups(ctx).find(b => b.arn === arn)
  if (!backup) throw new AwsError('BackupNotFoundException', `Backup not found: ${arn}`)
  return backup
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateBackup.html */
export const createBackup = operation('CreateBackup', (ctx, { TableName, BackupName }) => {
  const backup = takeBackup(ctx, backedTable(ctx, TableName!), BackupName!, 'USER')
  finishBackup(ctx, backup)
  return { BackupDetails: backupDetails(backup) }
})

/** Makes a backup available, right after the response. */
export function finishBackup(ctx: Context, { arn }: Readonly<Backup>): void {
  ctx.background.after(0, `dynamodb backup ${arn}`, () => {
    ctx.state.backups.update(arn, backup => {
      backup.status = 'AVAILABLE'
    })
  })
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeBackup.html */
export const describeBackup = operation('DescribeBackup', (ctx, { BackupArn }) => ({
  BackupDescription: backupDescription(presentBackup(ctx, BackupArn!)),
}))

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteBackup.html */
export const deleteBackup = operation('DeleteBackup', (ctx, { BackupArn }) => {
  const backup = presentBackup(ctx, BackupArn!)
  if (backup.status === 'CREATING') throw new AwsError('BackupInUseException', `Backup is being created: ${BackupArn}`)
  dropBackup(ctx, backup)
  return { BackupDescription: backupDescription({ ...backup, status: 'DELETED' }) }
})

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListBackups.html */
export const listBackups = operation('ListBackups', (ctx, input) => {
  const { TableName, Limit = MAX_PAGE, TimeRangeLowerBound, TimeRangeUpperBound, ExclusiveStartBackupArn, BackupType = 'USER' } = input
  const name = TableName === undefined ? undefined : findTable(ctx, TableName).name
  const all = presentBackups(ctx).filter(
    ({ table, createdAt, type }) =>
      (name === undefined || table.name === name) &&
      (BackupType === 'ALL' || type === BackupType) &&
      (TimeRangeLowerBound === undefined || createdAt >= TimeRangeLowerBound.getTime()) &&
      (TimeRangeUpperBound === undefined || createdAt < TimeRangeUpperBound.getTime()),
  )
  const start = ExclusiveStartBackupArn === undefined ? 0 : all.findIndex(({ arn }) => arn === ExclusiveStartBackupArn) + 1
  if (ExclusiveStartBackupArn !== undefined && start === 0) throw validation(`Invalid ExclusiveStartBackupArn: ${ExclusiveStartBackupArn}`)
  const page = all.slice(start, start + Limit)
  return {
    BackupSummaries: page.map(backup => ({
      TableName: backup.table.name,
      TableId: backup.table.id,
      TableArn: backup.table.arn,
      ...backupDetails(backup),
    })),
    ...(start + Limit < all.length && { LastEvaluatedBackupArn: page.at(-1)!.arn }),
  }
})
