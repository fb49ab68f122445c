import t from 'tap'
import { arnOf, bodies, counts, makeQueue, receive, refuses, type Sqs, startSqs } from './helper.js'

function redrive(name: string, maxReceiveCount: number | string = 1): Record<string, string> {
  return { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(name), maxReceiveCount }) }
}

t.test('a redrive policy', async t => {
  const sqs = await startSqs(t)
  await makeQueue(sqs, 'dlq')
  await makeQueue(sqs, 'dlq.fifo')
  const refused = async (policy: Record<string, string>, reason: string, name = 'q') =>
    refuses(
      t,
      makeQueue(sqs, name, policy),
      'InvalidParameterValue',
      `Value ${policy.RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
    )
  await refused(redrive('none'), 'Dead letter target does not exist.')
  await refused(redrive('dlq.fifo'), 'Dead-letter queue must be same type of queue as the source.')
  await refused(redrive('dlq'), 'Dead-letter queue must be same type of queue as the source.', 'q.fifo')
  await refused(redrive('dlq', 0), 'Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.')
  const foreign = (arn: string) => ({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 }) })
  await refused(foreign('arn:aws:sqs:us-east-1:111122223333:dlq'), 'Dead letter target owner should be same as the source.')
  await refused(foreign('arn:aws:sqs:eu-west-1:000000000000:dlq'), 'Dead-letter queue must be in the same region as the source.')
  const QueueUrl = await makeQueue(sqs, 'q', { RedrivePolicy: `{ "maxReceiveCount": "3", "deadLetterTargetArn": "${arnOf('dlq')}" }` })
  const { Attributes } = await sqs.client.getQueueAttributes({ QueueUrl, AttributeNames: ['RedrivePolicy'] })
  t.strictSame(Attributes, redrive('dlq', 3), 'is told in one form, however it was written')

  await makeQueue(sqs, 'closed', { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' })
  await makeQueue(sqs, 'chosen', {
    RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arnOf('friend')] }),
  })
  const denied = 'The dead-letter queue does not allow this queue as a source queue in its redrive allow policy.'
  await refused(redrive('closed'), denied, 'other')
  await refused(redrive('chosen'), denied, 'other')
  await makeQueue(sqs, 'friend', redrive('chosen'))
})

t.test('ListDeadLetterSourceQueues', async t => {
  const sqs = await startSqs(t)
  const dlq = await makeQueue(sqs, 'dlq')
  t.strictSame(await sqs.client.listDeadLetterSourceQueues({ QueueUrl: dlq }), { queueUrls: [], NextToken: undefined })
  const urls = []
  for (const name of ['a', 'b', 'c']) urls.push(await makeQueue(sqs, name, redrive('dlq')))
  await makeQueue(sqs, 'other')
  t.strictSame((await sqs.client.listDeadLetterSourceQueues({ QueueUrl: dlq })).queueUrls, urls)
  const first = await sqs.client.listDeadLetterSourceQueues({ QueueUrl: dlq, MaxResults: 2 })
  const second = await sqs.client.listDeadLetterSourceQueues({ QueueUrl: dlq, MaxResults: 2, NextToken: first.NextToken })
  t.strictSame([first.queueUrls, second.queueUrls, second.NextToken], [urls.slice(0, 2), urls.slice(2), undefined])
})

t.test('a message that was received too often goes to the dead-letter queue', async t => {
  const sqs = await startSqs(t)
  const { client, clock } = sqs
  const dlq = await makeQueue(sqs, 'dlq', { MessageRetentionPeriod: '120' })
  const QueueUrl = await makeQueue(sqs, 'q', redrive('dlq', 2))
  const start = clock.now()
  const { MessageId } = await client.sendMessage({ QueueUrl, MessageBody: 'x' })
  for (let i = 0; i < 2; i++) {
    t.strictSame(await bodies(sqs, QueueUrl), ['x'])
    await clock.advance(30_000)
  }
  t.strictSame(await bodies(sqs, QueueUrl), [])
  t.strictSame(await counts(sqs, QueueUrl), [0, 0, 0])
  const [message] = await receive(sqs, dlq, { MessageSystemAttributeNames: ['All'] })
  t.equal(message!.MessageId, MessageId)
  t.strictSame(message!.Attributes, {
    SenderId: '000000000000',
    ApproximateFirstReceiveTimestamp: String(start),
    ApproximateReceiveCount: '3',
    SentTimestamp: String(start),
    DeadLetterQueueSourceArn: arnOf('q'),
  })
  await clock.advance(59_999)
  t.strictSame(await counts(sqs, dlq), [1, 0, 0])
  await clock.advance(1)
  t.strictSame(await counts(sqs, dlq), [0, 0, 0], 'its age counts from when it was first sent')
})

t.test('who waits at a dead-letter queue is told at once', async t => {
  const sqs = await startSqs(t)
  const dlq = await makeQueue(sqs, 'dlq')
  const QueueUrl = await makeQueue(sqs, 'q', redrive('dlq'))
  await sqs.client.sendMessage({ QueueUrl, MessageBody: 'x' })
  await receive(sqs, QueueUrl, { VisibilityTimeout: 5 })
  const atDlq = sqs.client.receiveMessage({ QueueUrl: dlq, WaitTimeSeconds: 20 })
  const atQueue = sqs.client.receiveMessage({ QueueUrl, WaitTimeSeconds: 10 })
  await sqs.clock.advance(5_000)
  t.equal((await atDlq).Messages?.[0]?.Body, 'x')
  await sqs.clock.advance(5_000)
  t.strictSame(await atQueue, {})
})

t.test('a FIFO dead-letter queue keeps group and order', async t => {
  const sqs = await startSqs(t)
  const dlq = await makeQueue(sqs, 'dlq.fifo')
  const QueueUrl = await makeQueue(sqs, 'q.fifo', redrive('dlq.fifo'))
  for (const body of ['1', '2', '3'])
    await sqs.client.sendMessage({ QueueUrl, MessageBody: body, MessageGroupId: 'g', MessageDeduplicationId: body })
  t.strictSame(await bodies(sqs, QueueUrl, { MaxNumberOfMessages: 2 }), ['1', '2'])
  await sqs.clock.advance(30_000)
  t.strictSame(await bodies(sqs, QueueUrl), ['3'])
  const messages = await receive(sqs, dlq, { MessageSystemAttributeNames: ['All'] })
  t.strictSame(
    messages.map(message => message.Body),
    ['1', '2'],
  )
  t.match(messages[0]!.Attributes, { MessageGroupId: 'g', MessageDeduplicationId: '1', SentTimestamp: String(sqs.clock.now()) })
})

t.test('without its dead-letter queue a message goes on being received', async t => {
  const sqs = await startSqs(t)
  const dlq = await makeQueue(sqs, 'dlq')
  const QueueUrl = await makeQueue(sqs, 'q', redrive('dlq'))
  await sqs.client.sendMessage({ QueueUrl, MessageBody: 'x' })
  await receive(sqs, QueueUrl, { VisibilityTimeout: 0 })
  await sqs.client.deleteQueue({ QueueUrl: dlq })
  t.strictSame(await bodies(sqs, QueueUrl), ['x'])
})

async function fillDlq(sqs: Sqs, size: number) {
  const dlq = await makeQueue(sqs, 'dlq')
  const QueueUrl = await makeQueue(sqs, 'q', redrive('dlq'))
  for (let i = 0; i < size; i++) await sqs.client.sendMessage({ QueueUrl, MessageBody: `${i}` })
  for (let i = 0; i < Math.ceil(size / 10); i++) await receive(sqs, QueueUrl)
  await sqs.clock.advance(30_000)
  t.strictSame(await receive(sqs, QueueUrl), [])
  return { QueueUrl, dlq, SourceArn: arnOf('dlq') }
}

t.test('StartMessageMoveTask', async t => {
  const sqs = await startSqs(t)
  const { client, clock } = sqs
  const { QueueUrl, dlq, SourceArn } = await fillDlq(sqs, 25)
  await makeQueue(sqs, 'other')
  await makeQueue(sqs, 'other.fifo')

  t.test('refuses wrong input', async t => {
    const format = 'You must use this format to specify the SourceArn: arn:<partition>:<service>:<region>:<account-id>:<resource-id>'
    await refuses(
      t,
      client.startMessageMoveTask({ SourceArn: undefined }),
      'MissingParameter',
      'The request must contain the parameter SourceArn.',
    )
    await refuses(t, client.startMessageMoveTask({ SourceArn: 'x' }), 'InvalidParameterValue', format)
    await refuses(
      t,
      client.startMessageMoveTask({ SourceArn: arnOf('none') }),
      'ResourceNotFoundException',
      "The resource that you specified for the SourceArn parameter doesn't exist.",
    )
    await refuses(
      t,
      client.startMessageMoveTask({ SourceArn: arnOf('other') }),
      'InvalidParameterValue',
      'Source queue must be configured as a Dead Letter Queue.',
    )
    await refuses(
      t,
      client.startMessageMoveTask({ SourceArn, DestinationArn: arnOf('none') }),
      'ResourceNotFoundException',
      "The resource that you specified for the DestinationArn parameter doesn't exist.",
    )
    await refuses(
      t,
      client.startMessageMoveTask({ SourceArn, DestinationArn: SourceArn }),
      'InvalidParameterValue',
      'Source queue arn and destination queue arn cannot be the same.',
    )
    await refuses(
      t,
      client.startMessageMoveTask({ SourceArn, DestinationArn: arnOf('other.fifo') }),
      'InvalidParameterValue',
      'Destination queue must be same type of queue as the source queue.',
    )
    for (const n of [0, 501])
      await refuses(
        t,
        client.startMessageMoveTask({ SourceArn, MaxNumberOfMessagesPerSecond: n }),
        'InvalidParameterValue',
        `Value ${n} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a value that is between 1 and 500.`,
      )
  })

  t.test('moves at its rate, and one task at a time', async t => {
    const { TaskHandle } = await client.startMessageMoveTask({ SourceArn, DestinationArn: arnOf('other'), MaxNumberOfMessagesPerSecond: 5 })
    await refuses(
      t,
      client.startMessageMoveTask({ SourceArn }),
      'UnsupportedOperation',
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    )
    await clock.advance(1_000)
    const startedAt = clock.now() - 1_000
    t.strictSame(await client.listMessageMoveTasks({ SourceArn }), {
      Results: [
        {
          TaskHandle,
          Status: 'RUNNING',
          SourceArn,
          DestinationArn: arnOf('other'),
          MaxNumberOfMessagesPerSecond: 5,
          ApproximateNumberOfMessagesMoved: 5,
          ApproximateNumberOfMessagesToMove: 25,
          FailureReason: undefined,
          StartedTimestamp: startedAt,
        },
      ],
    })
    t.strictSame(await client.cancelMessageMoveTask({ TaskHandle }), { ApproximateNumberOfMessagesMoved: 5 })
    t.equal((await client.listMessageMoveTasks({ SourceArn })).Results![0]!.Status, 'CANCELLING')
    await clock.advance(1_000)
    const [task] = (await client.listMessageMoveTasks({ SourceArn })).Results!
    t.match(task, { Status: 'CANCELLED', ApproximateNumberOfMessagesMoved: 5, TaskHandle: undefined })
    t.strictSame(await counts(sqs, dlq), [20, 0, 0])
    await refuses(t, client.cancelMessageMoveTask({ TaskHandle }), 'UnsupportedOperation', 'Only active tasks can be cancelled.')
  })

  t.test('moves messages back where they came from, as new ones', async t => {
    await client.startMessageMoveTask({ SourceArn })
    await clock.advance(1_000)
    t.match((await client.listMessageMoveTasks({ SourceArn, MaxResults: 10 })).Results, [
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 20 },
      { Status: 'CANCELLED' },
    ])
    t.strictSame(await counts(sqs, QueueUrl), [20, 0, 0])
    const [message] = await receive(sqs, QueueUrl, { MessageSystemAttributeNames: ['All'] })
    t.strictSame(Object.keys(message!.Attributes!).sort(), [
      'ApproximateFirstReceiveTimestamp',
      'ApproximateReceiveCount',
      'SenderId',
      'SentTimestamp',
    ])
    t.equal(message!.Attributes!.ApproximateReceiveCount, '1')
  })

  t.test('fails for a message that was sent to the dead-letter queue itself', async t => {
    await client.sendMessage({ QueueUrl: dlq, MessageBody: 'x' })
    await client.startMessageMoveTask({ SourceArn })
    await clock.advance(1_000)
    t.match((await client.listMessageMoveTasks({ SourceArn })).Results, [
      { Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' },
    ])
    t.strictSame(await counts(sqs, dlq), [1, 0, 0])
  })

  t.test('CancelMessageMoveTask and ListMessageMoveTasks refuse wrong input', async t => {
    await refuses(
      t,
      client.cancelMessageMoveTask({ TaskHandle: undefined }),
      'MissingParameter',
      'The request must contain the parameter TaskHandle.',
    )
    await refuses(
      t,
      client.cancelMessageMoveTask({ TaskHandle: 'x' }),
      'InvalidParameterValue',
      'Value x for parameter TaskHandle is invalid.',
    )
    const handle = Buffer.from(JSON.stringify({ taskId: 'none', sourceArn: SourceArn })).toString('base64')
    await refuses(t, client.cancelMessageMoveTask({ TaskHandle: handle }), 'ResourceNotFoundException', 'Task does not exist.')
    await refuses(
      t,
      client.listMessageMoveTasks({ SourceArn: arnOf('none') }),
      'ResourceNotFoundException',
      "The resource that you specified for the SourceArn parameter doesn't exist.",
    )
    await refuses(
      t,
      client.listMessageMoveTasks({ SourceArn, MaxResults: 11 }),
      'InvalidParameterValue',
      'Value 11 for parameter MaxResults is invalid. Reason: You must enter a value that is between 1 and 10.',
    )
  })
})

t.test('a move task goes on after a restart', async t => {
  const sqs = await startSqs(t, { persist: true })
  const { QueueUrl, SourceArn } = await fillDlq(sqs, 6)
  await sqs.client.startMessageMoveTask({ SourceArn, MaxNumberOfMessagesPerSecond: 1 })
  await sqs.clock.advance(2_500)
  t.strictSame(await counts(sqs, QueueUrl), [2, 0, 0])
  await sqs.restart()
  t.strictSame(await counts(sqs, QueueUrl), [2, 0, 0])
  await sqs.clock.advance(5_000)
  t.strictSame(await counts(sqs, QueueUrl), [6, 0, 0])
  t.match((await sqs.client.listMessageMoveTasks({ SourceArn })).Results, [{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 6 }])
})
