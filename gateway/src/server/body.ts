import { Readable } from 'node:stream'
import { AwsError } from '../authoring/errors.js'
import type { WholeBody } from '../authoring/whole-body.js'
import type { RawRequest } from './raw.js'

const EMPTY = Buffer.alloc(0)

/** How long clients may take over a body, in milliseconds. */
export interface BodyTimeouts {
  /** Without a byte. */
  readonly idle: number
  /** For the whole of a body that is held in memory; a streamed one may take as long as it moves. */
  readonly whole: number
}

/** A body under watch. */
export interface Watched {
  readonly request: RawRequest
  readonly deadline: number
  moved: number
  bytes: number
  readonly giveUp: (error: AwsError) => void
  before: Watched | undefined
  after: Watched | undefined
}

/**
 * Watches all bodies on their way in with one timer, which costs a request less than a timer of its own. They are a linked list: a set that a body
 * enters and leaves is made smaller each time, which takes several times as long.
 */
export class BodyWatch {
  readonly #timeouts: BodyTimeouts
  #first: Watched | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(timeouts: BodyTimeouts) {
    this.#timeouts = timeouts
  }

  /** Calls `giveUp` when the body takes too long. @returns what {@link end} takes. */
  watch(request: RawRequest, whole: boolean, giveUp: (error: AwsError) => void): Watched {
    const now = Date.now()
    const deadline = whole ? now + this.#timeouts.whole : Number.POSITIVE_INFINITY
    const watched: Watched = { request, deadline, moved: now, bytes: -1, giveUp, before: undefined, after: this.#first }
    if (this.#first) this.#first.before = watched
    this.#first = watched
    this.#timer ??= setInterval(() => this.#sweep(), Math.min(1000, this.#timeouts.idle / 4)).unref()
    return watched
  }

  /** Safe to call again. */
  end(watched: Watched): void {
    const { before, after } = watched
    if (before) before.after = after
    else if (this.#first === watched) this.#first = after
    if (after) after.before = before
    watched.before = undefined
    watched.after = undefined
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #sweep(): void {
    const now = Date.now()
    let next = this.#first
    while (next) {
      const watched = next
      next = watched.after
      const bytes = watched.request.socket?.bytesRead ?? 0
      // What the service hasn't taken yet isn't the client's delay.
      if (bytes !== watched.bytes || watched.request.readableLength > 0) {
        watched.bytes = bytes
        watched.moved = now
      }
      if (now - watched.moved < this.#timeouts.idle && now < watched.deadline) continue
      this.end(watched)
      watched.giveUp(tooSlow())
    }
    if (!this.#first) this.close()
  }
}

/**
 * Reads a request's whole body.
 * @param begin called before the first byte is read (the place for `100 Continue`).
 * @throws AwsError 413 for a body over the limit, at once when its length is declared; 408 for one that takes too long.
 */
export function readWhole(request: RawRequest, limit: number, watch: BodyWatch, begin: (() => void) | undefined): Promise<Buffer> {
  const { headers } = request
  const length = headers['content-length']
  if (length !== undefined && Number(length) > limit) return Promise.reject(tooLong(limit))
  if (hasNoBody(request)) return Promise.resolve(EMPTY)
  if (request.destroyed) return Promise.reject(cutShort())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    // The listeners stay on, and hear nothing once it is over: taking them off costs each request more than leaving them.
    let over = false
    const refuse = (error: AwsError) => {
      if (over) return
      over = true
      watch.end(watched)
      request.off('data', onData).pause()
      reject(error)
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) refuse(tooLong(limit))
      else chunks.push(chunk)
    }
    const onEnd = () => {
      if (over) return
      over = true
      watch.end(watched)
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size))
    }
    const onAbort = () => {
      // An error takes its time to make, and every request closes.
      if (!over) refuse(cutShort())
    }
    const watched = watch.watch(request, true, refuse)
    begin?.()
    // A request that fails closes.
    request.on('data', onData).on('end', onEnd).on('close', onAbort)
  })
}

/** A request's body as a stream: reading is what pulls it in, and a client that hangs up or stalls is an error on it, not on the connection. */
export class BodyStream extends Readable implements WholeBody {
  readonly #request: RawRequest
  readonly #watch: BodyWatch
  readonly #begin: (() => void) | undefined
  #started = false
  #watched: Watched | undefined

  constructor(request: RawRequest, watch: BodyWatch, begin: (() => void) | undefined) {
    super()
    this.#request = request
    this.#watch = watch
    this.#begin = begin
  }

  whole(limit: number): Promise<Buffer> | undefined {
    const length = this.#request.headers['content-length']
    if (this.#started || this.destroyed || length === undefined || !(Number(length) <= limit)) return undefined
    this.#started = true
    return readWhole(this.#request, limit, this.#watch, this.#begin)
  }

  override _read(): void {
    if (this.#started) {
      this.#request.resume()
      return
    }
    this.#started = true
    if (hasNoBody(this.#request)) {
      this.push(null)
      return
    }
    if (this.#request.destroyed) {
      this.destroy(cutShort())
      return
    }
    this.#watched = this.#watch.watch(this.#request, false, error => this.destroy(error))
    this.#begin?.()
    this.#request.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onAbort).on('close', this.#onAbort)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#unwatch()
    this.#request.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onAbort)
    if (this.#started && !this.#request.readableEnded) this.#request.pause()
    callback(error)
  }

  #unwatch(): void {
    if (this.#watched) this.#watch.end(this.#watched)
  }

  readonly #onData = (chunk: Buffer) => {
    if (!this.push(chunk)) this.#request.pause()
  }

  readonly #onEnd = () => {
    this.#unwatch()
    this.push(null)
  }

  readonly #onAbort = () => {
    if (!this.#request.readableEnded) this.destroy(cutShort())
  }
}

/** Whether a request has no body, or none any more. */
export function hasNoBody(request: RawRequest): boolean {
  const { headers } = request
  if (request.readableEnded) return true
  if (headers['content-length'] !== undefined) return headers['content-length'] === '0'
  // HTTP/1.1 always declares a body; HTTP/2 needs not.
  return headers['transfer-encoding'] === undefined && request.httpVersionMajor < 2 && 'complete' in request
}

function tooLong(limit: number): AwsError {
  return new AwsError('RequestEntityTooLarge', `The request body is longer than the ${limit} bytes that this operation takes`, {
    status: 413,
  })
}

function tooSlow(): AwsError {
  const message =
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.'
  return new AwsError('RequestTimeout', message, { status: 408 })
}

function cutShort(): AwsError {
  return new AwsError('IncompleteBody', 'The request body terminated unexpectedly', { status: 400 })
}
