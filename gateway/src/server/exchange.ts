import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { RequestHead } from '../routing/index.js'
import type { HttpExchange } from '../runtime/exchange.js'
import { BodyStream, type BodyWatch, hasNoBody, readWhole } from './body.js'
import type { RawRequest, RawResponse } from './raw.js'

/** One request and its response, as the router and the gateway see it. */
export class Exchange extends RequestHead implements HttpExchange {
  readonly request: RawRequest
  readonly response: RawResponse
  readonly requestId = randomUUID()
  readonly #watch: BodyWatch
  #owesContinue: boolean
  #whole: Promise<Buffer> | undefined
  #stream: Readable | undefined
  #abort: AbortController | undefined

  /** @param owesContinue the client waits for `100 Continue` before it sends the body. */
  constructor(request: RawRequest, response: RawResponse, watch: BodyWatch, owesContinue = false, upgrade = false) {
    super(request.method ?? 'GET', request.url ?? '/', request.httpVersionMajor < 2 ? request.headers : fromHttp2(request.headers), upgrade)
    this.request = request
    this.response = response
    this.#watch = watch
    this.#owesContinue = owesContinue
  }

  get secure(): boolean {
    return (this.request.socket as { encrypted?: boolean } | undefined)?.encrypted === true
  }

  get remoteAddress(): string | undefined {
    return this.request.socket?.remoteAddress
  }

  get hasBody(): boolean {
    return this.#whole !== undefined || !hasNoBody(this.request)
  }

  get stream(): Readable {
    if (this.#whole) this.#stream ??= Readable.from(this.#chunks(this.#whole))
    // Whoever reads the body sees its error; where nobody does any more, it must not end the process.
    this.#stream ??= new BodyStream(this.request, this.#watch, this.#begin).on('error', () => {})
    return this.#stream
  }

  readBody(limit: number): Promise<Buffer> {
    this.#whole ??= readWhole(this.request, limit, this.#watch, this.#begin)
    return this.#whole
  }

  get signal(): AbortSignal {
    if (!this.#abort) {
      const abort = new AbortController()
      this.#abort = abort
      const gone = () => {
        if (!this.response.writableFinished) abort.abort(new Error('the client hung up'))
      }
      if (this.response.destroyed) gone()
      else this.response.once('close', gone)
    }
    return this.#abort.signal
  }

  /** Lets a client that waits for it send its body. */
  sendContinue(): void {
    if (!this.#owesContinue) return
    this.#owesContinue = false
    this.response.writeContinue()
  }

  /** What is to happen before a body is read; most requests wait for nothing. */
  get #begin(): (() => void) | undefined {
    return this.#owesContinue ? () => this.sendContinue() : undefined
  }

  async *#chunks(whole: Promise<Buffer>): AsyncGenerator<Buffer> {
    yield await whole
  }
}

/** HTTP/2's headers as HTTP/1.1 would have them: the authority is the host, and the other pseudo-headers are in the request line. */
function fromHttp2(headers: RawRequest['headers']): RawRequest['headers'] {
  const plain: RawRequest['headers'] = {}
  for (const name in headers) if (name.charCodeAt(0) !== 0x3a) plain[name] = headers[name]
  const authority = headers[':authority']
  if (typeof authority === 'string') plain.host = authority
  return plain
}
