import { AwsError, definePlugin } from '@ministack/gateway'

/** What the services around S3 were sent. */
export interface Sent {
  readonly to: string
  readonly body: string
}

/**
 * The services that S3 calls, as far as it calls them: they take everything down. There are a queue `orders`, a function `f` and any topic.
 */
export function surroundings() {
  const sent: Sent[] = []
  const neighbour = (
    id: string,
    name: string,
    operations: Record<string, (ctx: { caller: { arn: string; type: string } }, input: never) => unknown>,
  ) =>
    definePlugin({
      manifest: new URL(`../../../${id}/manifest.json`, import.meta.url),
      services: { [name]: { operations: operations as never } },
    })
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
