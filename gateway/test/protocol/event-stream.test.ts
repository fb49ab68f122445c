import { Readable } from 'node:stream'
import t from 'tap'
import { AwsError } from '../../src/authoring/errors.js'
import { decodeFrame, decodeFrames, encodeFrame, type Frame, protocolOf } from '../../src/protocol/index.js'
import { modelOf, request } from './models.js'

const shapes = {
  In: { members: { Name: 'string', Events: '#Events' } },
  Out: { members: { Name: 'string', Events: '#Events' } },
  Events: { union: true, members: { Data: '#Data', Note: '#Note', Broken: '#Broken' }, traits: { streaming: true } },
  Data: { members: { Size: ['number', { eventHeader: true }], Bytes: ['blob', { eventPayload: true }] } },
  Note: { members: { Text: 'string', At: 'timestamp' } },
  Broken: { error: 'server', status: 500, members: { message: 'string' } },
  Other: { error: 'client', status: 400, members: { message: 'string' } },
} as const

const model = modelOf('awsJson1_1', { shapes })
const protocol = protocolOf(model, 'awsJson1_1')
const operation = model.operation('Do')!

async function framesOf(events: Iterable<unknown> | AsyncIterable<unknown>): Promise<Frame[]> {
  const { body } = protocol.serialize(operation, { Name: 'n', Events: events }, 'id')
  const frames: Frame[] = []
  for await (const frame of decodeFrames(body as Readable)) frames.push(frame)
  return frames
}

const shown = ({ headers, payload }: Frame) => ({ ...headers, payload: Buffer.from(payload).toString() })

t.test('a frame has lengths and two checksums', async t => {
  // The empty message of AWS's own test vectors.
  t.equal(encodeFrame({ headers: {}, payload: new Uint8Array(0) }).toString('hex'), '000000100000000005c248eb7d98c8ff')
  const headers = {
    text: 'ü',
    yes: true,
    no: false,
    int: -5,
    long: 2 ** 40,
    huge: 2n ** 62n,
    at: new Date(1500),
    bytes: Buffer.from([1, 2]),
  }
  const bytes = encodeFrame({ headers, payload: Buffer.from('payload') })
  t.same(decodeFrame(bytes), { headers, payload: Buffer.from('payload') })
  for (let at = 0; at < bytes.length; at++) {
    const broken = Buffer.from(bytes)
    broken[at]! ^= 1
    t.throws(() => decodeFrame(broken), { name: 'MalformedValue' }, `byte ${at}`)
  }
})

t.test('frames are found however the bytes are cut, and a torn one is refused', async t => {
  const bytes = Buffer.concat([
    encodeFrame({ headers: { a: 'b' }, payload: Buffer.from('one') }),
    encodeFrame({ headers: {}, payload: Buffer.alloc(0) }),
  ])
  for (const size of [1, 5, 13, 100]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size))
    t.equal((await Readable.from(decodeFrames(Readable.from(chunks))).toArray()).length, 2)
  }
  await t.rejects(Readable.from(decodeFrames(Readable.from([bytes.subarray(0, 20)]))).toArray(), { name: 'MalformedValue' })
  const huge = Buffer.from('7fffffff00000000', 'hex')
  await t.rejects(Readable.from(decodeFrames(Readable.from([Buffer.concat([huge, Buffer.alloc(4)])]))).toArray(), {
    name: 'MalformedValue',
  })
})

t.test('an output stream begins with the initial response and has each event by its type', async t => {
  const frames = await framesOf([{ Data: { Size: 3, Bytes: Buffer.from('abc') } }, { Note: { Text: 't', At: new Date(1000) } }])
  t.strictSame(frames.map(shown), [
    { ':event-type': 'initial-response', ':content-type': 'application/json', ':message-type': 'event', payload: '{"Name":"n"}' },
    { ':event-type': 'Data', ':content-type': 'application/octet-stream', ':message-type': 'event', Size: 3, payload: 'abc' },
    { ':event-type': 'Note', ':content-type': 'application/json', ':message-type': 'event', payload: '{"Text":"t","At":1}' },
  ])
})

t.test('what a handler throws ends the stream as an event', async t => {
  const failing = async function* (error: Error) {
    yield { Note: { Text: 't' } }
    throw error
  }
  const last = async (error: Error) => shown((await framesOf(failing(error))).at(-1)!)
  t.strictSame(await last(new AwsError('Broken', 'oh')), {
    ':exception-type': 'Broken',
    ':content-type': 'application/json',
    ':message-type': 'exception',
    payload: '{"message":"oh"}',
  })
  t.strictSame(await last(new AwsError('Other', 'no')), {
    ':message-type': 'error',
    ':error-code': 'Other',
    ':error-message': 'no',
    payload: '',
  })
  t.match(await last(new Error('bug')), { ':error-code': 'InternalFailure' })
})

t.test('an input stream gives its members, then its events', async t => {
  const frames = [
    encodeFrame({ headers: { ':event-type': 'initial-request', ':message-type': 'event' }, payload: Buffer.from('{"Name":"n"}') }),
    encodeFrame({ headers: { ':event-type': 'Data', ':message-type': 'event', Size: 2 }, payload: Buffer.from('ab') }),
    encodeFrame({ headers: { ':event-type': 'Unknown', ':message-type': 'event' }, payload: Buffer.from('x') }),
    // Signed events come in an envelope; an empty one ends the stream.
    encodeFrame({
      headers: { ':date': new Date(0), ':chunk-signature': Buffer.alloc(32) },
      payload: encodeFrame({ headers: { ':event-type': 'Note', ':message-type': 'event' }, payload: Buffer.from('{"Text":"t"}') }),
    }),
    encodeFrame({ headers: { ':date': new Date(0), ':chunk-signature': Buffer.alloc(32) }, payload: Buffer.alloc(0) }),
  ]
  const input = await protocol.parseEvents(operation, request({ stream: Readable.from(frames) }))
  t.equal(input.Name, 'n')
  t.strictSame(await Readable.from(input.Events as AsyncIterable<unknown>).toArray(), [
    { Data: { Size: 2, Bytes: Buffer.from('ab') } },
    { Note: { Text: 't' } },
  ])
  const broken = await protocol.parseEvents(operation, request({ stream: Readable.from([frames[0]!, Buffer.from('xxxxxxxxxxxxxxxx')]) }))
  await t.rejects(Readable.from(broken.Events as AsyncIterable<unknown>).toArray(), { code: 'SerializationException' })
})
