import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import t from 'tap'
import { startServerProcess } from '../../src/server.js'

t.test('the JS SDK', async t => {
  const server = await startServerProcess()
  t.teardown(() => server.stop())
  const config = { endpoint: server.endpoint, region: 'eu-west-1', credentials: { accessKeyId: '111122223333', secretAccessKey: 'test' } }

  t.test('takes a FIFO queue from its creation to its end', async t => {
    const sqs = new SQSClient(config)
    t.teardown(() => sqs.destroy())
    const dead = await sqs.send(new CreateQueueCommand({ QueueName: 'dead.fifo', Attributes: { FifoQueue: 'true' } }))
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead.QueueUrl, AttributeNames: ['QueueArn'] }))
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({
        QueueName: 'orders.fifo',
        Attributes: {
          FifoQueue: 'true',
          VisibilityTimeout: '0',
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes!.QueueArn, maxReceiveCount: 1 }),
        },
      }),
    )
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'one',
        MessageGroupId: 'g',
        MessageDeduplicationId: '1',
        MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } },
      }),
    )
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
    )
    t.match(received.Messages, [
      { Body: 'one', MessageId: sent.MessageId, MessageAttributes: { a: { StringValue: 'x' } }, Attributes: { MessageGroupId: 'g' } },
    ])
    t.same((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined)
    const letter = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead.QueueUrl }))
    t.equal(letter.Messages![0]!.MessageId, sent.MessageId)
    await sqs.send(new DeleteMessageCommand({ QueueUrl: dead.QueueUrl, ReceiptHandle: letter.Messages![0]!.ReceiptHandle }))
    await sqs.send(new DeleteQueueCommand({ QueueUrl }))
    await t.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: 'orders.fifo' })), QueueDoesNotExist)
  })

  t.test('assumes a role and is known as it', async t => {
    const sts = new STSClient(config)
    t.teardown(() => sts.destroy())
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::444455556666:role/Deploy', RoleSessionName: 'js' }),
    )
    const role = new STSClient({
      ...config,
      credentials: {
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        sessionToken: Credentials!.SessionToken,
      },
    })
    t.teardown(() => role.destroy())
    t.match(await role.send(new GetCallerIdentityCommand({})), {
      Account: '444455556666',
      Arn: 'arn:aws:sts::444455556666:assumed-role/Deploy/js',
    })
    await t.rejects(
      sts.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::444455556666:role/Deploy', RoleSessionName: 'js', Policy: '{' })),
      {
        name: 'MalformedPolicyDocumentException',
        message: 'This policy contains invalid Json',
        $metadata: { httpStatusCode: 400 },
      },
    )
  })
})
