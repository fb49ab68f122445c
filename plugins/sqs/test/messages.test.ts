import t from 'tap'
import { bodies, counts, makeQueue, receive, refuses, startSqs } from './helper.js'

const HOURS_12 = 43_200

t.test('SendMessage', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  const send = (input: object) => client.sendMessage({ QueueUrl, MessageBody: 'x', ...input })

  t.test('refuses wrong input', async t => {
    await refuses(t, send({ MessageBody: undefined }), 'MissingParameter', 'The request must contain the parameter MessageBody.')
    await refuses(t, send({ MessageBody: '' }), 'MissingParameter', 'The request must contain the parameter MessageBody.')
    for (const DelaySeconds of [-1, 901]) {
      await refuses(
        t,
        send({ DelaySeconds }),
        'InvalidParameterValue',
        `Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
      )
    }
    await refuses(
      t,
      send({ MessageBody: 'a\u0008' }),
      'InvalidMessageContents',
      "Invalid binary character '#x8' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
    )
    await refuses(
      t,
      send({ MessageDeduplicationId: 'd' }),
      'InvalidParameterValue',
      'Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type',
    )
    const tooLong = 'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.'
    await refuses(t, send({ MessageBody: 'x'.repeat(1_048_577) }), 'InvalidParameterValue', tooLong)
    const attribute = { a: { DataType: 'String', StringValue: 'y' } }
    await refuses(t, send({ MessageBody: 'x'.repeat(1_048_576 - 7), MessageAttributes: attribute }), 'InvalidParameterValue', tooLong)
    t.strictSame(await counts(sqs, QueueUrl), [0, 0, 0])
    await send({ MessageBody: 'x'.repeat(1_048_576 - 8), MessageAttributes: attribute })
    t.strictSame(await counts(sqs, QueueUrl), [1, 0, 0], 'body and attributes of 1 MiB together are fine')
  })

  t.test('answers ids and digests', async t => {
    const answer = await send({
      MessageBody: 'hello',
      MessageAttributes: { timestamp: { DataType: 'Number', StringValue: '1493147359900' } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' } },
    })
    t.match(answer, {
      MessageId: /^[\da-f-]{36}$/,
      MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592',
      MD5OfMessageAttributes: '235c5c510d26fb653d073faed50ae77c',
      MD5OfMessageSystemAttributes: /^[\da-f]{32}$/,
      SequenceNumber: undefined,
    })
  })

  t.test("delays a message for its own time or the queue's", async t => {
    const delayed = await makeQueue(sqs, 'delayed', { DelaySeconds: '10' })
    await client.sendMessage({ QueueUrl: delayed, MessageBody: 'queue' })
    await client.sendMessage({ QueueUrl: delayed, MessageBody: 'none', DelaySeconds: 0 })
    await client.sendMessage({ QueueUrl: delayed, MessageBody: 'own', DelaySeconds: 900 })
    await client.setQueueAttributes({ QueueUrl: delayed, Attributes: { DelaySeconds: '0' } })
    t.strictSame(await bodies(sqs, delayed), ['none'], 'a change of the delay leaves what was sent')
    await sqs.clock.advance(9_999)
    t.strictSame(await bodies(sqs, delayed), [])
    await sqs.clock.advance(1)
    t.strictSame(await bodies(sqs, delayed), ['queue'])
    await sqs.clock.advance(890_000)
    t.ok((await bodies(sqs, delayed)).includes('own'))
  })
})

t.test('ReceiveMessage', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')

  t.test('refuses wrong input', async t => {
    const ask = (input: object) => client.receiveMessage({ QueueUrl, ...input })
    for (const n of [0, 11])
      await refuses(
        t,
        ask({ MaxNumberOfMessages: n }),
        'InvalidParameterValue',
        `Value ${n} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
      )
    for (const n of [-1, 21])
      await refuses(
        t,
        ask({ WaitTimeSeconds: n }),
        'InvalidParameterValue',
        `Value ${n} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.`,
      )
    for (const n of [-1, 43_201])
      await refuses(
        t,
        ask({ VisibilityTimeout: n }),
        'InvalidParameterValue',
        `Value ${n} for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.`,
      )
    await refuses(t, ask({ MessageSystemAttributeNames: ['Other'] }), 'InvalidAttributeName', 'Unknown Attribute Other.')
    await refuses(
      t,
      ask({ ReceiveRequestAttemptId: 'r' }),
      'InvalidParameterValue',
      'Value r for parameter ReceiveRequestAttemptId is invalid. Reason: The request include parameter that is not valid for this queue type',
    )
  })

  t.test('hands out messages in the order they came, and hides them', async t => {
    t.strictSame(await client.receiveMessage({ QueueUrl }), {})
    for (let i = 0; i < 12; i++) await client.sendMessage({ QueueUrl, MessageBody: `${i}` })
    t.equal((await client.receiveMessage({ QueueUrl })).Messages?.length, 1, 'one by default')
    t.strictSame(await bodies(sqs, QueueUrl), ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
    t.strictSame(await bodies(sqs, QueueUrl), ['11'])
    t.strictSame(await bodies(sqs, QueueUrl), [])
    await sqs.clock.advance(30_000)
    t.equal((await bodies(sqs, QueueUrl, { VisibilityTimeout: 5 })).length, 10, 'until the visibility timeout ends')
    await sqs.clock.advance(5_000)
    t.strictSame(await counts(sqs, QueueUrl), [12, 0, 0])
    await client.purgeQueue({ QueueUrl })
  })

  t.test('tells the attributes that are asked for', async t => {
    const sender = sqs.as({
      caller: { account: '000000000000', arn: 'arn:aws:iam::000000000000:user/u', userId: 'AIDAUSER', type: 'user' },
    })
    await sender.sendMessage({
      QueueUrl,
      MessageBody: 'x',
      MessageGroupId: 'tenant',
      MessageAttributes: { 'a.1': { DataType: 'String', StringValue: 'one' }, b: { DataType: 'Binary', BinaryValue: Uint8Array.of(1) } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
    })
    const start = sqs.clock.now()
    await sqs.clock.advance(1_000)
    const take = async (options: object) => {
      const { Messages } = await client.receiveMessage({ QueueUrl, VisibilityTimeout: 0, ...options })
      return Messages![0]!
    }
    const plain = await take({})
    t.strictSame(Object.keys(plain), ['MessageId', 'ReceiptHandle', 'MD5OfBody', 'Body'])
    await sqs.clock.advance(1_000)
    t.strictSame((await take({ MessageSystemAttributeNames: ['All'] })).Attributes, {
      SenderId: 'AIDAUSER',
      ApproximateFirstReceiveTimestamp: String(start + 1_000),
      ApproximateReceiveCount: '2',
      SentTimestamp: String(start),
      AWSTraceHeader: 'Root=1',
      MessageGroupId: 'tenant',
    })
    t.strictSame((await take({ AttributeNames: ['SenderId'], MessageSystemAttributeNames: ['AWSTraceHeader'] })).Attributes, {
      SenderId: 'AIDAUSER',
      AWSTraceHeader: 'Root=1',
    })
    const some = await take({ MessageAttributeNames: ['a.*'] })
    t.strictSame(some.MessageAttributes, { 'a.1': { DataType: 'String', StringValue: 'one' } })
    const all = await take({ MessageAttributeNames: ['All'] })
    t.strictSame(all.MessageAttributes?.b, { DataType: 'Binary', BinaryValue: Uint8Array.of(1) })
    t.not(some.MD5OfMessageAttributes, all.MD5OfMessageAttributes, 'the digest is of what is told')
  })
})

t.test('DeleteMessage', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  const remove = (ReceiptHandle: string | undefined) => client.deleteMessage({ QueueUrl, ReceiptHandle })
  await refuses(t, remove(undefined), 'MissingParameter', 'The request must contain the parameter ReceiptHandle.')
  await refuses(t, remove('x'), 'ReceiptHandleIsInvalid', 'The input receipt handle is invalid.')
  await client.sendMessage({ QueueUrl, MessageBody: 'x' })
  const [first] = await receive(sqs, QueueUrl)
  await sqs.clock.advance(30_000)
  const [second] = await receive(sqs, QueueUrl)
  t.not(first!.ReceiptHandle, second!.ReceiptHandle, 'every receive has a handle of its own')
  await remove(first!.ReceiptHandle)
  t.strictSame(await counts(sqs, QueueUrl), [0, 1, 0], 'an older handle is taken, and does nothing')
  await sqs.clock.advance(30_000)
  await remove(second!.ReceiptHandle)
  t.strictSame(await counts(sqs, QueueUrl), [0, 0, 0], 'the latest handle deletes, also when the message is visible again')
  t.strictSame(await remove(second!.ReceiptHandle), {}, 'and again')
  const other = await makeQueue(sqs, 'other')
  await refuses(
    t,
    client.deleteMessage({ QueueUrl: other, ReceiptHandle: second!.ReceiptHandle }),
    'ReceiptHandleIsInvalid',
    'The input receipt handle is invalid.',
  )
})

t.test('ChangeMessageVisibility', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  await client.sendMessage({ QueueUrl, MessageBody: 'x' })
  let handle = (await receive(sqs, QueueUrl))[0]!.ReceiptHandle
  const change = (VisibilityTimeout: number | undefined, ReceiptHandle = handle) =>
    client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout })

  await refuses(t, change(undefined), 'MissingParameter', 'The request must contain the parameter VisibilityTimeout.')
  await refuses(t, change(1, 'x'), 'ReceiptHandleIsInvalid', 'The input receipt handle is invalid.')
  for (const n of [-1, 43_201])
    await refuses(
      t,
      change(n),
      'InvalidParameterValue',
      `Value ${n} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.`,
    )
  await change(HOURS_12)
  await sqs.clock.advance(1_000)
  await refuses(
    t,
    change(HOURS_12),
    'InvalidParameterValue',
    'Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]',
  )
  await change(HOURS_12 - 1)
  await change(10)
  await sqs.clock.advance(9_999)
  t.strictSame(await counts(sqs, QueueUrl), [0, 1, 0])
  await sqs.clock.advance(1)
  t.strictSame(await counts(sqs, QueueUrl), [1, 0, 0], 'the new timeout counts from the change')
  await refuses(t, change(1), 'MessageNotInflight', "The specified message isn't in flight.")
  handle = (await receive(sqs, QueueUrl))[0]!.ReceiptHandle
  await change(0)
  t.strictSame(await counts(sqs, QueueUrl), [1, 0, 0], 'zero shows it at once')
  handle = (await receive(sqs, QueueUrl))[0]!.ReceiptHandle
  await client.deleteMessage({ QueueUrl, ReceiptHandle: handle })
  await refuses(
    t,
    change(1),
    'InvalidParameterValue',
    `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
  )
})

t.test('a standard queue refuses receives when too much is in flight', async t => {
  const sqs = await startSqs(t)
  const QueueUrl = await makeQueue(sqs, 'q')
  const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: 'x' }))
  for (let i = 0; i < 12_001; i++) await sqs.client.sendMessageBatch({ QueueUrl, Entries })
  for (let i = 0; i < 12_000; i++) await sqs.client.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
  t.strictSame(await counts(sqs, QueueUrl), [10, 120_000, 0])
  await refuses(t, sqs.client.receiveMessage({ QueueUrl }), 'OverLimit', 'The maximum number of in flight messages is reached: 120000.')
})
