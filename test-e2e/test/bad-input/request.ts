/** The form in which a service answers errors; `any` where a request may be taken for another service's. */
export type Form = 'json' | 'query' | 'ec2' | 'restXml' | 'restJson' | 'cbor' | 'any'

/**
 * What a bad request must come to.
 *
 * - `refused`: a 4xx in the service's form; or 501 `NotImplemented`, for an operation that isn't there yet, whatever its input.
 * - `answered`: the same, or success: odd, but nothing that AWS refuses.
 * - `broken`: it isn't HTTP, so all there is to ask for is a bare 4xx or a closed connection.
 */
export type Expectation = { readonly kind: 'refused' | 'answered'; readonly form: Form } | { readonly kind: 'broken' }

/** One request of the corpus, as bytes. */
export interface BadRequest {
  readonly name: string
  /** What goes over the wire, in order; a number is a pause in milliseconds. */
  readonly send: readonly (Buffer | number)[]
  /** Says that nothing more comes (a half-closed connection). */
  readonly end?: boolean
  readonly expect: Expectation
}

/** A well-formed request to start from. */
export interface Target {
  readonly name: string
  readonly form: Form
  /** The name that it is signed for. */
  readonly service: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** What the body says, for those that are changed before they are written. */
  readonly value?: Readonly<Record<string, unknown>>
}

/** A signature in the right form. */
export function authorization(service: string): string {
  const scope = `test/20260101/us-east-1/${service}/aws4_request`
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=content-type;host;x-amz-date, Signature=${'0123456789abcdef'.repeat(4)}`
}

/** How a request differs from its target. */
export interface Change {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: Buffer
  /** Sent as it is in place of a length and the body. */
  readonly rawTail?: Buffer
}

/** A target's bytes, with a change. */
export function write(target: Target, change: Change = {}): Buffer {
  const body = change.body ?? target.body
  const headers: Record<string, string | undefined> = {
    host: 'localhost:4566',
    'x-amz-date': '20260101T000000Z',
    authorization: authorization(target.service),
    ...target.headers,
    ...(change.rawTail ? {} : { 'content-length': `${body.length}` }),
    ...change.headers,
  }
  const lines = [`${change.method ?? target.method} ${change.path ?? target.path} HTTP/1.1`]
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) lines.push(`${name}: ${value}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), change.rawTail ?? body])
}
