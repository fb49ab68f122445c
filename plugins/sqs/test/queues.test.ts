import t from 'tap'
import { arnOf, bodies, counts, makeQueue, receive, refuses, startSqs } from './helper.js'

t.test('CreateQueue', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs

  t.test('refuses wrong input', async t => {
    await refuses(t, client.createQueue({ QueueName: undefined }), 'MissingParameter', 'The request must contain the parameter QueueName.')
    const standard = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length'
    await refuses(t, client.createQueue({ QueueName: 'a b' }), 'InvalidParameterValue', standard)
    await refuses(t, client.createQueue({ QueueName: 'a.fifo' }), 'InvalidParameterValue', standard)
    const fifo =
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.'
    await refuses(t, client.createQueue({ QueueName: 'a', Attributes: { FifoQueue: 'true' } }), 'InvalidParameterValue', fifo)
    const create = (Attributes: Record<string, string>, QueueName = 'refused') => client.createQueue({ QueueName, Attributes })
    await refuses(t, create({ FifoQueue: 'false' }), 'InvalidAttributeName', 'Unknown Attribute FifoQueue.')
    await refuses(t, create({ ContentBasedDeduplication: 'true' }), 'InvalidAttributeName', 'Unknown Attribute ContentBasedDeduplication.')
    await refuses(
      t,
      create({ DeduplicationScope: 'queue' }),
      'InvalidAttributeValue',
      'You can specify the DeduplicationScope only when FifoQueue is set to true.',
    )
    for (const name of ['Nonsense', 'QueueArn', 'All', 'toString'])
      await refuses(t, create({ [name]: '1' }), 'InvalidAttributeName', `Unknown Attribute ${name}.`)
    const outOfRange = {
      VisibilityTimeout: ['-1', '43201', 'x', ''],
      MaximumMessageSize: ['1023', '1048577'],
      MessageRetentionPeriod: ['59', '1209601'],
      DelaySeconds: ['-1', '901', '1.5'],
      ReceiveMessageWaitTimeSeconds: ['-1', '21'],
      KmsDataKeyReusePeriodSeconds: ['59', '86401'],
      SqsManagedSseEnabled: ['maybe'],
      Policy: ['no json', '{}', '{"Statement":[]}'],
    }
    for (const [name, values] of Object.entries(outOfRange)) {
      for (const value of values)
        await refuses(t, create({ [name]: value }), 'InvalidAttributeValue', `Invalid value for the parameter ${name}.`)
    }
    await refuses(
      t,
      create({ FifoQueue: 'true', FifoThroughputLimit: 'perMessageGroupId' }, 'r.fifo'),
      'InvalidAttributeValue',
      'Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
    )
    await refuses(
      t,
      create({ KmsMasterKeyId: 'alias/aws/sqs', SqsManagedSseEnabled: 'true' }),
      'InvalidAttributeValue',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    )
    t.strictSame(await client.listQueues({}), {}, 'and nothing was created')
  })

  t.test('gives the same queue again, unless an attribute differs', async t => {
    const url = await makeQueue(sqs, 'same', { VisibilityTimeout: '10' })
    t.equal(url, 'http://localhost:4566/000000000000/same')
    t.equal(await makeQueue(sqs, 'same'), url)
    t.equal(await makeQueue(sqs, 'same', { VisibilityTimeout: '10', DelaySeconds: '0' }), url)
    await refuses(
      t,
      makeQueue(sqs, 'same', { VisibilityTimeout: '11' }),
      'QueueNameExists',
      'A queue already exists with the same name and a different value for attribute VisibilityTimeout',
    )
  })

  t.test('keeps a name from being used again for a minute', async t => {
    const QueueUrl = await makeQueue(sqs, 'again')
    await client.deleteQueue({ QueueUrl })
    await sqs.clock.advance(59_999)
    await refuses(
      t,
      client.createQueue({ QueueName: 'again' }),
      'QueueDeletedRecently',
      'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
    )
    await sqs.clock.advance(1)
    t.equal(await makeQueue(sqs, 'again'), QueueUrl)
  })

  t.test('lets a name be used again at once where SQS_DELAY_RECENTLY_DELETED is 0', async t => {
    const quick = await startSqs(t, { config: { env: { SQS_DELAY_RECENTLY_DELETED: '0' } } })
    const QueueUrl = await makeQueue(quick, 'again')
    await quick.client.deleteQueue({ QueueUrl })
    t.equal(await makeQueue(quick, 'again'), QueueUrl)
  })
})

t.test('DeleteQueue', async t => {
  const sqs = await startSqs(t)
  const QueueUrl = await makeQueue(sqs, 'q')
  await sqs.client.sendMessage({ QueueUrl, MessageBody: 'x' })
  t.strictSame(await sqs.client.deleteQueue({ QueueUrl }), {})
  const gone = ['QueueDoesNotExist', 'The specified queue does not exist.'] as const
  await refuses(t, sqs.client.deleteQueue({ QueueUrl }), ...gone)
  await refuses(t, sqs.client.sendMessage({ QueueUrl, MessageBody: 'x' }), ...gone)
  await sqs.clock.advance(60_000)
  await makeQueue(sqs, 'q')
  t.strictSame(await counts(sqs, QueueUrl), [0, 0, 0], 'its messages went with it')
})

