import type { Readable } from 'node:stream'

/** The AWS protocols, by their names in Smithy models. */
export type ProtocolName = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'ec2Query' | 'restJson1' | 'restXml' | 'rpcv2Cbor'

/** A request as a protocol sees it. */
export interface WireRequest {
  readonly method: string
  /** The path as it was sent: percent escapes untouched, no query. For a virtual-hosted S3 request: already path style. */
  readonly path: string
  /** The query as it was sent, without `?`; empty when there is none. */
  readonly rawQuery: string
  /** Lower-case names, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The query, decoded as form data, made when it is first asked for. */
  readonly query: URLSearchParams
  /** The whole body, for an operation without a streaming input; empty when there is none. */
  body: Buffer
  /** The body of an operation with a streaming input. */
  stream: Readable | undefined
  /** What a protocol found while it looked for the operation, kept for `parse`: a query protocol's form, a REST route's labels. */
  found?: unknown
}

/** What can be said of a request before its body is read. */
export interface RequestHead {
  readonly method: string
  readonly path: string
  readonly rawQuery: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** A response as a protocol writes it. */
export interface WireResponse {
  status: number
  headers: Record<string, string | string[]>
  /** A `Readable` is piped; `undefined` is no body. */
  body: string | Uint8Array | Readable | undefined
}
