import { PassThrough, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { CompressionType } from '@aws-sdk/client-s3'
import { selectError } from './errors.js'
import type { Meter } from './input.js'

/** An object's bytes, decompressed and counted. @throws InvalidCompressionFormat, TruncatedInput */
export async function* inflated(source: Readable, compression: CompressionType, meter: Meter): AsyncGenerator<Uint8Array> {
  const counted = async function* () {
    for await (const piece of source as AsyncIterable<Uint8Array>) {
      meter.scanned += piece.length
      yield piece
    }
  }
  if (compression === 'NONE') {
    for await (const piece of counted()) {
      meter.processed += piece.length
      yield piece
    }
    return
  }
  const packed = Readable.from(counted(), { objectMode: false, highWaterMark: 64 * 1024 })
  const unpacked = compression === 'GZIP' ? gunzipped(packed) : await bunzipped(packed)
  try {
    for await (const piece of unpacked as AsyncIterable<Uint8Array>) {
      meter.processed += piece.length
      yield piece
    }
  } catch (cause) {
    throw compressionError(cause)
  } finally {
    packed.destroy()
    source.destroy()
  }
}

function gunzipped(packed: Readable): Readable {
  const gunzip = createGunzip()
  packed.once('error', error => gunzip.destroy(error))
  return packed.pipe(gunzip)
}

async function bunzipped(packed: Readable): Promise<Readable> {
  const { default: unbzip2 } = await import('unbzip2-stream')
  const unpacked = unbzip2()
  const out = new PassThrough()
  packed.once('error', error => out.destroy(error))
  unpacked.once('error', error => out.destroy(error instanceof Error ? error : new Error(String(error))))
  packed.pipe(unpacked).pipe(out)
  return out
}

/** gzip's decompressor says so when its input ends too soon; bzip2's does too, or reads past the end. */
function compressionError(cause: unknown): unknown {
  const truncated = cause instanceof TypeError || (cause instanceof Error && /unexpected end of file|ended prematurely/.test(cause.message))
  return selectError(truncated ? 'TruncatedInput' : 'InvalidCompressionFormat', undefined, cause)
}
