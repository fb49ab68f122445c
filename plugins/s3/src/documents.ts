import { malformedXml } from './errors.js'

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