t.test('a queue is found by its URL', async t => {
  const sqs = await startSqs(t)
  await makeQueue(sqs, 'q')
  const get = (QueueUrl: string | undefined) => sqs.client.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] })
  await refuses(t, get(undefined), 'MissingParameter', 'The request must contain the parameter QueueUrl.')
  await refuses(t, get('nonsense'), 'InvalidAddress', 'The address nonsense is not valid for this endpoint.')
  await refuses(t, get('http://localhost:4566/000000000000/other'), 'QueueDoesNotExist', 'The specified queue does not exist.')
  for (const host of [
    'http://localhost:4566',
    'https://sqs.us-east-1.amazonaws.com',
    'http://sqs.us-east-1.localhost.localstack.cloud:4566',
  ]) {
    t.strictSame(await get(`${host}/000000000000/q`), { Attributes: { QueueArn: arnOf('q') } })
  }
  const other = sqs.as({ account: '111122223333' })
  t.strictSame(await other.listQueues({}), {}, 'each account has its own')
  t.strictSame(await other.getQueueAttributes({ QueueUrl: 'http://x/000000000000/q', AttributeNames: ['QueueArn'] }), {
    Attributes: { QueueArn: arnOf('q') },
  })
  await refuses(
    t,
    sqs.as({ region: 'eu-west-1' }).getQueueUrl({ QueueName: 'q' }),
    'QueueDoesNotExist',
    'The specified queue does not exist.',
  )
})

t.test('GetQueueUrl', async t => {
  const sqs = await startSqs(t)
  const url = await makeQueue(sqs, 'q')
  t.strictSame(await sqs.client.getQueueUrl({ QueueName: 'q' }), { QueueUrl: url })
  const other = sqs.as({ account: '111122223333' })
  t.strictSame(await other.getQueueUrl({ QueueName: 'q', QueueOwnerAWSAccountId: '000000000000' }), { QueueUrl: url })
  await refuses(t, other.getQueueUrl({ QueueName: 'q' }), 'QueueDoesNotExist', 'The specified queue does not exist.')
  await refuses(
    t,
    sqs.client.getQueueUrl({ QueueName: undefined }),
    'MissingParameter',
    'The request must contain the parameter QueueName.',
  )
})

t.test('ListQueues', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const names = ['b1', 'a1', 'a3', 'a2']
  const urls = Object.fromEntries(await Promise.all(names.map(async name => [name, await makeQueue(sqs, name)])))
  t.strictSame(await client.listQueues({}), { QueueUrls: [urls.a1, urls.a2, urls.a3, urls.b1], NextToken: undefined })
  t.strictSame((await client.listQueues({ QueueNamePrefix: 'b' })).QueueUrls, [urls.b1])
  const first = await client.listQueues({ QueueNamePrefix: 'a', MaxResults: 2 })
  t.strictSame(first.QueueUrls, [urls.a1, urls.a2])
  await client.deleteQueue({ QueueUrl: urls.a2 })
  const second = await client.listQueues({ QueueNamePrefix: 'a', MaxResults: 2, NextToken: first.NextToken })
  t.strictSame(second, { QueueUrls: [urls.a3], NextToken: undefined }, 'a deletion between two pages costs no other queue')
  for (const MaxResults of [0, 1001]) {
    await refuses(
      t,
      client.listQueues({ MaxResults }),
      'InvalidParameterValue',
      `Value ${MaxResults} for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.`,
    )
  }
  await refuses(t, client.listQueues({ NextToken: 'x' }), 'InvalidParameterValue', 'Invalid or expired next token.')
})

t.test('GetQueueAttributes', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const all = async (QueueUrl: string) =>
    (await client.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })).Attributes as Record<string, string>
  const defaults = {
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
    ApproximateNumberOfMessagesDelayed: '0',
    CreatedTimestamp: '1767225600',
    LastModifiedTimestamp: '1767225600',
    VisibilityTimeout: '30',
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
    SqsManagedSseEnabled: 'true',
  }
  t.strictSame(await all(await makeQueue(sqs, 'q')), { QueueArn: arnOf('q'), ...defaults })
  t.strictSame(await all(await makeQueue(sqs, 'q.fifo')), {
    QueueArn: arnOf('q.fifo'),
    ...defaults,
    FifoQueue: 'true',
    ContentBasedDeduplication: 'false',
    DeduplicationScope: 'queue',
    FifoThroughputLimit: 'perQueue',
  })
  const QueueUrl = await makeQueue(sqs, 'kms', { KmsMasterKeyId: 'alias/k' })
  t.match(await all(QueueUrl), { KmsMasterKeyId: 'alias/k', KmsDataKeyReusePeriodSeconds: '300', SqsManagedSseEnabled: 'false' })
  t.strictSame(await client.getQueueAttributes({ QueueUrl }), {}, 'nothing asked, nothing told')
  t.strictSame(await client.getQueueAttributes({ QueueUrl, AttributeNames: ['Policy'] }), {}, 'what is not set is not told')
  await refuses(
    t,
    client.getQueueAttributes({ QueueUrl, AttributeNames: ['Other' as 'All'] }),
    'InvalidAttributeName',
    'Unknown Attribute Other.',
  )
  await client.sendMessage({ QueueUrl, MessageBody: 'a' })
  await client.sendMessage({ QueueUrl, MessageBody: 'b' })
  await client.sendMessage({ QueueUrl, MessageBody: 'c', DelaySeconds: 5 })
  await client.receiveMessage({ QueueUrl })
  t.strictSame(await counts(sqs, QueueUrl), [1, 1, 1])
  await sqs.clock.advance(30_000)
  t.strictSame(await counts(sqs, QueueUrl), [3, 0, 0])
})

