import t, { type Test } from 'tap'
import { counts, makeQueue, receive, startSqs } from './helper.js'

/** The same numbers on every run, so that a failure can be seen again. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state * 48271) % 2147483647
    return state % below
  }
}

interface Held {
  readonly body: string
  readonly group: string
  readonly handle: string
  until: number
}

/** Sends, receives, deletes, changes visibility and lets time pass at random, and checks after each step what must always hold. */
async function live(t: Test, name: string, seed: number): Promise<void> {
  const sqs = await startSqs(t)
  const { client, clock } = sqs
  const fifo = name.endsWith('.fifo')
  const random = randomNumbers(seed)
  const QueueUrl = await makeQueue(sqs, name, { VisibilityTimeout: '20' })
  const waiting = new Map<string, string[]>()
  let held: Held[] = []
  let sent = 0
  let deleted = 0
  for (let step = 0; step < 1_500; step++) {
    // FIFO quotas count by the second.
    await clock.advance(1 + random(200))
    held = held.filter(message => message.until > clock.now())
    const choice = random(10)
    if (choice < 4) {
      const group = `g${random(5)}`
      const body = `${sent++}`
      await client.sendMessage({ QueueUrl, MessageBody: body, ...(fifo && { MessageGroupId: group, MessageDeduplicationId: body }) })
      waiting.set(group, [...(waiting.get(group) ?? []), body])
    } else if (choice < 7) {
      const blocked = new Set(held.map(message => message.group))
      const messages = await receive(sqs, QueueUrl, { MaxNumberOfMessages: 1 + random(10), MessageSystemAttributeNames: ['All'] })
      const seen = new Map<string, string[]>()
      for (const { Body: body, ReceiptHandle: handle, Attributes } of messages) {
        if (held.some(message => message.body === body)) t.fail(`${body} was received while it was in flight`)
        const group = Attributes?.MessageGroupId ?? ''
        if (fifo && blocked.has(group)) t.fail(`${body} was received while its group was blocked`)
        seen.set(group, [...(seen.get(group) ?? []), body])
        held.push({ body, group, handle, until: clock.now() + 20_000 })
      }
      if (fifo) {
        for (const [group, got] of seen) {
          if (waiting.get(group)!.slice(0, got.length).join() !== got.join()) t.fail(`${got} came before ${waiting.get(group)}`)
        }
      }
    } else if (held.length > 0) {
      const message = held[random(held.length)]!
      if (choice < 9) {
        await client.deleteMessage({ QueueUrl, ReceiptHandle: message.handle })
        held = held.filter(other => other !== message)
        for (const [group, list] of waiting)
          waiting.set(
            group,
            list.filter(body => body !== message.body),
          )
        deleted++
      } else {
        const seconds = random(30)
        await client.changeMessageVisibility({ QueueUrl, ReceiptHandle: message.handle, VisibilityTimeout: seconds })
        message.until = clock.now() + seconds * 1000
        if (seconds === 0) held = held.filter(other => other !== message)
      }
    }
    const [visible, inFlight] = await counts(sqs, QueueUrl)
    if (inFlight !== held.length || visible! + inFlight! !== sent - deleted) {
      t.fail(`step ${step}: ${visible} visible, ${inFlight} in flight; ${held.length} are held of ${sent - deleted}`)
      return
    }
  }
  await clock.advance(60_000)
  const left: string[] = []
  for (let got = await receive(sqs, QueueUrl); got.length > 0; got = await receive(sqs, QueueUrl)) {
    for (const { Body, ReceiptHandle } of got) {
      left.push(Body)
      await client.deleteMessage({ QueueUrl, ReceiptHandle })
    }
    await clock.advance(1_000)
  }
  t.strictSame(left.sort(), [...waiting.values()].flat().sort(), 'nothing is lost and nothing comes back')
}

t.test('whatever happens to a standard queue, each message is held by one receiver and none is lost', t => live(t, 'q', 11))

t.test('whatever happens to a FIFO queue, groups keep their order, are blocked while in flight, and nothing is lost', t =>
  live(t, 'q.fifo', 12),
)
