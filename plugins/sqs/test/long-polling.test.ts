import t from 'tap'
import { counts, makeQueue, receive, refuses, startSqs } from './helper.js'

/** What a call came to so far; nothing while it waits. */
function watch<T>(call: Promise<T>): { answer?: T; call: Promise<T> } {
  const watched: { answer?: T; call: Promise<T> } = { call }
  call.then(
    answer => {
      watched.answer = answer
    },
    () => {},
  )
  return watched
}

t.test('a receive that waits', async t => {
  const sqs = await startSqs(t)
  const { client, clock } = sqs
  const wait = (QueueUrl: string, WaitTimeSeconds: number | undefined = 20) => watch(client.receiveMessage({ QueueUrl, WaitTimeSeconds }))

  t.test('ends empty when its time is over', async t => {
    const waiting = wait(await makeQueue(sqs, 'over'), 2)
    await clock.advance(1_999)
    t.equal(waiting.answer, undefined)
    await clock.advance(1)
    t.strictSame(waiting.answer, {})
    t.equal(clock.pending, 0, 'and leaves no timer')
  })

  t.test('waits as long as the queue says when the call says nothing', async t => {
    const QueueUrl = await makeQueue(sqs, 'preset', { ReceiveMessageWaitTimeSeconds: '3' })
    const waiting = watch(client.receiveMessage({ QueueUrl }))
    await clock.advance(2_999)
    t.equal(waiting.answer, undefined)
    await clock.advance(1)
    t.strictSame(waiting.answer, {})
    t.strictSame(await client.receiveMessage({ QueueUrl, WaitTimeSeconds: 0 }), {})
  })

  t.test('ends at once when a message comes', async t => {
    const QueueUrl = await makeQueue(sqs, 'comes')
    const [first, second] = [wait(QueueUrl), wait(QueueUrl)]
    await clock.advance(0)
    await client.sendMessage({ QueueUrl, MessageBody: 'a' })
    t.equal((await first.call).Messages?.[0]?.Body, 'a', 'the one that waits longest gets it')
    await clock.advance(0)
    t.equal(second.answer, undefined)
    await client.sendMessage({ QueueUrl, MessageBody: 'b' })
    t.equal((await second.call).Messages?.[0]?.Body, 'b')
  })

  t.test('a batch wakes as many as it has messages for', async t => {
    const QueueUrl = await makeQueue(sqs, 'batch')
    const waiting = [wait(QueueUrl), wait(QueueUrl), wait(QueueUrl)]
    await clock.advance(0)
    await client.sendMessageBatch({ QueueUrl, Entries: ['a', 'b'].map(Id => ({ Id, MessageBody: Id })) })
    await clock.advance(0)
    t.strictSame(
      waiting.map(w => w.answer?.Messages?.[0]?.Body),
      ['a', 'b', undefined],
    )
    await clock.advance(20_000)
    t.strictSame(waiting[2]!.answer, {})
  })

  t.test('ends when a delay or a visibility timeout does', async t => {
    const QueueUrl = await makeQueue(sqs, 'shows')
    const waiting = wait(QueueUrl)
    await clock.advance(0)
    await client.sendMessage({ QueueUrl, MessageBody: 'a', DelaySeconds: 10 })
    await client.sendMessage({ QueueUrl, MessageBody: 'b', DelaySeconds: 5 })
    await clock.advance(4_999)
    t.equal(waiting.answer, undefined)
    await clock.advance(1)
    t.equal(waiting.answer?.Messages?.[0]?.Body, 'b', 'at that very time')
    await clock.advance(5_000)
    const [a] = await receive(sqs, QueueUrl, { VisibilityTimeout: 1_000 })
    const next = wait(QueueUrl)
    await clock.advance(0)
    await client.changeMessageVisibility({ QueueUrl, ReceiptHandle: a!.ReceiptHandle, VisibilityTimeout: 3 })
    await clock.advance(2_999)
    t.equal(next.answer, undefined)
    await clock.advance(1)
    t.equal(next.answer?.Messages?.[0]?.Body, 'a')
    t.equal(clock.pending, 0)
  })

  t.test('stops when its queue is deleted', async t => {
    const QueueUrl = await makeQueue(sqs, 'deleted')
    const waiting = wait(QueueUrl)
    await clock.advance(0)
    await client.deleteQueue({ QueueUrl })
    await waiting.call
    t.strictSame(waiting.answer, {})
  })

  t.test('stops when MiniStack is reset', async t => {
    const waiting = wait(await makeQueue(sqs, 'reset'))
    await clock.advance(0)
    await sqs.reset()
    await clock.advance(0)
    t.not(waiting.answer, undefined)
    t.equal(clock.pending, 0)
  })
})

t.test('a client that hangs up costs no message', async t => {
  const sqs = await startSqs(t)
  const { clock } = sqs
  const QueueUrl = await makeQueue(sqs, 'q')
  const abort = new AbortController()
  const scope = { account: '000000000000', region: 'us-east-1' }
  const input = { QueueUrl, WaitTimeSeconds: 20 }
  const gone = watch(sqs.gateway.call('sqs', 'ReceiveMessage', input, { ...scope, signal: abort.signal }))
  const next = watch(sqs.client.receiveMessage(input))
  await clock.advance(0)
  const sent = sqs.client.sendMessage({ QueueUrl, MessageBody: 'a' })
  abort.abort()
  await sent
  await clock.advance(0)
  t.strictSame(gone.answer, {})
  t.equal(next.answer?.Messages?.[0]?.Body, 'a', 'the next one in line gets it')
  t.strictSame(await counts(sqs, QueueUrl), [0, 1, 0])
  await refuses(t, sqs.client.receiveMessage({ QueueUrl: 'x' }), 'InvalidAddress', 'The address x is not valid for this endpoint.')
})
