import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch'
import { AwsError, type Caller, definePlugin } from '@ministack/gateway'

/** What the services around S3 were sent. */
export interface Sent {
  readonly to: string
  readonly body: string
}

/** A stand-in for a service: its own manifest and model, so that what it is sent is checked as the service checks it. */
function neighbour(
  id: string,
  name: string,
  operations: Record<
    string,
    (ctx: { readonly caller: Caller; readonly account: string; readonly region: string }, input: never) => unknown
  >,
) {
  return definePlugin({
    manifest: new URL(`../../../${id}/manifest.json`, import.meta.url),
    services: { [name]: { operations: operations as never } },
  })
}

/** Metrics that CloudWatch was sent in one call. */
export interface SentMetrics {
  readonly by: string
  readonly account: string
  readonly region: string
  readonly namespace: string | undefined
  readonly data: readonly MetricDatum[]
}

/**
 * A CloudWatch that takes metrics down.
 *
 * @param refuse what it throws instead.
 */
export function cloudWatch(refuse?: AwsError) {
  const sent: SentMetrics[] = []
  const plugin = neighbour('cloudwatch', 'cloudwatch', {
    PutMetricData: ({ caller, account, region }, { Namespace: namespace, MetricData: data = [] }: PutMetricDataInput) => {
      sent.push({ by: caller.arn, account, region, namespace, data })
      if (refuse) throw refuse
      return {}
    },
  })
  return { sent, plugins: [plugin] }
}

/**
 * The services that S3 calls, as far as it calls them: they take everything down. There are a queue `orders`, a function `f` and any topic.
 */
export function surroundings() {
  const sent: Sent[] = []
  const note = (to: string, body: string) => {
    sent.push({ to, body })
    return {}
  }
  const plugins = [
    neighbour('sqs', 'sqs', {
      GetQueueUrl: (_ctx, { QueueName }: { QueueName: string }) => {
        if (QueueName !== 'orders') throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
        return { QueueUrl: `http://localhost/000000000000/${QueueName}` }
      },
      SendMessage: (ctx, { MessageBody }: { MessageBody: string }) => ({ MessageId: ctx.caller.arn, ...note('sqs', MessageBody) }),
    }),
    neighbour('sns', 'sns', { Publish: (_ctx, { Message }: { Message: string }) => note('sns', Message) }),
    neighbour('lambda', 'lambda', {
      GetFunction: (_ctx, { FunctionName }: { FunctionName: string }) => {
        if (!FunctionName.endsWith(':function:f')) throw new AwsError('ResourceNotFoundException', 'Function not found')
        return {}
      },
      Invoke: (_ctx, { InvocationType, Payload }: { InvocationType: string; Payload: Uint8Array }) => ({
        StatusCode: 202,
        ...note(`lambda ${InvocationType}`, Buffer.from(Payload).toString()),
      }),
    }),
    neighbour('eventbridge', 'events', {
      PutEvents: (_ctx, { Entries }: { Entries: { Detail: string; DetailType: string }[] }) =>
        note(`events ${Entries[0]?.DetailType}`, Entries[0]?.Detail ?? ''),
    }),
  ]
  return { sent, plugins }
}
