import { AwsError } from '@ministack/gateway'

/** The error of nearly every refused request. */
export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/** A `ValidationException` about the request's values: `One or more parameter values were invalid: ...`. */
export function invalidValues(message: string): AwsError {
  return validation(`One or more parameter values were invalid: ${message}`)
}

/** Says that a modeled parameter isn't supported here, rather than ignoring it. */
export function unsupported(what: string): AwsError {
  return new AwsError('NotImplemented', `${what} is not implemented in MiniStack`, { status: 501, fault: 'server' })
}
