import type { AnyHandler } from '../authoring/define.js'
import { AwsError, notImplemented } from '../authoring/errors.js'
import {
  chooseProtocol,
  decodeBody,
  inflateBody,
  type OperationModel,
  protocolOf,
  type ServerProtocol,
  validate,
  type WireRequest,
  type WireResponse,
} from '../protocol/index.js'
import { callerOf } from './authenticate.js'
import type { Caller, Context, HttpInfo } from './context.js'
import type { ApiRoute, HttpExchange } from './exchange.js'
import type { Gateway } from './gateway.js'
import type { LoadedService, LoadedUnit } from './loaded-unit.js'
import { presignedHeaders } from './presigned-headers.js'
import { RequestContext } from './request-context.js'

/** One API call on its way through the steps; each step fills in what the next ones need. */
export class ApiCall {
  readonly gateway: Gateway
  readonly unit: LoadedUnit
  readonly service: LoadedService
  readonly account: string
  readonly region: string
  readonly requestId: string
  readonly origin: { readonly signal?: AbortSignal } | undefined
  /** What an in-process call doesn't have. */
  readonly wire: WireCall | undefined
  operation = ''
  model!: OperationModel
  handler!: AnyHandler
  caller: Caller | undefined
  input: Record<string, unknown> = {}
  output: unknown
  response: WireResponse | undefined
  #context: Context<never> | undefined

  constructor(
    gateway: Gateway,
    unit: LoadedUnit,
    service: LoadedService,
    parts: Pick<ApiCall, 'account' | 'region' | 'requestId' | 'origin' | 'wire'>,
  ) {
    this.gateway = gateway
    this.unit = unit
    this.service = service
    this.account = parts.account
    this.region = parts.region
    this.requestId = parts.requestId
    this.origin = parts.origin
    this.wire = parts.wire
  }

  get context(): Context<never> {
    this.#context ??= new RequestContext(this.gateway, this.unit, {
      service: this.service.manifest.name,
      operation: this.operation,
      account: this.account,
      region: this.region,
      requestId: this.requestId,
      caller: this.caller,
      http: this.wire,
      origin: this.origin,
    }) as unknown as Context<never>
    return this.#context
  }
}

/** The HTTP side of an API call: the protocol's view of the request and what a handler may see of it. */
export class WireCall implements HttpInfo, WireRequest {
  readonly route: ApiRoute
  readonly exchange: HttpExchange
  readonly protocol: ServerProtocol
  readonly path: string
  readonly headers: HttpExchange['headers']
  body: Buffer = EMPTY
  stream: WireRequest['stream']
  found: unknown
  #query: URLSearchParams | undefined

  constructor(route: ApiRoute, exchange: HttpExchange, protocol: ServerProtocol) {
    this.route = route
    this.exchange = exchange
    this.protocol = protocol
    this.path = route.path ?? exchange.path
    this.headers = route.service.name === 's3' ? presignedHeaders(exchange) : exchange.headers
  }

  get method(): string {
    return this.exchange.method
  }

  get rawQuery(): string {
    return this.exchange.rawQuery
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.exchange.rawQuery)
    return this.#query
  }

  get host(): string {
    return this.exchange.host
  }

  get secure(): boolean {
    return this.exchange.secure
  }

  get remoteAddress(): string | undefined {
    return this.exchange.remoteAddress
  }
}

const EMPTY = Buffer.alloc(0)

/** Characters from which on text is made bytes before it is sent; shorter text goes in one piece with its headers. */
const LONG_TEXT = 16 * 1024

/** A named step of an API call. It returns a promise only when it has to wait. */
export interface Step {
  readonly name: string
  run(call: ApiCall): void | Promise<void>
}

