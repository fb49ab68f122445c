import t from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'

// Longer than tap gives a file by itself.
t.setTimeout(180_000)

t.test('the AWS CLI', { skip: missing('aws', '--version') }, async t => {
  const server = await startServerProcess()
  t.teardown(() => server.stop())
  const aws = async (args: readonly string[], env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await run('aws', ['--endpoint-url', server.endpoint, '--output', 'json', ...args], {
      env: { ...clientEnv(server.endpoint), ...env },
    })
    if (code !== 0) throw new Error(stderr.trim())
    return stdout.trim() === '' ? undefined : JSON.parse(stdout)
  }

  t.test('takes a FIFO queue from its creation to its end', async t => {
    const dead = await aws(['sqs', 'create-queue', '--queue-name', 'dead.fifo', '--attributes', 'FifoQueue=true'])
    const { Attributes } = await aws(['sqs', 'get-queue-attributes', '--queue-url', dead.QueueUrl, '--attribute-names', 'QueueArn'])
    t.equal(Attributes.QueueArn, 'arn:aws:sqs:eu-west-1:111122223333:dead.fifo')
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: '1' })
    const attributes = JSON.stringify({ FifoQueue: 'true', VisibilityTimeout: '0', RedrivePolicy })
    const queue = await aws(['sqs', 'create-queue', '--queue-name', 'orders.fifo', '--attributes', attributes])
    t.equal(queue.QueueUrl, `${server.endpoint}/111122223333/orders.fifo`)

    const send = ['sqs', 'send-message', '--queue-url', queue.QueueUrl, '--message-group-id', 'g']
    const first = await aws([...send, '--message-body', 'one', '--message-deduplication-id', '1'])
    t.equal(first.MD5OfMessageBody, 'f97c5d29941bfb1b2fdab0874906ab82')
    const again = await aws([...send, '--message-body', 'one', '--message-deduplication-id', '1'])
    t.equal(again.MessageId, first.MessageId, 'the same message is sent once')

    const receive = (url: string) => aws(['sqs', 'receive-message', '--queue-url', url, '--attribute-names', 'All'])
    const received = await receive(queue.QueueUrl)
    t.match(received.Messages, [
      { Body: 'one', MessageId: first.MessageId, Attributes: { MessageGroupId: 'g', ApproximateReceiveCount: '1' } },
    ])
    t.equal(await receive(queue.QueueUrl), undefined, 'the second time it goes to the dead-letter queue')
    const letter = await receive(dead.QueueUrl)
    t.match(letter.Messages, [{ Body: 'one', MessageId: first.MessageId }])
    await aws(['sqs', 'delete-message', '--queue-url', dead.QueueUrl, '--receipt-handle', letter.Messages[0].ReceiptHandle])

    await aws(['sqs', 'delete-queue', '--queue-url', queue.QueueUrl])
    await t.rejects(aws(['sqs', 'get-queue-url', '--queue-name', 'orders.fifo']), /\(AWS\.SimpleQueueService\.NonExistentQueue\)/)
  })

  t.test('assumes a role and is known as it', async t => {
    t.match(await aws(['sts', 'get-caller-identity']), { Arn: 'arn:aws:iam::111122223333:root' })
    const role = ['sts', 'assume-role', '--role-arn', 'arn:aws:iam::444455556666:role/Deploy', '--role-session-name', 'cli']
    const { Credentials } = await aws(role)
    const identity = await aws(['sts', 'get-caller-identity'], {
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials.SessionToken,
    })
    t.match(identity, { Account: '444455556666', Arn: 'arn:aws:sts::444455556666:assumed-role/Deploy/cli' })
    await t.rejects(aws([...role, '--policy', '{']), /\(MalformedPolicyDocument\).*This policy contains invalid Json/s)
  })
})
