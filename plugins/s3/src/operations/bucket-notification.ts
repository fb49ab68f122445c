import { randomBytes } from 'node:crypto'
import type { NotificationConfiguration, NotificationConfigurationFilter } from '@aws-sdk/client-s3'
import { AwsError, parseArn } from '@ministack/gateway'
import { bucketOf, updateBucket } from '../buckets.js'
import { required } from '../documents.js'
import { malformedXml, s3Error } from '../errors.js'
import { testMessage } from '../event-records.js'
import { type Context, operation } from '../kit.js'
import { checkFunction, type Destination, destinationsOf, filterValue, send } from '../notifications.js'
import type { Bucket } from '../types.js'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
const EVENTS = new Set(
  `s3:ReducedRedundancyLostObject s3:ObjectCreated:* s3:ObjectCreated:Put s3:ObjectCreated:Post s3:ObjectCreated:Copy
   s3:ObjectCreated:CompleteMultipartUpload s3:ObjectRemoved:* s3:ObjectRemoved:Delete s3:ObjectRemoved:DeleteMarkerCreated s3:ObjectRestore:*
   s3:ObjectRestore:Post s3:ObjectRestore:Completed s3:ObjectRestore:Delete s3:Replication:* s3:Replication:OperationFailedReplication
   s3:Replication:OperationNotTracked s3:Replication:OperationMissedThreshold s3:Replication:OperationReplicatedAfterThreshold
   s3:LifecycleTransition s3:IntelligentTiering s3:ObjectAcl:Put s3:LifecycleExpiration:* s3:LifecycleExpiration:Delete
   s3:LifecycleExpiration:DeleteMarkerCreated s3:ObjectTagging:* s3:ObjectTagging:Put s3:ObjectTagging:Delete s3:ObjectAnnotation:*
   s3:ObjectAnnotation:Put s3:ObjectAnnotation:Delete`.split(/\s+/),
)
const SERVICES = { queue: 'sqs', topic: 'sns', function: 'lambda' }
const MAX_FILTER_BYTES = 1024

export const getBucketNotificationConfiguration = operation('GetBucketNotificationConfiguration', (ctx, input) => {
  return bucketOf(ctx, input).config.notification ?? {}
})

export const putBucketNotificationConfiguration = operation('PutBucketNotificationConfiguration', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const configuration = withIds(required(input.NotificationConfiguration))
  const destinations = destinationsOf(configuration)
  for (const destination of destinations) checkDestination(destination, bucket)
  checkOverlaps(destinations)
  if (!input.SkipDestinationValidation) await checkReachable(ctx, bucket, destinations)
  updateBucket(ctx, bucket, it => {
    it.config.notification = configuration
  })
  return {}
})

/** Every configuration has an id; S3 makes one where none is given. */
function withIds(configuration: NotificationConfiguration): NotificationConfiguration {
  const { QueueConfigurations, TopicConfigurations, LambdaFunctionConfigurations, EventBridgeConfiguration } = configuration
  const identified = <T extends { Id?: string }>(items: readonly T[]) =>
    items.map(it => ({ ...it, Id: it.Id || randomBytes(36).toString('base64url') }))
  return {
    ...(TopicConfigurations && { TopicConfigurations: identified(TopicConfigurations) }),
    ...(QueueConfigurations && { QueueConfigurations: identified(QueueConfigurations) }),
    ...(LambdaFunctionConfigurations && { LambdaFunctionConfigurations: identified(LambdaFunctionConfigurations) }),
    ...(EventBridgeConfiguration && { EventBridgeConfiguration: {} }),
  }
}

function checkDestination({ kind, arn, events, filter, id }: Destination, bucket: Readonly<Bucket>): void {
  const parsed = parseArn(arn)
  const refuse = (message: string, ArgumentName: string, ArgumentValue: string) =>
    s3Error('InvalidArgument', { message, fields: { ArgumentName, ArgumentValue } })
  if (!parsed || parsed.service !== SERVICES[kind] || !parsed.account)
    throw refuse('The ARN is not well formed', `${arn}`, 'The ARN is not well formed')
  if (events.length === 0) throw malformedXml()
  for (const event of events) {
    if (!EVENTS.has(event)) throw refuse('A specified event is not supported for notifications', 'Event', event)
  }
  if (id.length > 255) throw refuse('The ID must be at most 255 characters long', 'Id', id)
  checkFilter(filter)
  if (parsed.region !== bucket.region) {
    throw unreachable([[arn, `The notification destination service region is not valid for the bucket location constraint`]])
  }
  if (kind !== 'function' && parsed.resource.endsWith('.fifo'))
    throw unreachable([[arn, `FIFO ${kind}s are not supported as destinations`]])
}

