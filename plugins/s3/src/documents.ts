import { malformedXml, s3Error } from './errors.js'

/** The document that a request must bring. @throws MissingRequestBodyError */
export function bodyOf<T>(document: T | undefined | null): T {
  if (document === undefined || document === null) throw s3Error('MissingRequestBodyError')
  return document
}

/** A member that its document must have. @throws MalformedXML */
export function required<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw malformedXml()
  return value
}

/** A member that its document must have with one of these values. @throws MalformedXML */
export function oneOf<T extends string>(value: T | undefined, allowed: readonly T[]): T {
  if (value === undefined || !allowed.includes(value)) throw malformedXml()
  return value
}

/** The same for a member that may be absent. @throws MalformedXML */
export function optionalOneOf<T extends string>(value: T | undefined, allowed: readonly T[]): T | undefined {
  return value === undefined ? undefined : oneOf(value, allowed)
}

/** Answers of operations that have nothing to say, where S3 sends 204 and the model 200. */
export const NO_CONTENT = { $metadata: { httpStatusCode: 204 } }
