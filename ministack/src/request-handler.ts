import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { App } from '@ministack/gateway/server'
import inject from 'light-my-request'

/** A request as the SDK's clients hand it on. */
export interface SdkRequest {
  readonly method: string
  /** Escaped as it would be sent. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What the SDK's clients take as an answer. */
export interface SdkResponse {
  statusCode: number
  reason?: string
  headers: Record<string, string>
  body: Readable
}

/** What goes with a single request. */
export interface SdkHandlerOptions {
  readonly abortSignal?: { readonly aborted: boolean; onabort?: unknown }
  /** Milliseconds until the answer must have begun. */
  readonly requestTimeout?: number
}

/**
 * Takes the place of the network in AWS SDK v3 clients: requests go to the server in this process, through everything that they would pass over the
 * wire but the connection. It has the shape of the SDK's `HttpHandler`.
 */
export class InProcessHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' }
  readonly #app: Pick<App, 'routing'>
  readonly #isOpen: () => boolean

  /**
   * @param app what answers.
   * @param isOpen says whether it may still be asked.
   */
  constructor(app: Pick<App, 'routing'>, isOpen: () => boolean) {
    this.#app = app
    this.#isOpen = isOpen
  }

  /**
   * Sends one request.
   * @throws AbortError, TimeoutError, or the body stream's own error.
   */
  async handle(request: SdkRequest, { abortSignal, requestTimeout }: SdkHandlerOptions = {}): Promise<{ response: SdkResponse }> {
    if (!this.#isOpen()) throw new Error('MiniStack is closed')
    const abort = new AbortController()
    const forget = onAbort(abortSignal, () => abort.abort(named('AbortError', 'Request aborted')))
    const timeout = requestTimeout
      ? setTimeout(() => abort.abort(named('TimeoutError', `No answer within ${requestTimeout} ms`)), requestTimeout)
      : undefined
    try {
      abort.signal.throwIfAborted()
      const response = await this.#send(request, abort.signal)
      const headers: Record<string, string> = {}
      for (const [name, value] of Object.entries(response.headers)) {
        if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : String(value)
      }
      const body = response.stream().once('close', forget)
      return { response: { statusCode: response.statusCode, reason: response.statusMessage, headers, body } }
    } catch (error) {
      forget()
      throw abort.signal.aborted ? abort.signal.reason : error
    } finally {
      clearTimeout(timeout)
    }
  }

  /** The app belongs to MiniStack, and other clients use it too. */
  destroy(): void {}

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {}
  }

  #send(request: SdkRequest, signal: AbortSignal) {
    const target = request.query ? `${request.path}${queryString(request.query)}` : request.path
    const headers: Record<string, string> = { ...request.headers }
    // Nobody waits for `100 Continue` here.
    delete headers.expect
    delete headers.Expect
    const payload = payloadOf(request.body)
    if (payload instanceof Readable && headers['content-length'] === undefined && headers['Content-Length'] === undefined) {
      headers['transfer-encoding'] = 'chunked'
    }
    // The URL is set by hand because `inject` normalises it: the S3 key `a/../b` would arrive as `b`.
    return inject(
      (req, res) => {
        req.url = target
        this.#app.routing(req, res)
      },
      { method: request.method as 'GET', url: '/', headers, payload, payloadAsStream: true, signal },
    )
  }
}

function payloadOf(body: unknown): Buffer | Readable | undefined {
  if (body === undefined || body === null || body === '') return undefined
  if (body instanceof Readable || Buffer.isBuffer(body)) return body
  if (typeof body === 'string') return Buffer.from(body)
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (body instanceof ArrayBuffer) return Buffer.from(body)
  if (body instanceof Blob) return Readable.fromWeb(body.stream() as ReadableStream)
  if (typeof (body as ReadableStream).getReader === 'function') return Readable.fromWeb(body as ReadableStream)
  if (typeof (body as AsyncIterable<unknown>)[Symbol.asyncIterator] === 'function') return Readable.from(body as AsyncIterable<unknown>)
  throw new TypeError(`a request body of the kind ${Object.prototype.toString.call(body)} can't be sent`)
}

/** The query in the SDK's own form, which its signature covers. */
function queryString(query: NonNullable<SdkRequest['query']>): string {
  const parts: string[] = []
  for (const key of Object.keys(query).sort()) {
    const value = query[key]
    const name = escapeUri(key)
    if (Array.isArray(value)) for (const item of value) parts.push(`${name}=${escapeUri(item)}`)
    else parts.push(typeof value === 'string' ? `${name}=${escapeUri(value)}` : name)
  }
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Calls `fn` when a signal is aborted, be it one of the platform's or of the SDK's own older kind. @returns ends that. */
function onAbort(signal: SdkHandlerOptions['abortSignal'], fn: () => void): () => void {
  if (!signal) return () => {}
  if (signal.aborted) fn()
  if (!('addEventListener' in signal)) {
    signal.onabort = fn
    return () => {
      signal.onabort = null
    }
  }
  const modern = signal as AbortSignal
  modern.addEventListener('abort', fn, { once: true })
  return () => modern.removeEventListener('abort', fn)
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}
