import { AwsError } from '../authoring/errors.js'
import { decodeCbor, encodeCbor, Tagged } from './cbor.js'
import { type EventStreamCodec, readEventStream, treeEventCodec, writeEventStream } from './event-stream.js'
import { failureOf, fieldsWithMessage } from './failure.js'
import { header, reading, type ServerProtocol } from './protocol.js'
import { dateOf, formatBigDecimal, fromEpoch, MalformedValue, parseBigDecimal, parseTimestamp } from './scalars.js'
import type { Member, Model, OperationModel, ScalarShape } from './shapes.js'
import { cannotConvert, checkDocument, TreeCodec, type TreeReader, type TreeWriter } from './tree-codec.js'
import type { WireRequest, WireResponse } from './wire.js'

function scalarReader(shape: ScalarShape): TreeReader {
  switch (shape.type) {
    case 'string':
    case 'boolean': {
      const type = shape.type === 'string' ? 'String' : 'Boolean'
      return value => {
        if (typeof value === shape.type) return value
        throw cannotConvert(value, type)
      }
    }
    case 'number':
      return value => {
        if (typeof value === 'number') return value
        // Longs past 2^53: the SDK's type for them is number.
        if (typeof value === 'bigint') return Number(value)
        throw cannotConvert(value, shape.numberType ?? 'Integer')
      }
    case 'timestamp':
      return value => {
        if (value instanceof Date) return value
        if (typeof value === 'number') return fromEpoch(value)
        if (typeof value === 'string') return parseTimestamp(value)
        throw cannotConvert(value, 'Timestamp')
      }
    case 'blob':
      return value => {
        if (value instanceof Uint8Array) return value
        throw cannotConvert(value, 'Blob')
      }
    case 'bigInteger':
      return value => {
        if (typeof value === 'bigint') return value
        if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
        throw cannotConvert(value, 'BigInteger')
      }
    case 'bigDecimal':
      return readBigDecimal
    case 'document':
      return checkDocument
  }
}

/** Tag 4: exponent and mantissa. */
const readBigDecimal: TreeReader = value => {
  if (typeof value === 'number' || typeof value === 'bigint') return parseBigDecimal(String(value))
  if (value instanceof Tagged && value.tag === 4 && Array.isArray(value.value))
    return parseBigDecimal(`${value.value[1]}e${value.value[0]}`)
  throw cannotConvert(value, 'BigDecimal')
}

function scalarWriter(shape: ScalarShape, member: Member | undefined): TreeWriter | undefined {
  if (shape.type === 'timestamp') return value => dateOf(value, member?.name ?? 'A timestamp')
  if (shape.type === 'blob') return value => (typeof value === 'string' ? Buffer.from(value) : value)
  if (shape.type === 'bigDecimal') return writeBigDecimal
  return undefined
}

const writeBigDecimal: TreeWriter = value => {
  const [mantissa = '0', exponent = '0'] = formatBigDecimal(value).toLowerCase().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return new Tagged(4, [Number(exponent) - fraction.length, BigInt(whole + fraction)])
}

const HEADERS = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' }

/** rpc-v2-cbor: the path names service and operation, the body is its input. */
export class CborRpcProtocol implements ServerProtocol {
  readonly name = 'rpcv2Cbor'
  readonly routesByBody = false
  readonly #model: Model
  readonly #codec = new TreeCodec({ jsonNames: false, scalarReader, scalarWriter })
  readonly #events: EventStreamCodec

  constructor(model: Model) {
    this.#model = model
    this.#events = treeEventCodec(this.#codec, {
      contentType: 'application/cbor',
      initialEvents: true,
      encode: encodeCbor,
      decode: decodeCbor,
    })
  }

  operationOf(req: WireRequest): string {
    const name = /\/service\/[^/]+\/operation\/([^/]+)$/.exec(req.path)?.[1]
    if (name === undefined || this.#model.operation(name) === undefined)
      throw new AwsError('UnknownOperationException', `Operation ${name ?? ''} does not exist.`, { status: 404 })
    return name
  }

  parse(operation: OperationModel, req: WireRequest): Record<string, unknown> {
    const { input } = operation
    if (input === undefined || req.body.length === 0) return {}
    return reading('SerializationException', () => {
      const document = decodeCbor(req.body)
      if (document === null) throw new MalformedValue('')
      return this.#codec.reader(input)(document, 0)
    })
  }

  async parseEvents(operation: OperationModel, req: WireRequest): Promise<Record<string, unknown>> {
    return readEventStream(this.#events, operation, req)
  }

  serialize(operation: OperationModel, output: Readonly<Record<string, unknown>>, requestId: string): WireResponse {
    const headers = { ...HEADERS, 'x-amzn-requestid': requestId }
    if (operation.eventStreamOutput !== undefined) return writeEventStream(this.#events, operation, output, this.#model, headers)
    return { status: 200, headers, body: encodeCbor(operation.output === undefined ? {} : this.#codec.writer(operation.output)(output)) }
  }

  serializeError(error: AwsError, requestId: string, _operation?: OperationModel, req?: WireRequest): WireResponse {
    const failure = failureOf(this.#model, error)
    const { code, shape } = failure
    const fields = fieldsWithMessage(failure)
    const { namespace, errorNamespace, queryCompatible } = this.#model.service
    const document: Record<string, unknown> = {
      __type: code.includes('#') ? code : `${errorNamespace ?? namespace}#${shape?.name ?? code}`,
    }
    Object.assign(document, shape === undefined ? fields : this.#codec.writer(shape)(fields))
    if (failure.message !== '' && document.message === undefined && document.Message === undefined) document.message = failure.message
    const headers: Record<string, string> = { ...HEADERS, 'x-amzn-requestid': requestId, ...failure.headers }
    if (queryCompatible && (req === undefined || header(req, 'x-amzn-query-mode') === 'true'))
      headers['x-amzn-query-error'] = `${shape?.code ?? code};${failure.fault === 'server' ? 'Receiver' : 'Sender'}`
    return { status: failure.status, headers, body: encodeCbor(document) }
  }
}
