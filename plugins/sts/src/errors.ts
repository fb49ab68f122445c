import { AwsError } from '@ministack/gateway'

/** What STS answers for input that is well-formed but wrong, beyond the constraints of its model. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message, { status: 400 })
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message, { status: 400 })
}

export function accessDenied(message: string): AwsError {
  return new AwsError('AccessDenied', message, { status: 403 })
}
