import { AwsError } from '../authoring/errors.js'
import { MalformedValue } from './scalars.js'
import type { OperationModel } from './shapes.js'
import type { ProtocolName, WireRequest, WireResponse } from './wire.js'

/** The server's side of one AWS protocol for one service's model. */
export interface ServerProtocol {
  readonly name: ProtocolName
  /** Whether the operation can only be told once the body has been read: the query protocols. */
  readonly routesByBody: boolean
  /** The name of the operation that a request asks for. @throws AwsError as AWS answers an unknown operation. */
  operationOf(req: WireRequest): string
  /** Reads an operation's input. @throws AwsError as AWS answers a request that it can't read. */
  parse(operation: OperationModel, req: WireRequest): Record<string, unknown>
  /** Reads the input of an operation with `eventStreamInput`, as far as it comes before the first event; `parse` is for all others. */
  parseEvents(operation: OperationModel, req: WireRequest): Promise<Record<string, unknown>>
  /** Writes an operation's output. */
  serialize(operation: OperationModel, output: Readonly<Record<string, unknown>>, requestId: string): WireResponse
  /** Writes an error; `operation` and `req` as far as they are known. */
  serializeError(error: AwsError, requestId: string, operation?: OperationModel, req?: WireRequest): WireResponse
}

/** Runs a reader and makes an AWS error of what it refuses; `refusal` where a protocol has more to say than the message. */
export function reading<T>(code: string, read: () => T, refusal?: (error: MalformedValue) => AwsError | undefined): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof MalformedValue) throw refusal?.(error) ?? new AwsError(code, error.message, { cause: error })
    throw error
  }
}

/** A request header's value; the first where there are several. */
export function header(req: Pick<WireRequest, 'headers'>, name: string): string | undefined {
  const value = req.headers[name]
  return typeof value === 'object' ? value[0] : value
}
