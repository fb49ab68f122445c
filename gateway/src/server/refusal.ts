import { AwsError } from '../authoring/errors.js'
import type { WireResponse } from '../protocol/wire.js'
import type { ErrorStyle } from '../routing/index.js'

/** What is said of a request that no service's protocol answers. */
export interface RefusalParts {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly style: ErrorStyle
}

/** Writes an error without a service's model, in the form that the request seems to speak. */
export function writeRefusal({ status, code, message, style }: RefusalParts, requestId: string): WireResponse {
  const fault = status >= 500 ? 'Receiver' : 'Sender'
  switch (style) {
    case 'json':
      return answer(status, 'application/json', requestId, JSON.stringify({ __type: code, message }), { 'x-amzn-errortype': code })
    case 'cbor':
      return answer(status, 'application/cbor', requestId, cborMap({ __type: code, message }), { 'smithy-protocol': 'rpc-v2-cbor' })
    case 'query': {
      const error = `<Error><Type>${fault}</Type><Code>${xml(code)}</Code><Message>${xml(message)}</Message></Error>`
      return answer(status, 'text/xml', requestId, `<ErrorResponse>${error}<RequestId>${xml(requestId)}</RequestId></ErrorResponse>`)
    }
    case 'ec2': {
      const error = `<Error><Code>${xml(code)}</Code><Message>${xml(message)}</Message></Error>`
      return answer(status, 'text/xml', requestId, `<Response><Errors>${error}</Errors><RequestID>${xml(requestId)}</RequestID></Response>`)
    }
    case 'xml': {
      const error = `<Code>${xml(code)}</Code><Message>${xml(message)}</Message><RequestId>${xml(requestId)}</RequestId>`
      return answer(status, 'application/xml', requestId, `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${error}</Error>`)
    }
  }
}

/** Any failure outside a service, as something to refuse with; what isn't an {@link AwsError} is the server's fault. */
export function refusalOf(error: unknown, style: ErrorStyle): RefusalParts {
  if (error instanceof AwsError) return { status: error.status ?? 400, code: error.code, message: error.message, style }
  return { status: 500, code: 'InternalFailure', message: error instanceof Error ? error.message : String(error), style }
}

function answer(
  status: number,
  type: string,
  requestId: string,
  body: string | Uint8Array,
  more: Record<string, string> = {},
): WireResponse {
  return { status, headers: { 'content-type': type, 'x-amzn-requestid': requestId, ...more }, body }
}

function xml(text: string): string {
  return text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`)
}

/** A CBOR map of a few text strings (RFC 8949, major types 5 and 3). */
function cborMap(entries: Readonly<Record<string, string>>): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0xa0 | Object.keys(entries).length)]
  for (const text of Object.entries(entries).flat()) {
    const bytes = Buffer.from(text)
    parts.push(bytes.length < 24 ? Uint8Array.of(0x60 | bytes.length) : Uint8Array.of(0x79, bytes.length >> 8, bytes.length & 0xff), bytes)
  }
  return Buffer.concat(parts)
}
