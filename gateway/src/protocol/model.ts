/**
 * A reference to a type: a scalar's name, `list<scalar>`, `map<scalar>`, `#Shape` or `unit`.
 *
 * Scalars: `string`, `number` (or `integer`, `long`, `float`, `double` where it is known), `boolean`, `timestamp[:date-time|:http-date|:epoch-seconds]`,
 * `blob`, `blob:stream`, `document`, `bigInteger`, `bigDecimal`.
 */
export type TypeRef = string

/** A member: its type alone, or its type with traits. */
export type MemberRef = TypeRef | readonly [TypeRef, Traits]

/** Constraints of AWS's service models, which the npm package lacks; lengths in characters, bytes for blobs, elements for lists and maps. */
export interface Constraints {
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
}

/**
 * Smithy traits as the SDK's schemas name them, plus `constraints` and, for a list's or map's own size, those of the shape. Of a patch: `order`, the
 * members of a structure that come first in a document, and `malformed`, the code of one that can't be read.
 */
export interface Traits {
  readonly constraints?: Constraints
  readonly [name: string]: unknown
}

/** A structure, union, error, list or map. */
export interface ShapeJson {
  readonly members?: Readonly<Record<string, MemberRef>>
  readonly required?: readonly string[]
  readonly union?: true
  readonly list?: MemberRef
  readonly key?: MemberRef
  readonly map?: MemberRef
  readonly error?: 'client' | 'server'
  /** HTTP status of an error. */
  readonly status?: number
  /** The code of an error on the query protocols, when it isn't the shape's name. */
  readonly code?: string
  readonly queryStatus?: number
  readonly traits?: Traits
}

export interface OperationJson {
  readonly input: TypeRef
  readonly output: TypeRef
  /** Method, URI template and success status. */
  readonly http?: readonly [string, string, number]
  readonly errors?: readonly string[]
  readonly traits?: Traits
}

/** `model.json` as `tools` generates it. */
export interface ModelJson {
  readonly generated: { readonly sdk: string; readonly constraints: string; readonly sha256: string }
  readonly service: {
    /** The npm client's short name (`sqs`, `route-53`). */
    readonly sdk: string
    /** The service id (`SQS`, `Route 53`). */
    readonly id: string
    /** The Smithy service shape's name (`AmazonSQS`): the path of rpc-v2-cbor. */
    readonly shape: string
    readonly version: string
    readonly namespace: string
    /** All that the service speaks; the SDK client's own first. */
    readonly protocols: readonly import('./wire.js').ProtocolName[]
    readonly target?: string
    readonly xmlNamespace?: string
    readonly queryCompatible?: boolean
    readonly signing?: string
    readonly endpointPrefix?: string
    /** The namespace before `#` in a JSON error's `__type`, where AWS answers another than {@link namespace} (`com.amazonaws.dynamodb.v20120810`). */
    readonly errorNamespace?: string
    /** The code of a failed constraint, where the service answers another than its protocol's usual one (`InvalidInput`). */
    readonly validationCode?: string
    /** False for a service whose handlers check their input themselves, with errors of their own for each rule: S3. */
    readonly validated?: boolean
    /** Whether answers carry the CRC-32 of their body in `x-amz-crc32`, as DynamoDB's do. */
    readonly crc32?: boolean
    /** The code of a body that can't be read, where the service answers another than its protocol's usual one. */
    readonly serializationCode?: string
  }
  readonly operations: Readonly<Record<string, OperationJson>>
  readonly shapes: Readonly<Record<string, ShapeJson>>
}
