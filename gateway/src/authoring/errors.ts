import { knownAcrossCopies } from '../runtime/copies.js'

/** What may go with an error beside its code and message. */
export interface AwsErrorOptions {
  /** Members of the modeled error shape, or extra elements of the error body where the model has none (S3's `BucketName`, `Key`). */
  readonly fields?: Readonly<Record<string, unknown>>
  /** HTTP status; it wins over the model's. Without it the model's where that knows the code, else 400. */
  readonly status?: number
  /** Whose fault it is. Taken from the model, else from the status (5xx is the server's). */
  readonly fault?: 'client' | 'server'
  /** Response headers that go with the error, such as `x-amz-delete-marker` or `Allow`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/**
 * An error that the caller of an AWS API sees.
 *
 * `code` is the shape name in the service's model (`QueueDoesNotExist`) or, where AWS answers an error that its model doesn't list, the bare
 * code (`InvalidParameterValue`). HTTP status, query code and the form on the wire come from the model of the service that throws it.
 */
export class AwsError extends Error {
  readonly code: string
  readonly fields: Readonly<Record<string, unknown>> | undefined
  readonly status: number | undefined
  readonly fault: 'client' | 'server' | undefined
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(code: string, message = '', options: AwsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = code
    this.code = code
    this.fields = options.fields
    this.status = options.status
    this.fault = options.fault
    this.headers = options.headers
  }
}

knownAcrossCopies(AwsError)

/** Says by name that an operation isn't there: HTTP 501, code `NotImplemented`. */
export function notImplemented(service: string, operation: string): AwsError {
  return new AwsError('NotImplemented', `${service}.${operation} is not implemented in MiniStack`, { status: 501, fault: 'server' })
}
