import { AwsError } from '@ministack/gateway'

/** SQS's answer to a parameter that is there but wrong: `Value x for parameter DelaySeconds is invalid. Reason: ...` */
export function invalidParameter(name: string, value: unknown, reason: string): AwsError {
  return invalidRequest(`Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}`)
}

/** The same code with a message of its own. */
export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message)
}

export function missingParameter(name: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${name}.`)
}

export function invalidAttributeValue(name: string, reason?: string): AwsError {
  return new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.${reason ? ` Reason: ${reason}` : ''}`)
}

export function unknownAttribute(name: string): AwsError {
  return new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`)
}

export function queueDoesNotExist(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
}

export function invalidAddress(url: string): AwsError {
  return new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`)
}

/** The codes that a batch's failed entries carry, where they differ from the error's name. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
}

/** An error as the `Failed` list of a batch shows it. @throws the error itself when it isn't the caller's. */
export function failedEntry(id: string, error: unknown): { Id: string; SenderFault: boolean; Code: string; Message: string } {
  if (!(error instanceof AwsError)) throw error
  return { Id: id, SenderFault: true, Code: QUERY_CODES[error.code] ?? error.code, Message: error.message }
}
