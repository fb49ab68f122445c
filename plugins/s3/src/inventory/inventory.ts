import { createHash, randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { InventoryConfiguration, InventoryS3BucketDestination } from '@aws-sdk/client-s3'
import type { Unit } from '@ministack/gateway'
import { everyMidnight, forEachBucket } from '../daily.js'
import { digestsOf } from '../digests.js'
import type { Context } from '../kit.js'
import { type Delivery, deliver, targetOf } from '../service-delivery.js'
import type { S3State } from '../state.js'
import type { Bucket } from '../types.js'
import { columnsOf } from './columns.js'
import { FORMATS } from './formats.js'
import type { ReportRequest } from './report.js'

const SUNDAY = 0
/** The version of the manifest's format. */
const MANIFEST_VERSION = '2016-11-30'

/** Delivers the inventories that are due: the daily ones at each midnight UTC, the weekly ones on Sundays. */
export function startInventories(unit: Unit<S3State>): void {
  everyMidnight(unit, 's3 inventory', () => {
    const sunday = unit.clock.date().getUTCDay() === SUNDAY
    const isDue = ({ IsEnabled, Schedule }: InventoryConfiguration) => IsEnabled === true && (sunday || Schedule?.Frequency === 'Daily')
    const due = (bucket: Readonly<Bucket>) => Object.values(bucket.config.inventory ?? {}).filter(isDue)
    return forEachBucket(
      unit,
      bucket => due(bucket).length > 0,
      async (ctx, bucket) => {
        for (const configuration of due(bucket)) await deliverInventory(ctx, bucket, configuration)
      },
    )
  })
}

/**
 * Writes one inventory into its destination bucket: the report, its manifest with a checksum, and a list for Hive.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
 */
async function deliverInventory(ctx: Context, source: Readonly<Bucket>, configuration: InventoryConfiguration): Promise<void> {
  const { Bucket: arn = '', AccountId, Format = 'CSV', Prefix, Encryption } = destinationOf(configuration)
  const target = targetOf(ctx, source, arn, AccountId)
  if (!target) {
    ctx.log.warn('an S3 inventory could not be delivered: its destination bucket is gone', { bucket: source.name, target: arn })
    return
  }
  const delivery: Delivery = { principal: 's3.amazonaws.com', what: 'an S3 inventory', source, target }
  const columns = columnsOf(configuration)
  const format = FORMATS[Format]
  const home = `${Prefix ? `${Prefix}/` : ''}${source.name}/${configuration.Id}`
  const now = ctx.clock.date()
  const time = now.toISOString().slice(0, 16).replace(':', '-')
  const data = `${home}/data/${randomUUID()}.${format.extension}`
  const encryption = encryptionOf(Encryption)
  let written = false
  const write = async (key: string, body: string | Readable, ContentType: string) => {
    written = await deliver(ctx, delivery, key, { body, ContentType, ...encryption })
  }

  const request: ReportRequest = {
    ctx,
    bucket: source,
    columns,
    prefix: configuration.Filter?.Prefix ?? '',
    all: configuration.IncludedObjectVersions === 'All',
  }
  await format.report(request, report => write(data, report, format.contentType))
  const report = written ? ctx.stores.objects.in(target.id).current(data) : undefined
  if (!report || report.deleteMarker) return
  // The ETag of an object that is encrypted with a KMS key isn't its MD5.
  const { md5 } = await digestsOf(ctx.stores.blobs, report.chunks, 'CRC64NVME')

  const manifest = JSON.stringify(
    {
      sourceBucket: source.name,
      destinationBucket: arn,
      version: MANIFEST_VERSION,
      creationTimestamp: String(now.getTime()),
      fileFormat: Format,
      fileSchema: format.schema(columns),
      files: [{ key: data, size: report.size, MD5checksum: md5 }],
    },
    null,
    2,
  )
  await write(`${home}/${time}Z/manifest.json`, manifest, 'application/json')
  await write(`${home}/${time}Z/manifest.checksum`, createHash('md5').update(manifest).digest('hex'), 'text/plain')
  await write(`${home}/hive/dt=${time.replace('T', '-')}/symlink.txt`, `s3://${target.name}/${data}\n`, 'text/plain')
}

function destinationOf({ Destination }: InventoryConfiguration): Partial<InventoryS3BucketDestination> {
  return Destination?.S3BucketDestination ?? {}
}

function encryptionOf(encryption: InventoryS3BucketDestination['Encryption']) {
  if (encryption?.SSEKMS) return { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: encryption.SSEKMS.KeyId } as const
  return encryption?.SSES3 ? ({ ServerSideEncryption: 'AES256' } as const) : {}
}
