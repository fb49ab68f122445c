import t from 'tap'
import { bodies, counts, makeQueue, receive, refuses, type Sqs, startSqs } from './helper.js'

async function send({ client }: Sqs, QueueUrl: string, body: string, group: string, id = `${group}-${body}`) {
  return client.sendMessage({ QueueUrl, MessageBody: body, MessageGroupId: group, MessageDeduplicationId: id })
}

t.test('a send to a FIFO queue', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q.fifo')
  const trySend = (input: object) => client.sendMessage({ QueueUrl, MessageBody: 'x', ...input })

  t.test('is refused without what a FIFO queue needs', async t => {
    await refuses(t, trySend({}), 'MissingParameter', 'The request must contain the parameter MessageGroupId.')
    await refuses(
      t,
      trySend({ MessageGroupId: 'g' }),
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    )
    await refuses(
      t,
      trySend({ MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 5 }),
      'InvalidParameterValue',
      'Value 5 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
    )
    await refuses(
      t,
      trySend({ MessageGroupId: 'a b', MessageDeduplicationId: 'd' }),
      'InvalidParameterValue',
      'Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
    )
  })

  t.test('is recognised for five minutes when it is repeated, even once its message is deleted', async t => {
    const first = await send(sqs, QueueUrl, 'x', 'g', 'd')
    t.match(first.SequenceNumber, /^\d{20}$/)
    const [message] = await receive(sqs, QueueUrl)
    await client.deleteMessage({ QueueUrl, ReceiptHandle: message!.ReceiptHandle })
    await sqs.clock.advance(299_999)
    const again = await send(sqs, QueueUrl, 'other body', 'other-group', 'd')
    t.equal(again.MessageId, first.MessageId)
    t.equal(again.SequenceNumber, first.SequenceNumber)
    t.strictSame(await counts(sqs, QueueUrl), [0, 0, 0])
    await sqs.clock.advance(1)
    const later = await send(sqs, QueueUrl, 'x', 'g', 'd')
    t.not(later.MessageId, first.MessageId)
    t.ok(later.SequenceNumber! > first.SequenceNumber!)
  })

  t.test('is recognised by its content where the queue says so', async t => {
    const content = await makeQueue(sqs, 'content.fifo', { ContentBasedDeduplication: 'true' })
    const sendBody = (MessageBody: string, more = {}) =>
      client.sendMessage({ QueueUrl: content, MessageBody, MessageGroupId: 'g', ...more })
    const first = await sendBody('same')
    t.equal((await sendBody('same')).MessageId, first.MessageId)
    t.not((await sendBody('other')).MessageId, first.MessageId)
    t.not((await sendBody('same', { MessageDeduplicationId: 'own' })).MessageId, first.MessageId, 'an id of its own counts first')
    const [message] = await receive(sqs, content, { MessageSystemAttributeNames: ['All'] })
    t.match(message!.Attributes, {
      MessageDeduplicationId: '0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5',
      MessageGroupId: 'g',
      SequenceNumber: first.SequenceNumber!,
    })
  })

  t.test('is recognised within its group only where that is the scope', async t => {
    const scoped = await makeQueue(sqs, 'scoped.fifo', { DeduplicationScope: 'messageGroup' })
    const first = await send(sqs, scoped, 'x', 'g1', 'd')
    t.not((await send(sqs, scoped, 'x', 'g2', 'd')).MessageId, first.MessageId)
    t.equal((await send(sqs, scoped, 'x', 'g1', 'd')).MessageId, first.MessageId)
  })
})