const steps = {
  /** Reads the body where the protocol or the operation needs it whole, and finds the operation. */
  route: {
    name: 'route',
    run(call) {
      const wire = call.wire!
      const { protocol } = wire
      if (protocol.routesByBody) {
        const wait = readBody(call, wire)
        if (wait) return wait.then(() => find(call, protocol.operationOf(wire)))
      }
      find(call, protocol.operationOf(wire))
      if (!call.model.streamingInput && !call.model.eventStreamInput) return readBody(call, wire)
      wire.stream = decodeBody(wire.headers, wire.exchange.stream).stream
    },
  },
  authenticate: {
    name: 'authenticate',
    run(call) {
      const wire = call.wire!
      call.caller = callerOf(call.gateway, wire.route, wire)
    },
  },
  parse: {
    name: 'parse',
    run(call) {
      const wire = call.wire!
      const checked = wire.body.length > 0 ? call.service.received?.(call.operation, wire, wire.body) : undefined
      const parse = () => {
        call.input = wire.protocol.parse(call.model, wire)
      }
      return checked ? checked.then(parse) : parse()
    },
  },
  validate: {
    name: 'validate',
    run(call) {
      validate(call.service.model, call.model, call.input, call.wire?.protocol.name)
    },
  },
  handle: {
    name: 'handle',
    run(call) {
      const output = call.handler(call.context, call.input as never)
      if (output instanceof Promise) {
        return output.then(value => {
          call.output = value
        })
      }
      call.output = output
    },
  },
  /** An answer goes out only when the changes behind it are kept. */
  commit: {
    name: 'commit',
    run(call) {
      return call.gateway.committed(call.unit)
    },
  },
  serialize: {
    name: 'serialize',
    run(call) {
      const response = call.wire!.protocol.serialize(call.model, (call.output ?? {}) as Record<string, unknown>, call.requestId)
      const { body } = response
      // Made bytes once, where it would else be walked for its length and again to be sent.
      if (typeof body === 'string' && body.length > LONG_TEXT) response.body = Buffer.from(body)
      call.response = response
    },
  },
} satisfies Record<string, Step>

function readBody(call: ApiCall, wire: WireCall): void | Promise<void> {
  if (!wire.exchange.hasBody) return
  const limit = call.service.manifest.maxBodyBytes ?? call.gateway.config.maxBodyBytes
  const encoded = wire.headers['content-encoding'] !== undefined
  return wire.exchange.readBody(limit).then(body => {
    wire.body = body
    return encoded ? inflate(wire, limit) : undefined
  })
}

async function inflate(wire: WireCall, limit: number): Promise<void> {
  wire.body = await inflateBody(wire.headers, wire.body, limit)
}

/** The steps of a call that came over HTTP, in order. */
export const wireSteps: readonly Step[] = [
  steps.route,
  steps.authenticate,
  steps.parse,
  steps.validate,
  steps.handle,
  steps.commit,
  steps.serialize,
]

/** The same for a call from within this process, less the wire. */
export const inProcessSteps: readonly Step[] = [steps.validate, steps.handle, steps.commit]

/** Runs the steps in order; returns a promise only where one of them has to wait. */
export function runSteps(list: readonly Step[], call: ApiCall, from = 0): void | Promise<void> {
  for (let n = from; n < list.length; n++) {
    const wait = list[n]!.run(call)
    if (wait) return wait.then(() => runSteps(list, call, n + 1))
  }
}

/** Sets the operation, its model and its handler. @throws AwsError 501 for one that has no handler. */
export function find(call: ApiCall, operation: string): void {
  const model = call.service.operation(operation)
  const handler = call.service.handler(operation)
  call.operation = operation
  if (model) call.model = model
  if (!model || !handler) throw notImplemented(call.service.manifest.name, operation)
  call.handler = handler
}

/** Which of a service's protocols a request speaks, ready to use. */
export function protocolFor(service: LoadedService, exchange: HttpExchange): ServerProtocol {
  return protocolOf(service.model, chooseProtocol(service.manifest.protocols, exchange))
}

const INTERNAL_FAILURE = [
  'InternalFailure',
  'The request processing has failed because of an unknown error, exception or failure.',
] as const
/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const S3_INTERNAL_ERROR = ['InternalError', 'We encountered an internal error. Please try again.'] as const

/** Any failure as the error that the caller sees; what isn't an {@link AwsError} is logged and becomes InternalFailure. */
export function asAwsError(error: unknown, call: Pick<ApiCall, 'operation' | 'requestId' | 'gateway' | 'service'>): AwsError {
  if (error instanceof AwsError) return error
  call.gateway.log.error(`${call.service.manifest.name}.${call.operation || '?'} failed`, { requestId: call.requestId, error })
  const [code, message] = call.service.manifest.name === 's3' ? S3_INTERNAL_ERROR : INTERNAL_FAILURE
  return new AwsError(code, message, { status: 500, fault: 'server', cause: error })
}
