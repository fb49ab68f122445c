import t from 'tap'
import { bodies, counts, makeQueue, receive, refuses, startSqs } from './helper.js'

t.test('every batch refuses wrong entries', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  const calls = {
    SendMessageBatchRequestEntry: (Ids: (string | undefined)[] | undefined) =>
      client.sendMessageBatch({ QueueUrl, Entries: Ids?.map(Id => ({ Id, MessageBody: 'x' })) }),
    DeleteMessageBatchRequestEntry: (Ids: (string | undefined)[] | undefined) =>
      client.deleteMessageBatch({ QueueUrl, Entries: Ids?.map(Id => ({ Id, ReceiptHandle: 'x' })) }),
    ChangeMessageVisibilityBatchRequestEntry: (Ids: (string | undefined)[] | undefined) =>
      client.changeMessageVisibilityBatch({ QueueUrl, Entries: Ids?.map(Id => ({ Id, ReceiptHandle: 'x', VisibilityTimeout: 1 })) }),
  }
  const eleven = Array.from({ length: 11 }, (_, i) => `${i}`)
  for (const [type, call] of Object.entries(calls)) {
    for (const none of [undefined, []])
      await refuses(t, call(none), 'EmptyBatchRequest', `There should be at least one ${type} in the request.`)
    await refuses(t, call(eleven), 'TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10. You have sent 11.')
    await refuses(t, call(['a', 'b', 'a']), 'BatchEntryIdsNotDistinct', 'Id a repeated.')
    await refuses(t, call(['a', undefined]), 'MissingParameter', `The request must contain the parameter ${type}.2.Id.`)
    for (const id of ['', 'a b', 'x'.repeat(81)]) {
      await refuses(
        t,
        call([id]),
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      )
    }
  }
})

t.test('SendMessageBatch', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  const half = 'x'.repeat(524_288)
  await refuses(
    t,
    client.sendMessageBatch({
      QueueUrl,
      Entries: [
        { Id: 'a', MessageBody: half },
        { Id: 'b', MessageBody: `${half}x` },
      ],
    }),
    'BatchRequestTooLong',
    'Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.',
  )
  const answer = await client.sendMessageBatch({
    QueueUrl,
    Entries: [
      { Id: 'good', MessageBody: 'good' },
      { Id: 'delay', MessageBody: 'x', DelaySeconds: 901 },
      { Id: 'contents', MessageBody: '\0' },
      { Id: 'later', MessageBody: 'later', DelaySeconds: 5 },
    ],
  })
  t.match(answer.Successful, [{ Id: 'good', MD5OfMessageBody: '755f85c2723bb39381c7379a604160d8' }, { Id: 'later' }])
  t.match(answer.Failed, [
    {
      Id: 'delay',
      SenderFault: true,
      Code: 'InvalidParameterValue',
      Message: 'Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.',
    },
    { Id: 'contents', SenderFault: true, Code: 'InvalidMessageContents' },
  ])
  t.strictSame(await counts(sqs, QueueUrl), [1, 0, 1])

  const fifo = await makeQueue(sqs, 'q.fifo')
  const entry = (Id: string, group: string | undefined) => ({ Id, MessageBody: Id, MessageGroupId: group, MessageDeduplicationId: Id })
  await refuses(
    t,
    client.sendMessageBatch({ QueueUrl: fifo, Entries: [entry('a', 'g'), entry('b', undefined)] }),
    'MissingParameter',
    'The request must contain the parameter MessageGroupId.',
  )
  await client.sendMessageBatch({ QueueUrl: fifo, Entries: ['3', '1', '2'].map(Id => entry(Id, 'g')) })
  t.strictSame(await bodies(sqs, fifo), ['3', '1', '2'], 'a batch keeps its order')
})

t.test('DeleteMessageBatch and ChangeMessageVisibilityBatch', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  for (const MessageBody of ['a', 'b', 'c']) await client.sendMessage({ QueueUrl, MessageBody })
  const [a, b, c] = (await receive(sqs, QueueUrl)).map(message => message.ReceiptHandle)
  const changed = await client.changeMessageVisibilityBatch({
    QueueUrl,
    Entries: [
      { Id: 'a', ReceiptHandle: a, VisibilityTimeout: 0 },
      { Id: 'b', ReceiptHandle: b, VisibilityTimeout: -1 },
      { Id: 'c', ReceiptHandle: c },
      { Id: 'd', ReceiptHandle: 'x', VisibilityTimeout: 0 },
    ],
  })
  t.strictSame(changed, {
    Successful: [{ Id: 'a' }],
    Failed: [
      {
        Id: 'b',
        SenderFault: true,
        Code: 'InvalidParameterValue',
        Message: 'Value -1 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.',
      },
      { Id: 'c', SenderFault: true, Code: 'MissingParameter', Message: 'The request must contain the parameter VisibilityTimeout.' },
      { Id: 'd', SenderFault: true, Code: 'ReceiptHandleIsInvalid', Message: 'The input receipt handle is invalid.' },
    ],
  })
  t.match(await client.changeMessageVisibilityBatch({ QueueUrl, Entries: [{ Id: 'a', ReceiptHandle: a, VisibilityTimeout: 1 }] }), {
    Failed: [{ Code: 'AWS.SimpleQueueService.MessageNotInflight' }],
  })
  const deleted = await client.deleteMessageBatch({
    QueueUrl,
    Entries: [
      { Id: 'b', ReceiptHandle: b },
      { Id: 'x', ReceiptHandle: 'x' },
      { Id: 'c', ReceiptHandle: c },
    ],
  })
  t.strictSame(deleted, {
    Successful: [{ Id: 'b' }, { Id: 'c' }],
    Failed: [{ Id: 'x', SenderFault: true, Code: 'ReceiptHandleIsInvalid', Message: 'The input receipt handle is invalid.' }],
  })
  t.strictSame(await counts(sqs, QueueUrl), [1, 0, 0])
})
