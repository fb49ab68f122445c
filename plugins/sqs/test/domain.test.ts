import { AwsError } from '@ministack/gateway'
import t from 'tap'
import { refusedCharacter } from '../src/contents.js'
import { contentDeduplicationId, md5, md5OfAttributes } from '../src/digests.js'
import { Entry } from '../src/entry.js'
import { checkToken, SequenceNumbers } from '../src/fifo.js'
import { EntryHeap } from '../src/heap.js'
import { checkMessageAttributes, checkSystemAttributes, selectAttributes } from '../src/message-attributes.js'
import { checkQueueName, queuePath, queueUrl } from '../src/names.js'
import { readReceipt, receiptHandle } from '../src/receipt.js'
import { readRedriveAllowPolicy, readRedrivePolicy } from '../src/redrive.js'
import { Throughput } from '../src/throughput.js'

t.test('the MD5 of a body and of attributes are those that AWS gives', async t => {
  t.equal(md5('hello'), '5d41402abc4b2a76b9719d911017c592')
  t.equal(md5OfAttributes({ timestamp: { DataType: 'Number', StringValue: '1493147359900' } }), '235c5c510d26fb653d073faed50ae77c')
  const [a, b] = [
    { DataType: 'String', StringValue: 'x' },
    { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2) },
  ]
  t.equal(md5OfAttributes({ a, b }), md5OfAttributes({ b, a }), 'whatever their order')
  t.not(md5OfAttributes({ a }), md5OfAttributes({ a: { ...a, DataType: 'String.custom' } }))
  t.equal(contentDeduplicationId('hello'), '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824')
})

t.test('characters outside the allowed set are found and named', async t => {
  for (const text of ['plain', 'tab\tnew\nline\r', 'ü€\uD7FF\uE000\uFFFD', '\u{10000}😀\u{10FFFF}'])
    t.equal(refusedCharacter(text, 'message body'), undefined)
  for (const [text, code] of [
    ['\0', '0'],
    ['a\b', '8'],
    ['\u001F', '1F'],
    ['\uFFFE', 'FFFE'],
    ['\uD800', 'D800'],
  ] as const) {
    t.match(refusedCharacter(text, 'message body'), `Invalid binary character '#x${code}' was found in the message body`)
  }
})

t.test('queue names', async t => {
  for (const name of ['a', 'A-b_9', 'x'.repeat(80)]) t.doesNotThrow(() => checkQueueName(name, false))
  for (const name of ['', 'a.b', 'a b', 'x'.repeat(81), 'a.fifo'])
    t.throws(() => checkQueueName(name, false), { code: 'InvalidParameterValue' })
  for (const name of ['a.fifo', `${'x'.repeat(75)}.fifo`]) t.doesNotThrow(() => checkQueueName(name, true))
  for (const name of ['a', '.fifo', 'a.b.fifo', `${'x'.repeat(76)}.fifo`])
    t.throws(() => checkQueueName(name, true), { code: 'InvalidParameterValue' })
})

t.test('queue URLs', async t => {
  t.equal(queuePath('https://sqs.eu-west-1.amazonaws.com/111122223333/q.fifo'), '111122223333/q.fifo')
  t.equal(queuePath('/000000000000/q'), '000000000000/q')
  for (const url of ['q', 'http://localhost:4566/', 'http://localhost:4566/q', 'http://localhost/123/q', '/000000000000/'])
    t.equal(queuePath(url), undefined)
  const config = { host: undefined, port: 4566, ssl: false }
  t.equal(queueUrl({ config, http: { host: 'sqs.local:99', secure: true } }, '000000000000', 'q'), 'https://sqs.local:99/000000000000/q')
  t.equal(queueUrl({ config, http: undefined }, '000000000000', 'q'), 'http://localhost:4566/000000000000/q')
  const fixed = { ...config, host: 'stack' }
  t.equal(queueUrl({ config: fixed, http: { host: 'other', secure: false } }, '000000000000', 'q'), 'http://stack:4566/000000000000/q')
})

