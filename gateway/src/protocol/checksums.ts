import { createHash } from 'node:crypto'
import { combineCrc, crc32, crc32c, crc64nvme } from './crc.js'
import { isXxhash, loadXxhash, Xxhash, type XxhashAlgorithm } from './xxhash.js'

/** The checksums of the AWS APIs, by the names that `x-amz-sdk-checksum-algorithm` has. */
export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256' | 'SHA512' | 'MD5' | XxhashAlgorithm

/** Algorithms in the order in which a request's headers are looked through. */
export const CHECKSUM_ALGORITHMS = [
  'CRC64NVME',
  'CRC32',
  'CRC32C',
  'SHA1',
  'SHA256',
  'SHA512',
  'MD5',
  'XXHASH64',
  'XXHASH3',
  'XXHASH128',
] as const satisfies readonly ChecksumAlgorithm[]

/** A checksum that takes its bytes part by part. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  update(bytes: Uint8Array): void
  /** The sum; nothing may be added after it was asked for. */
  digest(): Buffer
  digestBase64(): string
}

class Sum implements Checksum {
  readonly algorithm: ChecksumAlgorithm
  readonly #sum: { update(bytes: Uint8Array): unknown; digest(): Buffer }

  constructor(algorithm: ChecksumAlgorithm) {
    this.algorithm = algorithm
    this.#sum =
      algorithm === 'CRC32'
        ? crc32()
        : algorithm === 'CRC32C'
          ? crc32c()
          : algorithm === 'CRC64NVME'
            ? crc64nvme()
            : isXxhash(algorithm)
              ? new Xxhash(algorithm)
              : createHash(algorithm.toLowerCase())
  }

  update(bytes: Uint8Array): void {
    this.#sum.update(bytes)
  }

  digest(): Buffer {
    return this.#sum.digest()
  }

  digestBase64(): string {
    return this.#sum.digest().toString('base64')
  }
}

/** Makes an algorithm ready, where that takes anything: xxHash is loaded when it is first wanted. @returns undefined when there is nothing to wait for. */
export function loadChecksum(algorithm: ChecksumAlgorithm): Promise<void> | undefined {
  return isXxhash(algorithm) ? loadXxhash(algorithm) : undefined
}

/** Starts a checksum. @throws TypeError for one that `loadChecksum` has to load first. */
export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  return new Sum(algorithm)
}

/** The base64 checksum of bytes at hand. */
export function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  const sum = createChecksum(algorithm)
  sum.update(bytes)
  return sum.digestBase64()
}

/** The length in bytes of an algorithm's sum. */
export function checksumLength(algorithm: ChecksumAlgorithm): number {
  return { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32, SHA512: 64, MD5: 16, XXHASH64: 8, XXHASH3: 8, XXHASH128: 16 }[algorithm]
}

/** The base64 sum of parts joined, from each part's sum and length. @throws RangeError without parts. */
export function combineChecksums(
  algorithm: 'CRC32' | 'CRC32C' | 'CRC64NVME',
  parts: readonly { readonly checksum: string; readonly size: number }[],
): string {
  const [first, ...rest] = parts
  if (first === undefined) throw new RangeError('There are no checksums to combine')
  let sum: Buffer = Buffer.from(first.checksum, 'base64')
  for (const part of rest) sum = combineCrc(algorithm, sum, Buffer.from(part.checksum, 'base64'), part.size)
  return sum.toString('base64')
}
