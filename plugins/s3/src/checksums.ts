import { createHash, hash } from 'node:crypto'
import type { ChecksumType } from '@aws-sdk/client-s3'
import type { HttpInfo } from '@ministack/gateway'
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumLength,
  checksumOf,
  combineChecksums,
  createChecksum,
  loadChecksum,
} from '@ministack/gateway/protocol'
import type { Sink } from './body.js'
import { invalidArgument, invalidRequest, s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { Checksum } from './types.js'

export type { ChecksumAlgorithm }

/** The checksum members that S3's inputs and outputs share. */
export type ChecksumMembers = { [Member in `Checksum${ChecksumAlgorithm}`]?: string | undefined }

const MEMBERS = CHECKSUM_ALGORITHMS.map(algorithm => [algorithm, `Checksum${algorithm}`] as const)
const MEMBER = Object.fromEntries(MEMBERS) as { readonly [A in ChecksumAlgorithm]: `Checksum${A}` }

/** What S3 takes when the client asks for nothing. */
export const DEFAULT_ALGORITHM = 'CRC64NVME'

/** What a request says about its body's digests. */
export interface Demand {
  readonly algorithm: ChecksumAlgorithm
  /** The value in a header; one in a trailer is known only once the body was read. */
  readonly value: string | undefined
  /** The name of the trailer that brings the value. */
  readonly trailer: string | undefined
  readonly contentMD5: Buffer | undefined
  /** The SHA-256 of the body that the signature covers, in hexadecimal; undefined for an unsigned body. */
  readonly signed: string | undefined
  /** Did the client choose the algorithm? */
  readonly chosen: boolean
}

/** What is said of a body that S3 itself writes: nothing. */
export const NO_DEMAND: Demand = {
  algorithm: DEFAULT_ALGORITHM,
  value: undefined,
  trailer: undefined,
  contentMD5: undefined,
  signed: undefined,
  chosen: false,
}

/** The checksum members of an input that are set. @throws InvalidRequest when there are more than one, or a value is no such checksum. */
export function givenChecksum(input: ChecksumMembers): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  let found: { algorithm: ChecksumAlgorithm; value: string } | undefined
  for (const [algorithm, member] of MEMBERS) {
    const value = input[member]
    if (value === undefined) continue
    if (found) throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
    found = { algorithm, value }
  }
  return found
}