t.test('message attributes are checked as AWS does', async t => {
  const refused = (attributes: object, message: string, code = 'InvalidParameterValue') =>
    t.throws(() => checkMessageAttributes(attributes as never), new AwsError(code, message))
  const text = (StringValue: string, DataType = 'String') => ({ DataType, StringValue })
  refused({ a: text('') }, "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.")
  refused(
    { a: { DataType: 'Binary', BinaryValue: new Uint8Array() } },
    "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'Binary'.",
  )
  refused({ a: { StringValue: 'x' } }, "The message attribute 'a' must contain non-empty message attribute type.")
  refused(
    { a: text('x', 'Bool') },
    "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
  )
  refused({ a: text('x', 'Binary') }, "The message attribute 'a' with type 'Binary' must use field 'Binary'.")
  refused({ a: text('many', 'Number') }, "Can't cast the value of message attribute 'a' to a number.")
  refused(
    { a: { ...text('x'), StringListValues: ['x'] } },
    'Message attribute list values in SendMessage operation are not supported.',
    'UnsupportedOperation',
  )
  refused(
    { 'AWS.x': text('x') },
    "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.",
  )
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, text('x')]))
  refused(eleven, 'Number of message attributes [11] exceeds the allowed maximum [10].')
  for (const name of ['a b', '.a', 'a.', 'a..b', 'x'.repeat(257)])
    t.throws(() => checkMessageAttributes({ [name]: text('x') }), { code: 'InvalidParameterValue' })
  const { size } = checkMessageAttributes({
    a: text('xy'),
    'b.c': text('-1.5e3', 'Number.float'),
    d: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2, 3) },
  })
  t.equal(size, 1 + 6 + 2 + (3 + 12 + 6) + (1 + 6 + 3), 'name, type and value count')
  t.throws(() => checkSystemAttributes({ Other: text('x') }), { code: 'InvalidParameterValue' })
  t.throws(() => checkSystemAttributes({ AWSTraceHeader: text('1', 'Number') }), { code: 'InvalidParameterValue' })
  t.strictSame(checkSystemAttributes({ AWSTraceHeader: text('Root=1') }), { AWSTraceHeader: text('Root=1') })
})

t.test('attributes are selected by name, prefix or all', async t => {
  const value = { DataType: 'String', StringValue: 'x' }
  const attributes = { foo: value, 'bar.one': value, 'bar.two': value }
  t.equal(selectAttributes(attributes, ['All']), attributes)
  t.equal(selectAttributes(attributes, ['.*']), attributes)
  t.strictSame(Object.keys(selectAttributes(attributes, ['bar.*'])!), ['bar.one', 'bar.two'])
  t.strictSame(Object.keys(selectAttributes(attributes, ['foo', 'no'])!), ['foo'])
  t.equal(selectAttributes(attributes, ['no']), undefined)
})

