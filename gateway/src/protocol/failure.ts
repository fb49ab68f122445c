import type { AwsError } from '../authoring/errors.js'
import type { Member, Model, StructShape } from './shapes.js'

/** An error as the model completes it: what a protocol needs to write it. */
export interface Failure {
  readonly code: string
  readonly shape: StructShape | undefined
  readonly status: number
  readonly fault: 'client' | 'server'
  readonly message: string
  /** The fields to write beside the message: the shape's members, or the thrower's own where there is no shape. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>> | undefined
}

const NO_FIELDS: Readonly<Record<string, unknown>> = Object.freeze({})

/** Completes an error with what the model knows of its code; `query` takes the status of the query protocols. */
export function failureOf(model: Model, error: AwsError, query = false): Failure {
  const shape = model.error(error.code)
  const status = error.status ?? (shape === undefined ? 400 : query ? shape.queryStatus : shape.status)
  return {
    code: error.code,
    shape,
    status,
    fault: error.fault ?? shape?.error ?? (status >= 500 ? 'server' : 'client'),
    message: error.message,
    fields: error.fields ?? NO_FIELDS,
    headers: error.headers,
  }
}

/** The member that carries an error's message. */
export function messageMember(shape: StructShape): Member | undefined {
  return shape.members.find(member => member.name === 'message' || member.name === 'Message')
}

/** The fields of an error with its message where the shape has it. */
export function fieldsWithMessage(failure: Failure): Record<string, unknown> {
  const name = failure.shape === undefined ? 'message' : messageMember(failure.shape)?.name
  return name === undefined ? { ...failure.fields } : { [name]: failure.message, ...failure.fields }
}

/** The code without a shape's namespace. */
export function bareCode(code: string): string {
  return code.slice(code.lastIndexOf('#') + 1)
}
