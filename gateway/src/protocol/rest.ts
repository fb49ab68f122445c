import type { AwsError } from '../authoring/errors.js'
import { type EventStreamCodec, eventsOf, writeEventStream } from './event-stream.js'
import { type Failure, failureOf } from './failure.js'
import {
  type Bindings,
  bindingsOf,
  bindRequest,
  checkQuery,
  headerText,
  headerWriters,
  type Placement,
  placementOf,
} from './http-bindings.js'
import { reading, type ServerProtocol } from './protocol.js'
import { type RouteMatch, RouteTable } from './routes.js'
import { type MalformedValue, utf8 } from './scalars.js'
import type { Member, Model, OperationModel, StructShape } from './shapes.js'
import type { ProtocolName, WireRequest, WireResponse } from './wire.js'

/** The document format of a REST protocol. */
export interface DocumentFormat {
  readonly contentType: string
  readonly events: EventStreamCodec
  /** The code of a document that can't be read. */
  readonly malformed: string
  readBody(shape: StructShape, members: readonly Member[], body: Buffer): Record<string, unknown>
  readPayload(member: Member, body: Buffer): unknown
  writeBody(operation: OperationModel, members: readonly Member[], output: Readonly<Record<string, unknown>>): string | Buffer
  writePayload(member: Member, value: unknown): string
}

interface InputPlan extends Placement {
  /** The code of a body that can't be read. */
  readonly malformed: string
  readonly bindings: Bindings
}

interface OutputPlan extends Placement {
  readonly headers: ReturnType<typeof headerWriters>
}

/** What restJson1 and restXml share: routes and the parts of a message that HTTP itself carries. */
export abstract class RestProtocol implements ServerProtocol {
  abstract readonly name: ProtocolName
  readonly routesByBody = false
  protected readonly model: Model
  protected abstract readonly format: DocumentFormat
  #routes: RouteTable | undefined
  readonly #inputs = new Map<OperationModel, InputPlan>()
  readonly #outputs = new Map<StructShape, OutputPlan>()

  constructor(model: Model) {
    this.model = model
  }

  operationOf(req: WireRequest): string {
    this.#routes ??= new RouteTable(this.model)
    if (req.rawQuery.includes('%')) checkQuery(req.rawQuery)
    const match = this.#routes.match(req)
    req.found = match
    return match.operation
  }

