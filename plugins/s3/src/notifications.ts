import type { Event, FilterRule, NotificationConfiguration, NotificationConfigurationFilter } from '@aws-sdk/client-s3'
import { type Caller, parseArn, type ServiceClient, type Unit } from '@ministack/gateway'
import { changeOf, eventBridgeEntry, isForEventBridge, notificationMessage, type ObjectChange } from './event-records.js'
import type { ObjectEventName } from './events.js'
import type { Context } from './kit.js'
import type { S3State } from './state.js'

declare module '@ministack/gateway' {
  interface Services {
    sqs: ServiceClient<typeof import('@aws-sdk/client-sqs')>
    sns: ServiceClient<typeof import('@aws-sdk/client-sns')>
    lambda: ServiceClient<typeof import('@aws-sdk/client-lambda')>
    events: ServiceClient<typeof import('@aws-sdk/client-eventbridge')>
  }
}

/** A place that a bucket's notifications go to. */
export interface Destination {
  readonly kind: 'queue' | 'topic' | 'function'
  readonly arn: string
  readonly id: string
  readonly events: readonly Event[]
  readonly filter: NotificationConfigurationFilter | undefined
}

/** The destinations of a configuration. */
export function destinationsOf(configuration: NotificationConfiguration): Destination[] {
  const { QueueConfigurations = [], TopicConfigurations = [], LambdaFunctionConfigurations = [] } = configuration
  return [
    ...TopicConfigurations.map(it => destination('topic', it.TopicArn, it)),
    ...QueueConfigurations.map(it => destination('queue', it.QueueArn, it)),
    ...LambdaFunctionConfigurations.map(it => destination('function', it.LambdaFunctionArn, it)),
  ]
}

function destination(
  kind: Destination['kind'],
  arn = '',
  {
    Id: id = '',
    Events: events = [],
    Filter: filter,
  }: { Id?: string; Events?: Event[] | undefined; Filter?: NotificationConfigurationFilter },
): Destination {
  return { kind, arn, id, events, filter }
}

/** The rules of a filter by their name, which may be in any case. */
export function filterValue(filter: NotificationConfigurationFilter | undefined, name: 'prefix' | 'suffix'): string {
  return (filter?.Key?.FilterRules ?? []).find((rule: FilterRule) => rule.Name?.toLowerCase() === name)?.Value ?? ''
}

/** Does a configured event name (`s3:ObjectCreated:*`) mean this event? */
export function meansEvent(configured: string, name: ObjectEventName): boolean {
  const wanted = configured.replace(/^s3:/, '')
  return wanted === name || (wanted.endsWith(':*') && name.startsWith(wanted.slice(0, -1)))
}

/** Tells each event to the destinations of its bucket, as S3 does: soon, in no order, without the writer waiting. */
export function startNotifications({ state, log }: Unit<S3State>): void {
  state.listeners.add(event => {
    const { ctx, bucket } = event
    const configuration = ctx.stores.buckets.in(bucket).get(bucket.name)?.config.notification
    if (!configuration) return
    const wanted = destinationsOf(configuration).filter(it => wants(it, event.name, event.version.key))
    const toEventBridge = configuration.EventBridgeConfiguration !== undefined && isForEventBridge(event.name)
    if (wanted.length === 0 && !toEventBridge) return
    const change = changeOf(event)
    const deliver = (where: string, send: () => Promise<unknown>) =>
      ctx.background.run(`s3 notification to ${where}`, async () => {
        try {
          await send()
        } catch (error) {
          log.warn('an event notification could not be delivered', { bucket: bucket.name, event: event.name, destination: where, error })
        }
      })
    for (const it of wanted) deliver(it.arn, () => send(ctx, it, notificationMessage(change, it.id), bucket.account))
    if (toEventBridge) deliver('EventBridge', () => sendToEventBridge(ctx, change))
  })
}

function wants({ events, filter }: Destination, name: ObjectEventName, key: string): boolean {
  if (!events.some(event => meansEvent(event, name))) return false
  return key.startsWith(filterValue(filter, 'prefix')) && key.endsWith(filterValue(filter, 'suffix'))
}

/** S3 itself, as the services that it calls see it. */
export function servicePrincipal(account: string): Caller {
  return { account, arn: 's3.amazonaws.com', userId: 's3.amazonaws.com', type: 'service' }
}

/** Sends a message to a destination, as S3. @throws what the destination's service throws. */
export async function send(ctx: Context, { kind, arn }: Pick<Destination, 'kind' | 'arn'>, message: string, owner: string): Promise<void> {
  const { account = '', region = '', resource = '' } = parseArn(arn) ?? {}
  const { services } = ctx.as({ account, region, caller: servicePrincipal(owner) })
  if (kind === 'queue') {
    const { QueueUrl } = await services.sqs.getQueueUrl({ QueueName: resource })
    await services.sqs.sendMessage({ QueueUrl, MessageBody: message })
  } else if (kind === 'topic') {
    await services.sns.publish({ TopicArn: arn, Message: message, Subject: 'Amazon S3 Notification' })
  } else {
    await services.lambda.invoke({ FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from(message) })
  }
}

/** Asks whether a function is there. @throws what Lambda throws. */
export async function checkFunction(ctx: Context, arn: string, owner: string): Promise<void> {
  const { account = '', region = '' } = parseArn(arn) ?? {}
  await ctx.as({ account, region, caller: servicePrincipal(owner) }).services.lambda.getFunction({ FunctionName: arn })
}

async function sendToEventBridge(ctx: Context, change: ObjectChange): Promise<void> {
  const { account, region } = change.bucket
  const { services } = ctx.as({ account, region, caller: servicePrincipal(account) })
  await services.events.putEvents({ Entries: [eventBridgeEntry(change)] })
}
