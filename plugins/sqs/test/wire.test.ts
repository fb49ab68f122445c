import t from 'tap'
import { arnOf, bodies, counts, makeQueue, receive, type Sqs, startSqs } from './helper.js'

function json(sqs: Sqs, operation: string, input: object) {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}`, 'x-amzn-query-mode': 'true' }
  return sqs.http({ method: 'POST', url: '/', headers, body: JSON.stringify(input) })
}

function form(sqs: Sqs, url: string, fields: Record<string, string>) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return sqs.http({ method: 'POST', url, headers, body: new URLSearchParams({ Version: '2012-11-05', ...fields }).toString() })
}

t.test('errors over JSON carry the query code too', async t => {
  const sqs = await startSqs(t)
  const missing = await json(sqs, 'GetQueueUrl', { QueueName: 'none' })
  t.equal(missing.status, 400)
  t.equal(missing.headers['x-amzn-query-error'], 'AWS.SimpleQueueService.NonExistentQueue;Sender')
  t.same(JSON.parse(missing.body), { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'The specified queue does not exist.' })
  const invalid = await json(sqs, 'CreateQueue', { QueueName: 'a b' })
  t.equal(invalid.headers['x-amzn-query-error'], 'InvalidParameterValue;Sender')
  const absent = await json(sqs, 'SendMessage', {})
  t.equal(absent.headers['x-amzn-query-error'], 'MissingParameter;Sender')
})

t.test('empty answers over JSON are as AWS writes them', async t => {
  const sqs = await startSqs(t)
  const QueueUrl = await makeQueue(sqs, 'q')
  t.equal((await json(sqs, 'ReceiveMessage', { QueueUrl })).body, '{}')
  t.equal((await json(sqs, 'ListQueueTags', { QueueUrl })).body, '{}')
  t.equal((await json(sqs, 'ListDeadLetterSourceQueues', { QueueUrl })).body, '{"queueUrls":[]}')
  const batch = await json(sqs, 'DeleteMessageBatch', { QueueUrl, Entries: [{ Id: 'a', ReceiptHandle: 'x' }] })
  t.match(JSON.parse(batch.body), { Successful: [], Failed: [{ Id: 'a' }] })
})

t.test('the query protocol', async t => {
  const sqs = await startSqs(t)
  await form(sqs, '/', {
    Action: 'CreateQueue',
    QueueName: 'q',
    'Attribute.1.Name': 'VisibilityTimeout',
    'Attribute.1.Value': '7',
    'Tag.1.Key': 'k',
    'Tag.1.Value': 'v',
  })
  const path = '/000000000000/q'
  const sent = await form(sqs, path, {
    Action: 'SendMessage',
    MessageBody: '<a & b>',
    'MessageAttribute.1.Name': 'n',
    'MessageAttribute.1.Value.DataType': 'Binary',
    'MessageAttribute.1.Value.BinaryValue': 'AQID',
  })
  t.match(sent.body, /^<SendMessageResponse xmlns="http:\/\/queue.amazonaws.com\/doc\/2012-11-05\/"><SendMessageResult>/)
  const got = await sqs.http({
    url: `${path}?Action=ReceiveMessage&Version=2012-11-05&AttributeName.1=SenderId&MessageAttributeName.1=All`,
  })
  t.equal(got.status, 200)
  t.match(got.body, '<Body>&lt;a &amp; b&gt;</Body><Attribute><Name>SenderId</Name>')
  t.match(
    got.body,
    '<MessageAttribute><Name>n</Name><Value><DataType>Binary</DataType><BinaryValue>AQID</BinaryValue></Value></MessageAttribute>',
  )
  const refused = await form(sqs, '/000000000000/none', { Action: 'SendMessage', MessageBody: 'x' })
  t.equal(refused.status, 400)
  t.match(
    refused.body,
    '<Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist.</Message>',
  )
  const handle = await form(sqs, path, { Action: 'DeleteMessage', ReceiptHandle: 'x' })
  t.equal(handle.status, 404)
  t.match(handle.body, '<Code>ReceiptHandleIsInvalid</Code>')
  const absent = await form(sqs, '/', { Action: 'SendMessage', MessageBody: 'x' })
  t.match(absent.body, '<Code>MissingParameter</Code><Message>The request must contain the parameter QueueUrl.</Message>')
})

t.test('GET /_ministack/sqs/messages shows messages without receiving them', async t => {
  const sqs = await startSqs(t)
  const QueueUrl = await makeQueue(sqs, 'q')
  const show = async (query: string) => {
    const { status, body } = await sqs.http({ url: `/_ministack/sqs/messages${query}` })
    return { status, ...JSON.parse(body) }
  }
  await sqs.client.sendMessage({
    QueueUrl,
    MessageBody: 'a',
    MessageAttributes: { n: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2, 3) } },
  })
  await sqs.client.sendMessage({ QueueUrl, MessageBody: 'b', DelaySeconds: 10 })
  await receive(sqs, QueueUrl)
  const { messages } = await show(`?QueueUrl=${encodeURIComponent(QueueUrl)}`)
  t.match(messages, [
    {
      QueueArn: arnOf('q'),
      Body: 'a',
      State: 'inflight',
      Attributes: { ApproximateReceiveCount: '1' },
      MessageAttributes: { n: { BinaryValue: 'AQID' } },
    },
    { Body: 'b', State: 'delayed', VisibleAt: new Date(sqs.clock.now() + 10_000).toISOString() },
  ])
  t.strictSame(await counts(sqs, QueueUrl), [0, 1, 1])
  t.equal((await show('')).messages.length, 2)
  t.equal((await show('?account=111122223333')).messages.length, 0)
  t.equal((await show('?region=eu-west-1')).messages.length, 0)
  t.equal((await show('?QueueUrl=nonsense')).status, 404)
})

t.test('everything is there again after a restart', async t => {
  const sqs = await startSqs(t, { persist: true })
  const { client, clock } = sqs
  const QueueUrl = await makeQueue(sqs, 'q', { VisibilityTimeout: '60' })
  for (const MessageBody of ['received', 'ready', 'gone']) await client.sendMessage({ QueueUrl, MessageBody })
  await client.sendMessage({
    QueueUrl,
    MessageBody: 'delayed',
    DelaySeconds: 90,
    MessageAttributes: { n: { DataType: 'Binary', BinaryValue: Uint8Array.of(7) } },
  })
  const [received] = await receive(sqs, QueueUrl, { MaxNumberOfMessages: 1 })
  const rest = await receive(sqs, QueueUrl, { MaxNumberOfMessages: 2 })
  await client.changeMessageVisibility({ QueueUrl, ReceiptHandle: rest[0]!.ReceiptHandle, VisibilityTimeout: 0 })
  await client.deleteMessage({ QueueUrl, ReceiptHandle: rest[1]!.ReceiptHandle })
  const fifo = await makeQueue(sqs, 'q.fifo', { ContentBasedDeduplication: 'true' })
  const sent = []
  for (const MessageBody of ['1', '2', '3']) sent.push(await client.sendMessage({ QueueUrl: fifo, MessageBody, MessageGroupId: 'g' }))
  const deleted = await makeQueue(sqs, 'deleted')
  await client.sendMessage({ QueueUrl: deleted, MessageBody: 'x' })
  await client.deleteQueue({ QueueUrl: deleted })

  await sqs.restart()
  t.strictSame(await counts(sqs, QueueUrl), [1, 1, 1])
  t.strictSame(await bodies(sqs, QueueUrl), ['ready'])
  await client.deleteMessage({ QueueUrl, ReceiptHandle: received!.ReceiptHandle })
  t.strictSame(await counts(sqs, QueueUrl), [0, 1, 1], 'a handle from before is good')
  const repeated = await client.sendMessage({ QueueUrl: fifo, MessageBody: '2', MessageGroupId: 'g' })
  t.equal(repeated.MessageId, sent[1]!.MessageId, 'and so is what was sent once')
  const next = await client.sendMessage({ QueueUrl: fifo, MessageBody: '4', MessageGroupId: 'g' })
  t.ok(next.SequenceNumber! > sent[2]!.SequenceNumber!)
  t.strictSame(await bodies(sqs, fifo), ['1', '2', '3', '4'])
  await t.rejects(client.createQueue({ QueueName: 'deleted' }), { code: 'QueueDeletedRecently' })
  await clock.advance(90_000)
  const { Messages } = await client.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] })
  t.match(Messages?.find(message => message.Body === 'delayed')?.MessageAttributes, { n: { BinaryValue: Uint8Array.of(7) } })
})
