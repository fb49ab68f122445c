import { ServerResponse } from 'node:http'
import { Readable, type Writable } from 'node:stream'
import type { RecyclingStream } from '../authoring/recycling.js'
import type { WireResponse } from '../protocol/wire.js'
import type { Log } from '../runtime/log.js'
import type { Exchange } from './exchange.js'
import { isHttp2, type RawResponse } from './raw.js'

/** How much of an unread body is taken in and thrown away so that the connection can be used again, in bytes. */
const SMALL_BODY = 64 * 1024
/** How long a client that still sends gets to read its answer before the connection is closed, in milliseconds. */
const LINGER_MS = 1000

/** HTTP/2's code for a stream that ends in good order (RFC 9113, section 7). */
const NO_ERROR = 0

const CONNECTION_HEADERS = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings']

/** Writes an answer, over HTTP/1.1 or HTTP/2; never throws. */
export function respond(exchange: Exchange, answer: WireResponse, log: Log): void {
  const { response } = exchange
  const { body } = answer
  if (response.destroyed || response.writableEnded) {
    if (body instanceof Readable) body.destroy()
    return
  }
  try {
    write(exchange, answer, log)
  } catch (error) {
    if (body instanceof Readable) body.destroy()
    // A header that can't be sent: a value from a service with a line break in it, say.
    log.error('an answer could not be written', { requestId: exchange.requestId, error })
    if (response.headersSent) response.destroy()
    else writeHeadOf(response, 500, { 'content-length': '0', 'x-amzn-requestid': exchange.requestId }).end()
  }
}

function write(exchange: Exchange, { status, headers, body }: WireResponse, log: Log): void {
  const { response } = exchange
  const isStream = body instanceof Readable
  const bodyless = status === 204 || status === 304
  if (headers['content-length'] === undefined && !isStream && !bodyless) {
    headers['content-length'] = String(body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength)
  }
  if (headers['x-amzn-requestid'] === undefined && headers['x-amz-request-id'] === undefined)
    headers['x-amzn-requestid'] = exchange.requestId
  const rest = restOf(exchange)
  if (rest === 'much' && !isHttp2(response)) response.shouldKeepAlive = false
  writeHeadOf(response, status, headers)
  if (isStream && exchange.method !== 'HEAD' && !bodyless) {
    pump(body, response, error => log.error('an answer broke off', { requestId: exchange.requestId, error }))
    return
  }
  if (isStream) body.destroy()
  const bytes = isStream || bodyless ? undefined : body
  const out: Writable = response
  if (rest === 'none') {
    out.end(bytes)
    return
  }
  if (bytes !== undefined) out.write(bytes)
  endBeforeRequest(exchange, rest)
}

/**
 * Sends a stream, as `pipeline` does at several times the cost, and gives its pieces back to it once they are sent.
 * @param failed is told of the stream's error; a client that hangs up isn't one.
 */
function pump(body: Readable & Partial<RecyclingStream>, response: RawResponse, failed: (error: Error) => void): void {
  const out: Writable = response
  // Only Node's own HTTP/1.1 is known to be done with the bytes when it calls back.
  const recycles = body.recycle !== undefined && response.write === ServerResponse.prototype.write
  body.on('data', (bytes: Uint8Array) => {
    const sent = recycles ? (error?: Error | null) => error ?? body.recycle!(bytes) : undefined
    if (!out.write(bytes, sent)) body.pause()
  })
  body.on('end', () => out.end())
  body.on('error', failed)
  body.on('close', () => {
    if (!body.readableEnded) out.destroy()
  })
  out.on('drain', () => body.resume())
  out.on('close', () => body.destroy())
}

function writeHeadOf(response: RawResponse, status: number, headers: Record<string, string | string[]>): RawResponse {
  if (isHttp2(response)) {
    for (const name of CONNECTION_HEADERS) delete headers[name]
    return response.writeHead(status, headers)
  }
  return response.writeHead(status, headers)
}

/** What is left of a request's body when its answer is written: nothing, little enough to read and throw away, or more than that. */
function restOf({ request }: Exchange): 'none' | 'little' | 'much' {
  if (!('complete' in request) || request.complete) return 'none'
  const length = request.headers['content-length']
  if (length === undefined) return request.headers['transfer-encoding'] === undefined ? 'none' : 'much'
  return Number(length) > SMALL_BODY ? 'much' : 'little'
}

/**
 * Ends an answer to a client that still sends. The connection is used again when little is left and comes soon; else it is closed, but not at once: that
 * would reset it, and the client would never see its answer.
 */
function endBeforeRequest({ request, response }: Exchange, rest: 'little' | 'much'): void {
  if (isHttp2(response)) {
    response.end(() => response.stream.close(NO_ERROR))
    return
  }
  const end = () => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(() => {
    end()
    request.socket.destroySoon()
  }, LINGER_MS)
  if (rest === 'little') response.end()
  request.once('end', end).once('close', end).resume()
}
