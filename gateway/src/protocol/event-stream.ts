import { Readable } from 'node:stream'
import { AwsError } from '../authoring/errors.js'
import { decodeFrame, decodeFrames, encodeFrame, type Frame, type FrameHeader } from './frames.js'
import { reading } from './protocol.js'
import { MalformedValue, utf8 } from './scalars.js'
import type { Member, Model, OperationModel, Shape, StructShape } from './shapes.js'
import type { TreeCodec } from './tree-codec.js'
import type { WireRequest, WireResponse } from './wire.js'

/** What a protocol brings to event streams: how a payload is written and read. */
export interface EventStreamCodec {
  /** The media type of structured payloads. */
  readonly contentType: string
  /** RPC protocols put the members beside the stream into a first event; REST protocols have headers for them. */
  readonly initialEvents: boolean
  write(shape: Shape, value: unknown, name: string): Uint8Array
  read(shape: Shape, payload: Buffer): unknown
  writeMembers(members: readonly Member[], value: unknown): Uint8Array
  readMembers(members: readonly Member[], payload: Buffer): Record<string, unknown>
}

type Event = Readonly<Record<string, unknown>>

const EVENT_STREAM = 'application/vnd.amazon.eventstream'
const NOTHING = new Uint8Array(0)

const union = (shape: StructShape | undefined, member: string): StructShape =>
  shape!.members.find(m => m.name === member)!.shape as StructShape

/** An operation's response whose body is an event stream: the handler's async iterable is written event by event. */
export function writeEventStream(
  codec: EventStreamCodec,
  operation: OperationModel,
  output: Event,
  model: Model,
  headers: Record<string, string | string[]>,
): WireResponse {
  const name = operation.eventStreamOutput!
  const events = output[name] as AsyncIterable<Event> | Iterable<Event> | undefined
  const others = operation.output!.members.filter(member => member.name !== name)
  const frames = async function* (): AsyncGenerator<Buffer> {
    if (codec.initialEvents)
      yield encodeFrame({ headers: eventHeaders('initial-response', codec.contentType), payload: codec.writeMembers(others, output) })
    const shape = union(operation.output, name)
    try {
      for await (const event of events ?? []) yield encodeFrame(eventFrame(codec, shape, event))
    } catch (error) {
      yield encodeFrame(errorFrame(codec, model, shape, error))
    }
  }
  return { status: 200, headers: { ...headers, 'content-type': EVENT_STREAM }, body: Readable.from(frames(), { objectMode: false }) }
}

function eventHeaders(type: string, contentType: string): Record<string, FrameHeader> {
  return { ':event-type': type, ':content-type': contentType, ':message-type': 'event' }
}

function eventFrame(codec: EventStreamCodec, shape: StructShape, event: Event): Frame {
  const member = shape.members.find(m => event[m.name] !== undefined && event[m.name] !== null)
  if (member === undefined) throw new TypeError(`An event of ${shape.name} has none of its members`)
  const target = member.shape as StructShape
  const value = event[member.name] as Event
  if (target.error !== undefined) return exceptionFrame(codec, member.name, target, value)
  const headers: Record<string, FrameHeader> = {}
  const rest: Member[] = []
  let payload: Member | undefined
  for (const part of target.members) {
    const item = value[part.name]
    if (part.traits.eventPayload) payload = part
    else if (!part.traits.eventHeader) rest.push(part)
    else if (item !== undefined && item !== null) headers[part.name] = item as FrameHeader
  }
  if (payload === undefined) {
    const empty = target.members.length === 0
    const body = rest.length > 0 || empty ? codec.writeMembers(rest, value) : NOTHING
    return { headers: { ...eventHeaders(member.name, codec.contentType), ...headers }, payload: body }
  }
  const item = value[payload.name]
  const type =
    payload.shape.type === 'blob' ? 'application/octet-stream' : payload.shape.type === 'string' ? 'text/plain' : codec.contentType
  return { headers: { ...eventHeaders(member.name, type), ...headers }, payload: payloadBytes(codec, payload, item) }
}

function payloadBytes(codec: EventStreamCodec, member: Member, item: unknown): Uint8Array {
  if (item === undefined || item === null) return NOTHING
  const { type } = member.shape
  if (type === 'blob' || type === 'string') return typeof item === 'string' ? Buffer.from(item) : (item as Uint8Array)
  return codec.write(member.shape, item, member.name)
}

function exceptionFrame(codec: EventStreamCodec, name: string, shape: StructShape, value: Event): Frame {
  const headers = { ':exception-type': name, ':content-type': codec.contentType, ':message-type': 'exception' }
  return { headers, payload: codec.writeMembers(shape.members, value) }
}