function checkFilter(filter: NotificationConfigurationFilter | undefined): void {
  const seen = new Set<string>()
  for (const { Name, Value = '' } of filter?.Key?.FilterRules ?? []) {
    const name = String(Name ?? '').toLowerCase()
    const refuse = (message: string) =>
      s3Error('InvalidArgument', { message, fields: { ArgumentName: 'FilterRule.Name', ArgumentValue: Name ?? '' } })
    if (name !== 'prefix' && name !== 'suffix') throw refuse('filter rule name must be either prefix or suffix')
    if (seen.has(name)) throw refuse(`Cannot specify more than one ${name} rule in a filter.`)
    if (Buffer.byteLength(Value) > MAX_FILTER_BYTES) throw refuse('Size of filter rule value cannot exceed 1024 bytes in UTF-8')
    seen.add(name)
  }
}

/** Two destinations may share an event only where their filters take no key in common. */
function checkOverlaps(destinations: readonly Destination[]): void {
  const refuse = (message: string) => s3Error('InvalidArgument', { message })
  const ids = destinations.map(destination => destination.id)
  if (new Set(ids).size < ids.length) throw refuse('Same ID used for multiple configurations. IDs must be unique')
  for (const [at, a] of destinations.entries()) {
    for (const b of destinations.slice(at + 1)) {
      if (!a.events.some(x => b.events.some(y => sharesEvents(x, y)))) continue
      const [prefixA, prefixB] = [filterValue(a.filter, 'prefix'), filterValue(b.filter, 'prefix')]
      const [suffixA, suffixB] = [filterValue(a.filter, 'suffix'), filterValue(b.filter, 'suffix')]
      const prefixes = prefixA.startsWith(prefixB) || prefixB.startsWith(prefixA)
      const suffixes = suffixA.endsWith(suffixB) || suffixB.endsWith(suffixA)
      if (!prefixes || !suffixes) continue
      if (prefixA + prefixB + suffixA + suffixB === '') {
        throw refuse('Configurations overlap. Configurations on the same bucket cannot share a common event type.')
      }
      throw refuse(
        'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
      )
    }
  }
}

function sharesEvents(a: string, b: string): boolean {
  return a === b || (a.endsWith('*') && b.startsWith(a.slice(0, -1))) || (b.endsWith('*') && a.startsWith(b.slice(0, -1)))
}

/** Sends each destination its test message; functions get none, but have to be there. */
async function checkReachable(ctx: Context, bucket: Readonly<Bucket>, destinations: readonly Destination[]): Promise<void> {
  const message = testMessage(ctx, bucket)
  const failed: [string, string][] = []
  for (const destination of new Map(destinations.map(it => [it.arn, it])).values()) {
    try {
      if (destination.kind === 'function') await checkFunction(ctx, destination.arn, bucket.account)
      else await send(ctx, destination, message, bucket.account)
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      failed.push([destination.arn, reasonOf(destination.kind, error)])
    }
  }
  if (failed.length > 0) throw unreachable(failed)
}

function reasonOf(kind: Destination['kind'], error: AwsError): string {
  if (error.status === 501) return `The destination service is not available: ${error.message}`
  if (/AccessDenied|Authorization/.test(error.code)) {
    return `Permissions on the destination ${kind} do not allow S3 to publish notifications from this bucket`
  }
  return `The destination ${kind} does not exist`
}

/** S3 numbers the arguments of this error. */
function unreachable(failed: readonly (readonly [arn: string, reason: string])[]): AwsError {
  const fields = Object.fromEntries(
    failed.flatMap(([arn, reason], at) => [
      [`ArgumentName${at + 1}`, arn],
      [`ArgumentValue${at + 1}`, reason],
    ]),
  )
  return s3Error('InvalidArgument', { message: 'Unable to validate the following destination configurations', fields })
}