t.test('a receipt handle is read by the queue that gave it, and only by it', async t => {
  const queue = '11111111-1111-4111-8111-111111111111'
  const message = '22222222-2222-4222-8222-222222222222'
  const handle = receiptHandle(queue, message, 3)
  t.match(handle, /^AQEB[\w+/=]+$/)
  t.strictSame(readReceipt(queue, handle), { messageId: message, receive: 3 })
  for (const wrong of ['x', `${handle}x`.slice(4), 'AQEB', handle.slice(0, 40)]) {
    t.throws(() => readReceipt(queue, wrong), new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.'))
  }
  t.throws(() => readReceipt(message, handle), { code: 'ReceiptHandleIsInvalid' })
})

t.test('redrive policies', async t => {
  const arn = 'arn:aws:sqs:us-east-1:000000000000:dlq'
  t.strictSame(readRedrivePolicy(`{"maxReceiveCount":"5","deadLetterTargetArn":"${arn}"}`), {
    deadLetterTargetArn: arn,
    maxReceiveCount: 5,
  })
  const reason = (text: string) => {
    try {
      readRedrivePolicy(text)
    } catch (error) {
      return (error as Error).message.replace(`Value ${text} for parameter RedrivePolicy is invalid. Reason: `, '')
    }
    return undefined
  }
  t.equal(reason('no'), 'Redrive policy is not a valid JSON map.')
  t.equal(reason('[]'), 'Redrive policy is not a valid JSON map.')
  t.equal(reason(`{"deadLetterTargetArn":"${arn}"}`), 'Redrive policy does not contain mandatory attribute: maxReceiveCount.')
  t.equal(reason('{"maxReceiveCount":1}'), 'Redrive policy does not contain mandatory attribute: deadLetterTargetArn.')
  t.equal(
    reason(`{"deadLetterTargetArn":"${arn}","maxReceiveCount":0}`),
    'Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.',
  )
  t.equal(
    reason(`{"deadLetterTargetArn":"${arn}","maxReceiveCount":1001}`),
    'Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.',
  )
  t.strictSame(readRedriveAllowPolicy('{"redrivePermission":"denyAll"}'), { redrivePermission: 'denyAll' })
  for (const text of [
    '{}',
    '{"redrivePermission":"some"}',
    '{"redrivePermission":"byQueue"}',
    `{"redrivePermission":"allowAll","sourceQueueArns":["${arn}"]}`,
  ]) {
    t.throws(() => readRedriveAllowPolicy(text), { code: 'InvalidParameterValue' })
  }
})

t.test('tokens of FIFO queues', async t => {
  t.doesNotThrow(() => checkToken('MessageGroupId', 'aZ9!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'))
  for (const value of ['', 'a b', 'ü', 'x'.repeat(129)]) {
    t.throws(
      () => checkToken('MessageGroupId', value),
      new AwsError(
        'InvalidParameterValue',
        `Value ${value} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      ),
    )
  }
})

t.test('sequence numbers have 20 digits and always grow', async t => {
  const numbers = new SequenceNumbers()
  const given = [numbers.next(1767225600000), numbers.next(1767225600000), numbers.next(1767225600001), numbers.next(1767225500000)]
  for (const number of given) t.match(number, /^\d{20}$/)
  t.strictSame([...given].sort(), given)
  const later = new SequenceNumbers()
  later.after(given[3]!)
  t.ok(later.next(1767225500000) > given[3]!, 'also after a restart')
})

t.test('the heap gives the earliest first, whatever is removed from its middle', async t => {
  const heap = new EntryHeap('dueAt')
  let seed = 7
  const random = () => {
    seed = (seed * 48271) % 2147483647
    return seed
  }
  const entries = Array.from(
    { length: 500 },
    (_, i) => new Entry({ id: `${i}`, body: '', md5: '', senderId: '', sentAt: 0 }, `${i}`, random() % 1000),
  )
  for (const entry of entries) heap.add(entry)
  const removed = new Set(entries.filter(() => random() % 3 === 0))
  for (const entry of removed) heap.remove(entry)
  for (const entry of removed) heap.remove(entry)
  const order: number[] = []
  for (let first = heap.first; first; first = heap.first) {
    order.push(first.dueAt)
    heap.remove(first)
  }
  const left = entries.filter(entry => !removed.has(entry)).map(entry => entry.dueAt)
  t.strictSame(
    order,
    left.sort((a, b) => a - b),
  )
})

t.test('throughput quotas', async t => {
  const standard = new Throughput('us-east-1')
  for (let i = 0; i < 300; i++) standard.count('SendMessage', 1000, false, ['a'])
  t.throws(() => standard.count('SendMessage', 1999, false, ['b']), { code: 'RequestThrottled' })
  t.doesNotThrow(() => standard.count('ReceiveMessage', 1999, false), 'each action has its own')
  t.doesNotThrow(() => standard.count('SendMessage', 2000, false, ['a']), 'and each second')
  const high = new Throughput('us-east-1')
  for (let i = 0; i < 300; i++) high.count('SendMessage', 1000, true, ['a'])
  t.throws(() => high.count('SendMessage', 1000, true, ['a']), { code: 'RequestThrottled' })
  t.doesNotThrow(() => high.count('SendMessage', 1000, true, ['b']), 'and each group, in high throughput')
})
