import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import t from 'tap'
import { type ServerProcess, startServerProcess } from '../src/server.js'

const clientOf = ({ endpoint }: ServerProcess) =>
  new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 })

/** Receives and deletes until the queue is empty. */
async function drain(client: SQSClient, QueueUrl: string): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }))
    if (Messages.length === 0) return all
    all.push(...Messages)
    await Promise.all(Messages.map(({ ReceiptHandle }) => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))))
  }
}

t.test('after kill -9 in the middle of sending, every acknowledged message is there, and none that was deleted', async t => {
  const env = { PERSIST_STATE: '1', STATE_DIR: t.testdir() }
  let server = await startServerProcess({ args: ['--services', 'sqs'], env })
  t.teardown(() => server.kill('SIGKILL'))
  const { QueueUrl } = await clientOf(server).send(new CreateQueueCommand({ QueueName: 'q' }))
  const path = new URL(QueueUrl!).pathname
  for (let life = 0; life < 4; life++) {
    const client = clientOf(server)
    const url = `${server.endpoint}${path}`
    const acknowledged = new Set<string>()
    const deleted = new Set<string>()
    // A deletion that the server died over may have happened or not: nobody was told.
    const undecided = new Set<string>()
    const stopAt = 60 + life * 97
    let killed: Promise<unknown> | undefined
    const send = async (worker: number) => {
      for (let n = 0; !killed; n++) {
        const MessageBody = `${life}/${worker}/${n} ${'x'.repeat((n * 37) % 3000)}`
        const sent = await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody })).catch(() => undefined)
        if (!sent) return
        acknowledged.add(MessageBody)
        if (acknowledged.size >= stopAt) killed ??= server.kill('SIGKILL')
      }
    }
    const consume = async () => {
      while (!killed) {
        // With no timeout a message that the server dies over isn't in flight at the next start.
        const received = await client.send(new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 0 })).catch(() => undefined)
        for (const { Body, ReceiptHandle } of received?.Messages ?? []) {
          const gone = await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle })).catch(() => undefined)
          if (gone) deleted.add(Body!)
          else undecided.add(Body!)
        }
      }
    }
    await Promise.all([send(0), send(1), send(2), consume()])
    await killed
    server = await startServerProcess({ args: ['--services', 'sqs'], env })
    const found = new Set((await drain(clientOf(server), `${server.endpoint}${path}`)).map(message => message.Body!))
    const lost = [...acknowledged].filter(body => !found.has(body) && !deleted.has(body) && !undecided.has(body))
    t.ok(deleted.size > 0 && acknowledged.size >= stopAt)
    t.ok(undecided.size <= 1, 'the one consumer dies over one deletion at most')
    t.strictSame(lost, [], `life ${life}: ${acknowledged.size} acknowledged, ${deleted.size} deleted`)
    t.strictSame(
      [...deleted].filter(body => found.has(body)),
      [],
    )
  }
})