t.test('a receive from a FIFO queue', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs

  t.test('keeps the order of a group and blocks it while a message of it is in flight', async t => {
    const QueueUrl = await makeQueue(sqs, 'order.fifo')
    for (const body of ['a1', 'b1', 'a2', 'a3', 'b2']) await send(sqs, QueueUrl, body, body[0]!)
    const [a1] = await receive(sqs, QueueUrl, { MaxNumberOfMessages: 1 })
    t.equal(a1!.Body, 'a1')
    const bs = await receive(sqs, QueueUrl)
    t.strictSame(
      bs.map(message => message.Body),
      ['b1', 'b2'],
      'another group goes on',
    )
    t.strictSame(await bodies(sqs, QueueUrl), [])
    await client.deleteMessage({ QueueUrl, ReceiptHandle: a1!.ReceiptHandle })
    t.strictSame(await bodies(sqs, QueueUrl), ['a2', 'a3'], 'and the group once its message is deleted')
    await client.deleteMessage({ QueueUrl, ReceiptHandle: bs[1]!.ReceiptHandle })
    t.strictSame(await bodies(sqs, QueueUrl), [], 'one message in flight is enough to block')
    await sqs.clock.advance(30_000)
    t.strictSame((await bodies(sqs, QueueUrl)).sort(), ['a2', 'a3', 'b1'], 'until it is visible again, in its old place')
  })

  t.test('takes as much as it can from one group, then from the next', async t => {
    const QueueUrl = await makeQueue(sqs, 'groups.fifo')
    for (let i = 1; i <= 3; i++) for (const group of ['a', 'b', 'c']) await send(sqs, QueueUrl, `${group}${i}`, group)
    t.strictSame(await bodies(sqs, QueueUrl, { MaxNumberOfMessages: 5 }), ['a1', 'a2', 'a3', 'b1', 'b2'])
    t.strictSame(await bodies(sqs, QueueUrl, { MaxNumberOfMessages: 5 }), ['c1', 'c2', 'c3'])
  })

  t.test("the queue's delay counts for every message, also when it changes", async t => {
    const QueueUrl = await makeQueue(sqs, 'delay.fifo', { DelaySeconds: '10' })
    await send(sqs, QueueUrl, 'a', 'g')
    t.strictSame(await counts(sqs, QueueUrl), [0, 0, 1])
    await client.setQueueAttributes({ QueueUrl, Attributes: { DelaySeconds: '20' } })
    await sqs.clock.advance(19_999)
    t.strictSame(await bodies(sqs, QueueUrl), [])
    await client.setQueueAttributes({ QueueUrl, Attributes: { DelaySeconds: '0' } })
    t.strictSame(await bodies(sqs, QueueUrl), ['a'])
  })

  t.test('a handle is good for its visibility timeout', async t => {
    const QueueUrl = await makeQueue(sqs, 'expired.fifo')
    await send(sqs, QueueUrl, 'a', 'g')
    const ReceiptHandle = (await receive(sqs, QueueUrl))[0]!.ReceiptHandle
    await sqs.clock.advance(30_000)
    const expired = [
      'InvalidParameterValue',
      `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    ] as const
    await refuses(t, client.deleteMessage({ QueueUrl, ReceiptHandle }), ...expired)
    await refuses(t, client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 1 }), ...expired)
    const [again] = await receive(sqs, QueueUrl)
    await refuses(t, client.deleteMessage({ QueueUrl, ReceiptHandle }), ...expired)
    await client.deleteMessage({ QueueUrl, ReceiptHandle: again!.ReceiptHandle })
    t.strictSame(await client.deleteMessage({ QueueUrl, ReceiptHandle: again!.ReceiptHandle }), {}, 'a repeated delete is fine')
    t.strictSame(await counts(sqs, QueueUrl), [0, 0, 0])
  })

  t.test('is repeated by its attempt id', async t => {
    const QueueUrl = await makeQueue(sqs, 'attempt.fifo')
    for (const group of ['a', 'b', 'c']) await send(sqs, QueueUrl, group, group)
    const attempt = { MaxNumberOfMessages: 2, ReceiveRequestAttemptId: 'try-1' }
    const first = await receive(sqs, QueueUrl, attempt)
    await sqs.clock.advance(20_000)
    t.strictSame(await receive(sqs, QueueUrl, attempt), first, 'the same messages and handles')
    await sqs.clock.advance(20_000)
    t.strictSame(await counts(sqs, QueueUrl), [1, 2, 0], 'and the visibility timeout begins anew')
    await client.deleteMessage({ QueueUrl, ReceiptHandle: first[0]!.ReceiptHandle })
    t.strictSame(
      (await receive(sqs, QueueUrl, attempt)).map(message => message.Body),
      ['c'],
      'unless one was deleted or changed',
    )
    await refuses(
      t,
      client.receiveMessage({ QueueUrl, ReceiveRequestAttemptId: 'a b' }),
      'InvalidParameterValue',
      'Value a b for parameter ReceiveRequestAttemptId is invalid. Reason: ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
    )
  })

  t.test('wakes when a delete frees a group', async t => {
    const QueueUrl = await makeQueue(sqs, 'wake.fifo')
    await send(sqs, QueueUrl, '1', 'g')
    await send(sqs, QueueUrl, '2', 'g')
    const [one] = await receive(sqs, QueueUrl, { MaxNumberOfMessages: 1 })
    const waiting = client.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 })
    await sqs.clock.advance(1_000)
    await client.deleteMessage({ QueueUrl, ReceiptHandle: one!.ReceiptHandle })
    t.equal((await waiting).Messages?.[0]?.Body, '2')
  })
})

t.test('a FIFO queue takes 300 calls of an action a second', async t => {
  const sqs = await startSqs(t)
  const QueueUrl = await makeQueue(sqs, 'q.fifo')
  for (let i = 0; i < 300; i++) await send(sqs, QueueUrl, `${i}`, 'g')
  await refuses(t, send(sqs, QueueUrl, 'more', 'g'), 'RequestThrottled', 'Request is throttled.')
  t.equal((await receive(sqs, QueueUrl)).length, 10, 'another action has a quota of its own')
  await sqs.clock.advance(1_000)
  await send(sqs, QueueUrl, 'more', 'g')

  const high = await makeQueue(sqs, 'high.fifo', { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' })
  for (let i = 0; i < 300; i++) await send(sqs, high, `${i}`, 'g1')
  await refuses(t, send(sqs, high, 'more', 'g1'), 'RequestThrottled', 'Request is throttled.')
  await send(sqs, high, 'more', 'g2')
})
