import { createServer } from 'node:net'
import { DescribeLimitsCommand, KinesisClient } from '@aws-sdk/client-kinesis'
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { FakeClock, type MiniStack, startMiniStack } from 'ministack'
import t from 'tap'

async function start(t: { teardown(fn: () => unknown): void }, options: Parameters<typeof startMiniStack>[0] = { port: false }) {
  const cloud = await startMiniStack(options)
  t.teardown(() => cloud.close())
  return cloud
}

const queueNames = async (cloud: MiniStack, scope = {}) => {
  const { QueueUrls = [] } = await new SQSClient({ ...cloud.clientConfig(scope) }).send(new ListQueuesCommand({}))
  return QueueUrls.map(url => url.split('/').at(-1))
}

t.test('two instances in one process run in parallel without seeing each other', async t => {
  const clouds = await Promise.all([start(t), start(t)])
  const clients = clouds.map(cloud => new SQSClient({ ...cloud.clientConfig() }))
  await Promise.all(
    clients.map(async (client, i) => {
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'same' }))
      await client.send(new CreateQueueCommand({ QueueName: `own-${i}` }))
      for (let n = 0; n < 5; n++) await client.send(new SendMessageCommand({ QueueUrl, MessageBody: `${i}-${n}` }))
    }),
  )
  for (const [i, client] of clients.entries()) {
    t.strictSame((await queueNames(clouds[i]!)).sort(), [`own-${i}`, 'same'])
    const QueueUrl = 'http://localhost:4566/000000000000/same'
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }))
    t.equal(Attributes?.ApproximateNumberOfMessages, '5')
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    t.ok(Messages.length > 0 && Messages.every(message => message.Body?.startsWith(`${i}-`)))
  }
  await clouds[0]!.reset()
  t.strictSame(await queueNames(clouds[0]!), [])
  t.equal((await queueNames(clouds[1]!)).length, 2, 'the reset of one is none of the other')
  await clouds[0]!.close()
  t.equal((await queueNames(clouds[1]!)).length, 2, 'nor is its close')
  await t.rejects(queueNames(clouds[0]!), { message: 'MiniStack is closed' })
})

t.test('what a program does with the bytes of an object that it has put is nothing to the object', async t => {
  const cloud = await start(t)
  const client = new S3Client({ ...cloud.clientConfig(), forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: 'data' }))
  for (const size of [100, 10_000, 100_000]) {
    const Body = new Uint8Array(size).fill(1)
    await client.send(new PutObjectCommand({ Bucket: 'data', Key: 'k', Body }))
    Body.fill(2)
    const got = await client.send(new GetObjectCommand({ Bucket: 'data', Key: 'k' }))
    t.ok(
      (await got.Body!.transformToByteArray()).every(byte => byte === 1),
      `${size} bytes`,
    )
  }
})

t.test('no port is opened with port: false', async t => {
  const open = () => process.getActiveResourcesInfo().filter(kind => kind === 'TCPServerWrap').length
  const before = open()
  const cloud = await start(t)
  t.equal(cloud.endpoint, 'http://localhost:4566')
  await queueNames(cloud)
  t.equal(open(), before)
})

t.test('a port is opened on the loopback address alone', async t => {
  const cloud = await start(t, { services: ['sqs'] })
  t.match(cloud.endpoint, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
  t.equal(cloud.clientConfig().requestHandler, undefined)
  t.strictSame(await queueNames(cloud), [])
  const health = (await (await fetch(`${cloud.endpoint}/_ministack/health`)).json()) as { services: object }
  t.strictSame(Object.keys(health.services), ['sqs'])
})

t.test('a taken port is refused with who has it', async t => {
  const holder = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => holder.once('listening', resolve))
  t.teardown(() => holder.close())
  const { port } = holder.address() as { port: number }
  await t.rejects(startMiniStack({ port }), { message: new RegExp(`^port ${port} is taken by`) })
})