/** What a stream ends with when the handler's iterable throws: an exception that the model has, else a plain error. */
function errorFrame(codec: EventStreamCodec, model: Model, shape: StructShape, error: unknown): Frame {
  if (!(error instanceof AwsError))
    return {
      headers: {
        ':message-type': 'error',
        ':error-code': 'InternalFailure',
        ':error-message': 'The request processing has failed because of an unknown error.',
      },
      payload: NOTHING,
    }
  const target = model.error(error.code)
  const member = target && shape.members.find(m => m.shape === target)
  if (member === undefined)
    return { headers: { ':message-type': 'error', ':error-code': error.code, ':error-message': error.message }, payload: NOTHING }
  return exceptionFrame(codec, member.name, target!, { message: error.message, Message: error.message, ...error.fields })
}

/** Reads an RPC protocol's request whose body is an event stream: the members beside the stream come in its first event. */
export async function readEventStream(
  codec: EventStreamCodec,
  operation: OperationModel,
  req: WireRequest,
): Promise<Record<string, unknown>> {
  const name = operation.eventStreamInput!
  const frames = framesOf(req)
  const first = await frames.next()
  if (first.done) return { [name]: (async function* () {})() }
  const others = operation.input!.members.filter(member => member.name !== name)
  const initial = first.value.headers[':event-type'] === 'initial-request'
  const input = initial && first.value.payload.length > 0 ? malformed(() => codec.readMembers(others, first.value.payload as Buffer)) : {}
  const shape = union(operation.input, name)
  input[name] = (async function* () {
    if (!initial) yield* oneEvent(codec, shape, first.value)
    for await (const frame of frames) yield* oneEvent(codec, shape, frame)
  })()
  return input
}

/** A request's body as an async iterable of the union's values. It throws an AwsError for a body that can't be read. */
export async function* eventsOf(codec: EventStreamCodec, shape: StructShape, req: WireRequest): AsyncGenerator<Event, void, void> {
  for await (const frame of framesOf(req)) yield* oneEvent(codec, shape, frame)
}

function* oneEvent(codec: EventStreamCodec, shape: StructShape, frame: Frame): Generator<Event, void, void> {
  const event = malformed(() => readEvent(codec, shape, frame))
  if (event !== undefined) yield event
}

async function* framesOf(req: WireRequest): AsyncGenerator<Frame, void, void> {
  const source: AsyncIterable<Uint8Array> = req.stream ?? Readable.from([req.body])
  try {
    for await (const frame of decodeFrames(source)) {
      const inner = unsigned(frame)
      if (inner === undefined) return
      yield inner
    }
  } catch (error) {
    throw error instanceof MalformedValue ? new AwsError('SerializationException', error.message, { cause: error }) : error
  }
}

function malformed<T>(read: () => T): T {
  return reading('SerializationException', read)
}

/** Takes a SigV4 signed event out of its envelope; undefined for the empty one that ends a signed stream. */
function unsigned(frame: Frame): Frame | undefined {
  if (frame.headers[':chunk-signature'] === undefined) return frame
  return frame.payload.length === 0 ? undefined : decodeFrame(frame.payload as Buffer)
}

function readEvent(codec: EventStreamCodec, shape: StructShape, frame: Frame): Event | undefined {
  const { headers, payload } = frame
  const type = headers[':event-type'] ?? headers[':exception-type']
  if (typeof type !== 'string') throw new MalformedValue('An event has no :event-type')
  const member = shape.members.find(m => m.name === type)
  if (member === undefined) return undefined
  const target = member.shape as StructShape
  const bytes = payload as Buffer
  const value: Record<string, unknown> = {}
  const rest: Member[] = []
  let bound = false
  for (const part of target.members) {
    if (part.traits.eventHeader) {
      const item = headers[part.name]
      if (item !== undefined) value[part.name] = item
    } else if (part.traits.eventPayload) {
      bound = true
      value[part.name] = part.shape.type === 'blob' ? bytes : part.shape.type === 'string' ? utf8(bytes) : codec.read(part.shape, bytes)
    } else rest.push(part)
  }
  if (!bound && bytes.length > 0) Object.assign(value, codec.readMembers(rest, bytes))
  return { [type]: value }
}

/** The event stream codec of a protocol whose payloads are documents of a tree format. */
export function treeEventCodec(
  codec: TreeCodec,
  format: {
    readonly contentType: string
    readonly initialEvents: boolean
    encode(document: unknown): Uint8Array
    decode(payload: Buffer): unknown
  },
): EventStreamCodec {
  return {
    contentType: format.contentType,
    initialEvents: format.initialEvents,
    write: (shape, value) => format.encode(codec.writer(shape)(value)),
    read: (shape, payload) => codec.reader(shape)(format.decode(payload), 0),
    writeMembers: (members, value) => format.encode(codec.structWriter(members)(value)),
    readMembers: (members, payload) => codec.structReader(members)(format.decode(payload), 0),
  }
}
