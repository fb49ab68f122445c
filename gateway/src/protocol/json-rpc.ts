import { crc32 } from 'node:zlib'
import { AwsError } from '../authoring/errors.js'
import { type EventStreamCodec, readEventStream, treeEventCodec, writeEventStream } from './event-stream.js'
import { failureOf, fieldsWithMessage } from './failure.js'
import { jsonCodec, parseJson } from './json.js'
import { header, reading, type ServerProtocol } from './protocol.js'
import { MalformedValue } from './scalars.js'
import type { Model, OperationModel } from './shapes.js'
import { cannotConvert, type TreeCodec } from './tree-codec.js'
import type { WireRequest, WireResponse } from './wire.js'

/** Errors of AWS's own front end, which go by its namespace whatever the service. */
const FRONT_END = new Set(['SerializationException', 'UnknownOperationException', 'InternalFailure'])

/** awsJson1.0 and awsJson1.1: `X-Amz-Target` names the operation, the body is its input. */
export class JsonRpcProtocol implements ServerProtocol {
  readonly routesByBody = false
  readonly #model: Model
  readonly #contentType: string
  readonly #codec: TreeCodec = jsonCodec(false)
  readonly #events: EventStreamCodec
  readonly #errorPrefix: string

  constructor(
    model: Model,
    readonly name: 'awsJson1_0' | 'awsJson1_1',
  ) {
    this.#model = model
    this.#contentType = name === 'awsJson1_0' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1'
    this.#events = treeEventCodec(this.#codec, {
      contentType: 'application/json',
      initialEvents: true,
      encode: document => Buffer.from(JSON.stringify(document)),
      decode: parseJson,
    })
    const { errorNamespace, namespace } = model.service
    // Services of JSON 1.0 answer a shape's full id, those of 1.1 its bare name.
    this.#errorPrefix = errorNamespace !== undefined ? `${errorNamespace}#` : name === 'awsJson1_0' ? `${namespace}#` : ''
  }

  operationOf(req: WireRequest): string {
    const target = header(req, 'x-amz-target') ?? ''
    const name = target.slice(target.lastIndexOf('.') + 1)
    if (this.#model.operation(name) === undefined) throw new AwsError('UnknownOperationException')
    return name
  }

  parse(operation: OperationModel, req: WireRequest): Record<string, unknown> {
    if (operation.input === undefined) return {}
    if (req.body.length === 0) return {}
    const { input } = operation
    return reading('SerializationException', () => {
      const document = parseJson(req.body)
      if (document === null) throw new MalformedValue('')
      if (typeof document !== 'object' || Array.isArray(document)) throw cannotConvert(document, 'Structure')
      return this.#codec.reader(input)(document, 0)
    })
  }

  #summed(headers: Record<string, string>, body: string): Record<string, string> {
    if (this.#model.service.crc32) headers['x-amz-crc32'] = String(crc32(body))
    return headers
  }

  async parseEvents(operation: OperationModel, req: WireRequest): Promise<Record<string, unknown>> {
    return readEventStream(this.#events, operation, req)
  }

  serialize(operation: OperationModel, output: Readonly<Record<string, unknown>>, requestId: string): WireResponse {
    if (operation.eventStreamOutput !== undefined)
      return writeEventStream(this.#events, operation, output, this.#model, { 'x-amzn-requestid': requestId })
    const headers: Record<string, string> = { 'content-type': this.#contentType, 'x-amzn-requestid': requestId }
    // An operation without output answers no body on most services of JSON 1.1, and `{}` is read the same by every client.
    const body = operation.output === undefined ? '{}' : JSON.stringify(this.#codec.writer(operation.output)(output))
    return { status: 200, headers: this.#summed(headers, body), body }
  }

  serializeError(error: AwsError, requestId: string, _operation?: OperationModel, req?: WireRequest): WireResponse {
    const failure = failureOf(this.#model, error)
    const { code, shape } = failure
    const type =
      shape !== undefined
        ? this.#errorPrefix + shape.name
        : FRONT_END.has(code)
          ? `com.amazon.coral.service#${code}`
          : code === 'ValidationException'
            ? `com.amazon.coral.validate#${code}`
            : this.#errorPrefix + code
    const fields = fieldsWithMessage(failure)
    if (shape === undefined && fields.message === '') delete fields.message
    const document: Record<string, unknown> = { __type: code.includes('#') ? code : type }
    Object.assign(document, shape === undefined ? fields : this.#codec.writer(shape)(fields))
    // The message goes along even where the shape has no member for it.
    if (shape !== undefined && failure.message !== '' && document.message === undefined && document.Message === undefined)
      document.message = failure.message
    const headers: Record<string, string> = { 'content-type': this.#contentType, 'x-amzn-requestid': requestId, ...failure.headers }
    if (this.#model.service.queryCompatible && (req === undefined || header(req, 'x-amzn-query-mode') === 'true'))
      headers['x-amzn-query-error'] = `${shape?.code ?? code};${failure.fault === 'server' ? 'Receiver' : 'Sender'}`
    const body = JSON.stringify(document)
    return { status: failure.status, headers: this.#summed(headers, body), body }
  }
}
