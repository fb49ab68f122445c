import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'

/** A request as Node has it: HTTP/1.1's, or the same face on HTTP/2. */
export type RawRequest = IncomingMessage | (Http2ServerRequest & { readonly socket: IncomingMessage['socket'] })

/** Its response. */
export type RawResponse = ServerResponse | Http2ServerResponse

/** What a server calls for each request. */
export type RawHandler = (request: RawRequest, response: RawResponse) => void

/** Whether a response goes over HTTP/2, which has no connection headers. */
export function isHttp2(response: RawResponse): response is Http2ServerResponse {
  return 'stream' in response
}