  parse(operation: OperationModel, req: WireRequest): Record<string, unknown> {
    const shape = operation.input
    if (shape === undefined) return {}
    const plan = this.#inputPlan(operation, shape)
    if (req.found === undefined) this.operationOf(req)
    const { labels } = req.found as RouteMatch
    const input: Record<string, unknown> = {}
    reading(this.bindingError, () => bindRequest(plan.bindings, input, req, labels), this.bindingRefusal)
    reading(plan.malformed, () => this.#readBody(operation, plan, shape, req, input))
    return input
  }

  async parseEvents(operation: OperationModel, req: WireRequest): Promise<Record<string, unknown>> {
    return this.parse(operation, req)
  }

  serialize(operation: OperationModel, output: Readonly<Record<string, unknown>>, requestId: string): WireResponse {
    const headers = this.idHeaders(requestId)
    // A handler may answer with another status than the model's: S3's 206 for a part of an object.
    const status = (output.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode ?? operation.http?.status ?? 200
    const shape = operation.output
    if (shape === undefined) return { status, headers, body: undefined }
    const plan = this.#outputPlan(shape)
    if (operation.eventStreamOutput !== undefined) {
      const response = writeEventStream(this.format.events, operation, output, this.model, headers)
      writeHeaders(plan, response, output)
      return { ...response, headers: { ...response.headers, 'content-type': 'application/vnd.amazon.eventstream' } }
    }
    const response: WireResponse = { status, headers, body: undefined }
    writeHeaders(plan, response, output)
    this.#writeBody(operation, plan, response, output)
    return response
  }

  serializeError(error: AwsError, requestId: string, operation?: OperationModel, req?: WireRequest): WireResponse {
    const failure = failureOf(this.model, error)
    const response: WireResponse = { status: failure.status, headers: this.idHeaders(requestId), body: undefined }
    if (failure.shape !== undefined) writeHeaders(this.#outputPlan(failure.shape), response, failure.fields)
    for (const [name, text] of Object.entries(failure.headers ?? {})) response.headers[name] = headerText(text)
    const members = failure.shape === undefined ? [] : this.#outputPlan(failure.shape).body
    this.writeError(failure, members, response, requestId)
    // Neither an answer to HEAD nor a 304 has a body.
    if ((req?.method ?? operation?.http?.method) === 'HEAD' || failure.status === 304) {
      response.body = undefined
      if (failure.status === 304 || !this.typesHead) delete response.headers['content-type']
    }
    return response
  }

  /** The code of a path, query or header value that can't be read. */
  protected abstract readonly bindingError: string

  /** How a service refuses such a value in more than its message. */
  protected readonly bindingRefusal: ((error: MalformedValue) => AwsError | undefined) | undefined = undefined

  /** Whether an answer to HEAD tells the type of the document that it leaves out. */
  protected readonly typesHead: boolean = false

  protected abstract idHeaders(requestId: string): Record<string, string | string[]>

  /** Writes an error's document and its headers. */
  protected abstract writeError(failure: Failure, members: readonly Member[], response: WireResponse, requestId: string): void

  #inputPlan(operation: OperationModel, shape: StructShape): InputPlan {
    let plan = this.#inputs.get(operation)
    if (plan === undefined) {
      const placement = placementOf(shape, 'input')
      const document = placement.payload?.shape
      // S3 has a code of its own for an ACL that can't be read.
      const own = document?.type === 'structure' ? (document.traits.malformed as string | undefined) : undefined
      plan = { ...placement, bindings: bindingsOf(shape, operation.http?.uri ?? ''), malformed: own ?? this.format.malformed }
      this.#inputs.set(operation, plan)
    }
    return plan
  }

  #outputPlan(shape: StructShape): OutputPlan {
    let plan = this.#outputs.get(shape)
    if (plan === undefined) {
      const placement = placementOf(shape, 'output')
      plan = { ...placement, headers: headerWriters(placement.bound) }
      this.#outputs.set(shape, plan)
    }
    return plan
  }

  #readBody(operation: OperationModel, plan: InputPlan, shape: StructShape, req: WireRequest, input: Record<string, unknown>): void {
    const { payload } = plan
    if (payload === undefined) {
      if (plan.body.length > 0 && req.body.length > 0) Object.assign(input, this.format.readBody(shape, plan.body, req.body))
      return
    }
    if (payload.name === operation.eventStreamInput) input[payload.name] = eventsOf(this.format.events, payload.shape as StructShape, req)
    else if (payload.name === operation.streamingInput) input[payload.name] = req.stream ?? req.body
    else if (req.body.length > 0) {
      const { type } = payload.shape
      input[payload.name] = type === 'blob' ? req.body : type === 'string' ? utf8(req.body) : this.format.readPayload(payload, req.body)
    }
  }

  #writeBody(operation: OperationModel, plan: OutputPlan, response: WireResponse, output: Readonly<Record<string, unknown>>): void {
    if (response.status === 204 || response.status === 304) return
    const head = operation.http?.method === 'HEAD'
    const { payload } = plan
    if (payload === undefined) {
      if (head && this.typesHead) response.headers['content-type'] ??= this.format.contentType
      if (plan.body.length === 0 || head) return
      response.body = this.format.writeBody(operation, plan.body, output)
      response.headers['content-type'] ??= this.format.contentType
      return
    }
    const value = output[payload.name]
    if (value === undefined || value === null || head) return
    const { type } = payload.shape
    if (type === 'blob' || type === 'string') {
      response.headers['content-type'] ??=
        (payload.traits.mediaType as string | undefined) ?? (type === 'blob' ? 'application/octet-stream' : 'text/plain')
      response.body = value as WireResponse['body']
    } else {
      response.headers['content-type'] ??= this.format.contentType
      response.body = this.format.writePayload(payload, value)
    }
  }
}

function writeHeaders(plan: OutputPlan, response: WireResponse, output: Readonly<Record<string, unknown>>): void {
  if (plan.headers.size === 0) return
  // By what is there: an answer of S3 has a few of the forty headers that its operation knows.
  for (const name in output) {
    const value = output[name]
    if (value !== undefined && value !== null) plan.headers.get(name)?.(response, value)
  }
}