t.test('account and region are those of the options, or of a client', async t => {
  const cloud = await start(t, { port: false, account: '222222222222', region: 'eu-west-1' })
  const sts = (scope = {}) => new STSClient({ ...cloud.clientConfig(scope) }).send(new GetCallerIdentityCommand({}))
  t.equal((await sts()).Account, '222222222222')
  t.equal((await sts({ account: '333333333333' })).Account, '333333333333')
  const sqs = new SQSClient({ ...cloud.clientConfig() })
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }))
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  t.equal(Attributes?.QueueArn, 'arn:aws:sqs:eu-west-1:222222222222:q')
  t.strictSame(await queueNames(cloud, { account: '333333333333' }), [])
  t.strictSame(await queueNames(cloud, { region: 'us-west-2' }), [])
})

t.test('time is the clock that was given', async t => {
  const clock = new FakeClock('2030-05-06T07:08:09Z')
  const cloud = await start(t, { port: false, clock })
  t.equal(cloud.clock, clock)
  const sqs = new SQSClient({ ...cloud.clientConfig() })
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q', Attributes: { DelaySeconds: '60' } }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later' }))
  t.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined)
  await clock.advance(60_000)
  t.match(await sqs.send(new ReceiveMessageCommand({ QueueUrl })), { Messages: [{ Body: 'later' }] })
})

t.test('a client that hangs up ends its long poll', async t => {
  const cloud = await start(t)
  const sqs = new SQSClient({ ...cloud.clientConfig() })
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }))
  const abort = new AbortController()
  const poll = t.rejects(sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: abort.signal }), {
    name: 'AbortError',
  })
  await sqs.send(new ListQueuesCommand({}))
  abort.abort()
  await poll
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'for the next' }))
  t.match(await sqs.send(new ReceiveMessageCommand({ QueueUrl })), { Messages: [{ Body: 'for the next' }] })
})

t.test('a close answers long polls instead of waiting for them', async t => {
  for (const port of [false, 0] as const) {
    const cloud = await startMiniStack({ port })
    const sqs = new SQSClient({ ...cloud.clientConfig(), maxAttempts: 1 })
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }))
    const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
    await sqs.send(new ListQueuesCommand({}))
    await cloud.close()
    t.strictSame((await poll).Messages, undefined)
  }
})

t.test("clients of every protocol take the handler, Kinesis's HTTP/2 one too", async t => {
  const cloud = await start(t)
  const answered = async (call: Promise<unknown>) => {
    const status = await call.then(
      () => 200,
      error => error.$metadata?.httpStatusCode ?? error,
    )
    t.ok(status === 200 || status === 501, `answered with ${status}`)
  }
  await answered(new KinesisClient({ ...cloud.clientConfig(), maxAttempts: 1 }).send(new DescribeLimitsCommand({})))
  await answered(new S3Client({ ...cloud.clientConfig(), maxAttempts: 1 }).send(new ListBucketsCommand({})))
})

t.test('state is kept in the folder that persist names', async t => {
  const persist = t.testdir()
  const first = await startMiniStack({ port: false, persist })
  await new SQSClient({ ...first.clientConfig() }).send(new CreateQueueCommand({ QueueName: 'kept' }))
  await t.rejects(startMiniStack({ port: false, persist }), {
    message: `STATE_DIR ${persist} is in use by another MiniStack of this process; give each its own`,
  })
  await first.close()
  const second = await start(t, { port: false, persist })
  t.strictSame(await queueNames(second), ['kept'])
  await second.reset()
  await second.close()
  t.strictSame(await queueNames(await start(t, { port: false, persist })), [])
})

t.test('what the environment says counts only when it is given', async t => {
  process.env.MINISTACK_REGION = 'nowhere'
  t.teardown(() => delete process.env.MINISTACK_REGION)
  t.equal((await start(t)).clientConfig().region, 'us-east-1')
  await t.rejects(startMiniStack({ port: false, env: process.env }), { name: 'ConfigError', message: /^MINISTACK_REGION must be / })
})

t.test('an unknown service or plugin stops the start by name', async t => {
  await t.rejects(startMiniStack({ port: false, services: ['sqs', 'nothing'] }), { message: /nothing/ })
  await t.rejects(startMiniStack({ port: false, plugins: ['no-such-plugin'] }), { message: "there is no plugin 'no-such-plugin'" })
})