t.test('SetQueueAttributes', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  const set = (Attributes: Record<string, string>) => client.setQueueAttributes({ QueueUrl, Attributes })
  const get = async (name: string) =>
    ((await client.getQueueAttributes({ QueueUrl, AttributeNames: [name as 'All'] })).Attributes as Record<string, string> | undefined)?.[
      name
    ]

  t.test('refuses wrong input', async t => {
    await refuses(t, set({}), 'MissingParameter', 'The request must contain the parameter Attributes.')
    await refuses(
      t,
      set({ FifoQueue: 'true' }),
      'InvalidAttributeValue',
      'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
    )
    await refuses(
      t,
      set({ VisibilityTimeout: '43201', DelaySeconds: '1' }),
      'InvalidAttributeValue',
      'Invalid value for the parameter VisibilityTimeout.',
    )
    t.equal(await get('DelaySeconds'), '0', 'all or nothing')
    const statement = { Effect: 'Allow', Principal: '*', Action: Array(8).fill('sqs:SendMessage'), Resource: '*' }
    await refuses(t, set({ Policy: JSON.stringify({ Statement: statement }) }), 'OverLimit', '8 Actions were found, maximum allowed is 7.')
  })

  t.test('takes effect at once', async t => {
    await sqs.clock.advance(5_000)
    await set({ VisibilityTimeout: '0', MaximumMessageSize: '1024' })
    t.equal(await get('LastModifiedTimestamp'), '1767225605')
    await refuses(
      t,
      client.sendMessage({ QueueUrl, MessageBody: 'x'.repeat(1025) }),
      'InvalidParameterValue',
      'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
    )
    await client.sendMessage({ QueueUrl, MessageBody: 'x' })
    t.equal((await receive(sqs, QueueUrl)).length, 1)
    t.equal((await receive(sqs, QueueUrl)).length, 1, 'no visibility timeout, no hiding')
  })

  t.test('removes what is set to nothing', async t => {
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: arnOf('q') }],
    })
    await set({ Policy: policy, KmsMasterKeyId: 'k' })
    t.equal(await get('Policy'), policy)
    t.equal(await get('SqsManagedSseEnabled'), 'false')
    await set({ Policy: '', SqsManagedSseEnabled: 'true' })
    t.equal(await get('Policy'), undefined)
    t.equal(await get('KmsMasterKeyId'), undefined)
  })
})

t.test('messages are kept for the retention period', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q', { MessageRetentionPeriod: '60' })
  await client.sendMessage({ QueueUrl, MessageBody: 'old' })
  await sqs.clock.advance(30_000)
  await client.sendMessage({ QueueUrl, MessageBody: 'young' })
  await receive(sqs, QueueUrl, { MaxNumberOfMessages: 1 })
  await sqs.clock.advance(30_000)
  t.strictSame(await bodies(sqs, QueueUrl), ['young'], 'also in flight')
  await client.setQueueAttributes({ QueueUrl, Attributes: { MessageRetentionPeriod: '120' } })
  await sqs.clock.advance(60_000)
  t.strictSame(await bodies(sqs, QueueUrl), ['young'], 'a longer period counts for what is there')
  await client.setQueueAttributes({ QueueUrl, Attributes: { MessageRetentionPeriod: '60' } })
  t.strictSame(await counts(sqs, QueueUrl), [0, 0, 0], 'and so does a shorter one')
})

t.test('PurgeQueue', async t => {
  const sqs = await startSqs(t)
  const { client } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  for (const MessageBody of ['a', 'b', 'c']) await client.sendMessage({ QueueUrl, MessageBody })
  await client.sendMessage({ QueueUrl, MessageBody: 'd', DelaySeconds: 10 })
  await client.receiveMessage({ QueueUrl })
  await client.purgeQueue({ QueueUrl })
  t.strictSame(await counts(sqs, QueueUrl), [0, 0, 0], 'visible, in flight and delayed')
  await refuses(
    t,
    client.purgeQueue({ QueueUrl }),
    'PurgeQueueInProgress',
    'Only one PurgeQueue operation on q is allowed every 60 seconds.',
  )
  await sqs.clock.advance(60_000)
  t.strictSame(await client.purgeQueue({ QueueUrl }), {})
})