/** Refuses what can't be a checksum of its algorithm; `-N` may follow a composite one. */
export function checkChecksumForm({ algorithm, value }: { algorithm: ChecksumAlgorithm; value: string }): void {
  const bytes = value.replace(/-\d+$/, '')
  if (!isBase64(bytes, checksumLength(algorithm)))
    throw invalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`)
}

/**
 * Reads what a request says of its body's checksum and Content-MD5.
 *
 * @throws InvalidRequest and InvalidDigest as S3 does before it reads the body.
 */
export function demandOf(ctx: Context, input: ChecksumMembers & { ContentMD5?: string; ChecksumAlgorithm?: string }): Demand {
  const contentMD5 = parseMD5(input.ContentMD5)
  const signed = signedDigest(ctx.http?.headers)
  const given = givenChecksum(input)
  const trailer = trailerName(ctx)
  if (given) {
    if (trailer) throw invalidRequest('Expecting a single x-amz-checksum- header')
    checkChecksumForm(given)
    if (input.ChecksumAlgorithm !== undefined && !algorithmOf(input.ChecksumAlgorithm))
      throw invalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.')
    return { algorithm: given.algorithm, value: given.value, trailer: undefined, contentMD5, signed, chosen: true }
  }
  if (trailer) {
    const algorithm = algorithmOf(trailer.slice('x-amz-checksum-'.length))
    if (!algorithm) throw invalidRequest('The value specified in the x-amz-trailer header is not supported')
    return { algorithm, value: undefined, trailer, contentMD5, signed, chosen: true }
  }
  if (ctx.http) checkChecksumNames(ctx.http.headers)
  const wanted = input.ChecksumAlgorithm
  if (wanted === undefined) return { algorithm: DEFAULT_ALGORITHM, value: undefined, trailer: undefined, contentMD5, signed, chosen: false }
  if (ctx.http) {
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
  return { algorithm: knownAlgorithm(wanted), value: undefined, trailer: undefined, contentMD5, signed, chosen: true }
}

/** The algorithm of that name. @throws InvalidRequest when there is none. */
export function knownAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = algorithmOf(name)
  if (algorithm) return algorithm
  throw invalidRequest(
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
  )
}

/** The digests of a body that the request says so much of; a promise where the algorithm has to be loaded first. */
export function bodyDigests(demand: Demand): BodyDigests | Promise<BodyDigests> {
  const loading = loadChecksum(demand.algorithm)
  return loading ? loading.then(() => new BodyDigests(demand)) : new BodyDigests(demand)
}

/** Takes the digests of a body as it comes in, and tells whether they are what the client said. */
export class BodyDigests implements Sink {
  readonly #demand: Demand
  /** The first piece, held until there is a second: most bodies have none, and the digests of one piece at once cost half. */
  #first: Uint8Array | undefined
  #running: Running | undefined
  readonly sinks: readonly Sink[] = [this]

  constructor(demand: Demand) {
    this.#demand = demand
  }

  update(bytes: Uint8Array): void {
    if (!this.#running) {
      if (!this.#first) {
        this.#first = bytes
        return
      }
      this.#running = new Running(this.#demand, this.#first)
      this.#first = undefined
    }
    this.#running.update(bytes)
  }

  /**
   * Compares what was computed with what the client said.
   *
   * @param body the stream that was read to its end: it carries the trailers.
   * @throws BadDigest, XAmzContentSHA256Mismatch, or InvalidRequest for a trailer that is missing or isn't a checksum.
   */
  finish(body: unknown): Pick<Digests, 'md5' | 'checksum'> {
    const { algorithm, contentMD5, trailer, signed } = this.#demand
    const { md5, sha256, checksum } = this.#running?.digests() ?? digestsOfWhole(this.#demand, this.#first ?? NOTHING)
    checkSha256(signed, sha256)
    if (contentMD5) checkMD5(contentMD5, md5)
    let said = this.#demand.value
    if (trailer) {
      said = trailersOf(body)[trailer]
      if (said === undefined) throw s3Error('MalformedTrailerError')
      checkChecksumForm({ algorithm, value: said })
    }
    if (said !== undefined && said !== checksum) throw badChecksum(algorithm)
    return { md5, checksum }
  }
}

/** @throws XAmzContentSHA256Mismatch unless what the signature covers, in hexadecimal, is what was computed */
export function checkSha256(said: string | undefined, computed: string | undefined): void {
  if (said === computed) return
  throw s3Error('XAmzContentSHA256Mismatch', { fields: { ClientComputedContentSHA256: said, S3ComputedContentSHA256: computed } })
}

/** @throws BadDigest unless Content-MD5 is what was computed, which is in hexadecimal */
export function checkMD5(said: Buffer, computed: string): void {
  if (said.toString('hex') === computed) return
  const [ExpectedDigest, CalculatedDigest] = [said, Buffer.from(computed, 'hex')].map(digest => digest.toString('base64'))
  throw s3Error('BadDigest', { fields: { ExpectedDigest, CalculatedDigest } })
}

const NOTHING = new Uint8Array(0)

interface Digests {
  /** In hexadecimal. */
  readonly md5: string
  /** In hexadecimal, where the client signed one. */
  readonly sha256: string | undefined
  readonly checksum: string
}

function digestsOfWhole({ algorithm, signed }: Demand, bytes: Uint8Array): Digests {
  const sha256 = signed === undefined ? undefined : hash('sha256', bytes)
  return { md5: hash('md5', bytes), sha256, checksum: checksumOf(algorithm, bytes) }
}

/** The digests of a body in many pieces. */
class Running implements Sink {
  readonly #md5 = createHash('md5')
  readonly #sum
  readonly #signed

  constructor({ algorithm, signed }: Demand, first: Uint8Array) {
    this.#sum = createChecksum(algorithm)
    this.#signed = signed === undefined ? undefined : createHash('sha256')
    this.update(first)
  }

  update(bytes: Uint8Array): void {
    this.#md5.update(bytes)
    this.#sum.update(bytes)
    this.#signed?.update(bytes)
  }

  digests(): Digests {
    return { md5: this.#md5.digest('hex'), sha256: this.#signed?.digest('hex'), checksum: this.#sum.digestBase64() }
  }
}

export function badChecksum(algorithm: ChecksumAlgorithm): Error {
  return s3Error('BadDigest', { message: `The ${algorithm} you specified did not match the calculated checksum.` })
}

/** The output members that tell a checksum. */
export function checksumMembers(checksum: Checksum | undefined): ChecksumMembers & { ChecksumType?: ChecksumType } {
  return checksum ? { [MEMBER[checksum.algorithm]]: checksum.value, ChecksumType: checksum.type } : {}
}

/** The output member that tells a part's checksum. */
export function partChecksumMember(algorithm: string | undefined, value: string | undefined): ChecksumMembers {
  return algorithm && value ? { [`Checksum${algorithm}`]: value } : {}
}

/** The checksum of an object made of parts, from its parts' checksums. */
export function checksumOfParts(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly checksum: string; readonly size: number }[],
): Checksum {
  if (type === 'COMPOSITE') {
    const sums = Buffer.concat(parts.map(part => Buffer.from(part.checksum, 'base64')))
    return { algorithm, type, value: `${checksumOf(algorithm, sums)}-${parts.length}` }
  }
  if (algorithm !== 'CRC32' && algorithm !== 'CRC32C' && algorithm !== 'CRC64NVME')
    throw new TypeError(`${algorithm} has no full-object form`)
  return { algorithm, type, value: combineChecksums(algorithm, parts) }
}

/** @throws InvalidDigest for what isn't 16 bytes of base64. */
export function parseMD5(value: string | undefined): Buffer | undefined {
  if (value === undefined) return undefined
  if (!isBase64(value, 16)) throw s3Error('InvalidDigest', { fields: { 'Content-MD5': value } })
  return Buffer.from(value, 'base64')
}

/** The last digit of base64 has bits to spare, which are zero: two where the bytes are 3n + 2, four where they are 3n + 1. */
const BASE64 = { 0: /^[A-Za-z0-9+/]*$/, 1: /^[A-Za-z0-9+/]*[AQgw]={0,2}$/, 2: /^[A-Za-z0-9+/]*[AEIMQUYcgkosw048]={0,2}$/ }

/** Is it the base64 of so many bytes? It may lack the padding. */
function isBase64(value: string, length: number): boolean {
  const pad = value.indexOf('=')
  return (pad < 0 ? value.length : pad) === Math.ceil((length * 4) / 3) && BASE64[(length % 3) as 0 | 1 | 2].test(value)
}

function algorithmOf(name: string): ChecksumAlgorithm | undefined {
  return CHECKSUM_ALGORITHMS.find(algorithm => algorithm === name.toUpperCase())
}

const CHECKSUM_HEADER = 'x-amz-checksum-'

/** Headers that say something else of a checksum than its value. */
const NO_SUMS: ReadonlySet<string> = new Set(['algorithm', 'type', 'mode'].map(name => CHECKSUM_HEADER + name))

/** The algorithm that a header brings a checksum of. @throws InvalidRequest for one that S3 doesn't know */
export function algorithmOfHeader(header: string): ChecksumAlgorithm | undefined {
  if (!header.startsWith(CHECKSUM_HEADER) || NO_SUMS.has(header)) return undefined
  const algorithm = algorithmOf(header.slice(CHECKSUM_HEADER.length))
  if (!algorithm) throw invalidRequest('The algorithm type you specified in x-amz-checksum- header is invalid.')
  return algorithm
}

/** @throws InvalidRequest for a checksum that S3 doesn't know */
function checkChecksumNames(headers: HttpInfo['headers']): void {
  for (const header in headers) algorithmOfHeader(header)
}

/** What stands in `x-amz-content-sha256` where the signature covers no digest of the whole body. */
const NO_DIGESTS = [
  'UNSIGNED-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER',
]

/** The digest in `x-amz-content-sha256`, where it is one. @throws InvalidArgument for what is none of the words that may stand there instead */
export function signedDigest(headers: HttpInfo['headers'] | undefined): string | undefined {
  const said = headers?.['x-amz-content-sha256']
  if (typeof said !== 'string' || NO_DIGESTS.includes(said)) return undefined
  if (/^[0-9a-f]{64}$/i.test(said)) return said.toLowerCase()
  throw invalidArgument(`x-amz-content-sha256 must be ${NO_DIGESTS.join(', ')} or a valid sha256 value.`, 'x-amz-content-sha256', said)
}

function trailerName(ctx: Context): string | undefined {
  const header = ctx.http?.headers['x-amz-trailer']
  const name = typeof header === 'string' ? header.trim().toLowerCase() : undefined
  return name?.startsWith('x-amz-checksum-') ? name : undefined
}

function trailersOf(body: unknown): Readonly<Record<string, string | undefined>> {
  return (body as { trailers?: Readonly<Record<string, string>> } | undefined)?.trailers ?? {}
}
