import { type Readable, Transform, type TransformCallback } from 'node:stream'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { AwsError } from '../authoring/errors.js'
import type { RequestHead } from './wire.js'

type Headers = RequestHead['headers']

const MAX_LINE = 16 * 1024
const MAX_TRAILERS = 64

const incomplete = (): AwsError =>
  new AwsError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header')

const malformedChunk = (): AwsError => new AwsError('InvalidRequest', 'The request body is not well-formed aws-chunked data')

const malformedTrailer = (): AwsError =>
  new AwsError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  )

/**
 * Takes `aws-chunked` apart: chunks with or without signatures, then trailers. Ends with an AwsError for data that isn't that or has another
 * length than `x-amz-decoded-content-length` says.
 */
export class AwsChunkedDecoder extends Transform {
  /** The trailers by lower-case name; whole once the stream has ended. */
  readonly trailers: Record<string, string> = Object.create(null)
  /** The signatures of the chunks, in order, for who wants to check them. */
  readonly signatures: string[] = []
  readonly #expected: number | undefined
  readonly #declared: readonly string[]
  #state: 'size' | 'data' | 'end' | 'trailers' | 'done' = 'size'
  #line = ''
  #left = 0
  #decoded = 0

  /** `expected`: the decoded length; `declared`: the names in `x-amz-trailer`. */
  constructor(expected: number | undefined, declared: readonly string[] = []) {
    super()
    this.#expected = expected
    this.#declared = declared
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#take(chunk)
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  override _flush(done: TransformCallback): void {
    done(this.#incompleteness() ?? null)
  }

  #incompleteness(): AwsError | undefined {
    // A body may stop right after its last chunk's line.
    if (this.#state !== 'done' && !(this.#state === 'trailers' && this.#line === '')) return incomplete()
    if (this.#expected !== undefined && this.#decoded !== this.#expected) return incomplete()
    return this.#declared.some(name => this.trailers[name] === undefined) ? malformedTrailer() : undefined
  }

  #take(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#state === 'data') {
        const end = Math.min(chunk.length, at + this.#left)
        this.#left -= end - at
        this.#decoded += end - at
        if (this.#expected !== undefined && this.#decoded > this.#expected) throw incomplete()
        this.push(chunk.subarray(at, end))
        at = end
        if (this.#left === 0) this.#state = 'end'
        continue
      }
      if (this.#state === 'done') throw malformedChunk()
      const newline = chunk.indexOf(10, at)
      const end = newline === -1 ? chunk.length : newline
      this.#line += chunk.toString('latin1', at, end)
      if (this.#line.length > MAX_LINE) throw malformedChunk()
      at = end + 1
      if (newline === -1) return
      const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line
      this.#line = ''
      this.#ended(line)
    }
  }

  #ended(line: string): void {
    if (this.#state === 'end') {
      if (line !== '') throw malformedChunk()
      this.#state = 'size'
    } else if (this.#state === 'size') {
      const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-fA-F]+))?(?:;.*)?$/.exec(line)
      if (match === null) throw malformedChunk()
      this.#left = Number.parseInt(match[1]!, 16)
      if (match[2] !== undefined) this.signatures.push(match[2])
      this.#state = this.#left === 0 ? 'trailers' : 'data'
    } else if (line === '') this.#state = this.#state === 'trailers' ? 'done' : this.#state
    else this.#trailer(line)
  }

  #trailer(line: string): void {
    const colon = line.indexOf(':')
    if (colon < 1 || Object.keys(this.trailers).length >= MAX_TRAILERS) throw malformedTrailer()
    this.trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
}

const text = (headers: Headers, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

const listed = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map(item => item.trim().toLowerCase())
    .filter(item => item !== '')

/** A request's body without the encoding that only the transfer had. */
export interface DecodedBody {
  readonly stream: Readable
  /** Trailers by lower-case name, whole once the stream has ended; undefined when the body has no `aws-chunked` form. */
  readonly trailers: Readonly<Record<string, string>> | undefined
  /** The length of the decoded body, as far as the headers tell it. */
  readonly length: number | undefined
}

/**
 * Takes `aws-chunked` off a body, when `Content-Encoding` or `x-amz-content-sha256: STREAMING-...` says that it's there; other encodings stay.
 * @throws AwsError for a length that isn't a number.
 */
export function decodeBody(headers: Headers, source: Readable): DecodedBody {
  const encoding = text(headers, 'content-encoding')
  const chunked =
    (encoding !== undefined && listed(encoding).includes('aws-chunked')) ||
    text(headers, 'x-amz-content-sha256')?.startsWith('STREAMING-') === true
  const sent = text(headers, chunked ? 'x-amz-decoded-content-length' : 'content-length')
  if (sent !== undefined && !/^\d{1,15}$/.test(sent)) throw new AwsError('InvalidArgument', 'A length header is not a number')
  const length = sent === undefined ? undefined : Number(sent)
  if (!chunked) return { stream: source, trailers: undefined, length }
  const decoder = new AwsChunkedDecoder(length, listed(text(headers, 'x-amz-trailer')))
  // Not a pipeline: the source must stay open after a refusal, for the answer goes out on the same connection.
  source.on('error', error => decoder.destroy(error))
  source.on('close', () => {
    if (!source.readableEnded) decoder.destroy(incomplete())
  })
  // Whoever reads the body sees its error; where nobody does, since the request was refused first, it must not end the process.
  decoder.on('error', () => {})
  decoder.on('close', () => {
    if (!decoder.readableEnded) source.unpipe(decoder)
  })
  return { stream: source.pipe(decoder), trailers: decoder.trailers, length }
}

const INFLATE = {
  gzip: promisify(gunzip) as (bytes: Buffer, options: object) => Promise<Buffer>,
  'x-gzip': promisify(gunzip) as (bytes: Buffer, options: object) => Promise<Buffer>,
  deflate: inflateEither,
  br: promisify(brotliDecompress) as (bytes: Buffer, options: object) => Promise<Buffer>,
}

/** `deflate` means zlib's format, and raw deflate to some clients. */
function inflateEither(bytes: Buffer, options: object): Promise<Buffer> {
  const zlib = ((bytes[0] ?? 0) & 0x0f) === 8
  return (promisify(zlib ? inflate : inflateRaw) as (bytes: Buffer, options: object) => Promise<Buffer>)(bytes, options)
}

/**
 * Undoes the `Content-Encoding` of a buffered body; `aws-chunked` must be off already.
 * @throws AwsError 413 for what is longer than `limit` once inflated, 415 for an unknown encoding, 400 for broken data.
 */
export async function inflateBody(headers: Headers, body: Buffer, limit: number): Promise<Buffer> {
  // Without a body the header is about something else: the encoding of the object that an S3 upload begins.
  if (body.length === 0) return body
  let bytes = body
  for (const encoding of listed(text(headers, 'content-encoding')).reverse()) {
    if (encoding === 'identity' || encoding === 'aws-chunked') continue
    if (!Object.hasOwn(INFLATE, encoding))
      throw new AwsError('UnsupportedMediaType', `Content-Encoding ${encoding} is not supported`, { status: 415 })
    try {
      bytes = await INFLATE[encoding as keyof typeof INFLATE](bytes, { maxOutputLength: Math.max(limit, 1) })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        throw new AwsError('RequestEntityTooLarge', 'Request Entity Too Large', { status: 413, cause: error })
      throw new AwsError('SerializationException', `The body is not valid ${encoding} data`, { cause: error })
    }
  }
  return bytes
}
