import type { ChangeSink, Durable } from '@ministack/gateway'
import { BlobStore } from './blob-store.js'
import { compareKeys } from './key-order.js'
import type { Upload, UploadedPart } from './types.js'

interface Entry {
  readonly upload: Upload
  readonly parts: Map<number, UploadedPart>
}

/** The multipart uploads that are under way in all buckets, with their parts. A part is a record of its own, so that recording one costs the same whether it is the first or the 10,000th. */
export class UploadIndex implements Durable {
  readonly name = 'uploads'
  readonly #blobs: BlobStore
  readonly #buckets = new Map<string, Map<string, Entry>>()
  #sink: ChangeSink | undefined

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  get(bucketId: string, uploadId: string): Upload | undefined {
    return this.#buckets.get(bucketId)?.get(uploadId)?.upload
  }

  /** The uploads of a bucket by key, those of one key by their beginning. */
  list(bucketId: string): Upload[] {
    const uploads = [...(this.#buckets.get(bucketId)?.values() ?? [])].map(entry => entry.upload)
    return uploads.sort((a, b) => compareKeys(a.key, b.key) || (a.uploadId < b.uploadId ? -1 : 1))
  }

  add(upload: Upload): void {
    this.#bucket(upload.bucketId).set(upload.uploadId, { upload, parts: new Map() })
    this.#sink?.record(this.name, upload.bucketId, upload.uploadId, upload)
  }

  part(upload: Upload, partNumber: number): UploadedPart | undefined {
    return this.#entry(upload)?.parts.get(partNumber)
  }

  /** The parts that were uploaded, by number. */
  parts(upload: Upload): UploadedPart[] {
    return [...(this.#entry(upload)?.parts.values() ?? [])].sort((a, b) => a.partNumber - b.partNumber)
  }

  /** Takes a part in place of the one with the same number. @returns false when the upload ended meanwhile. */
  putPart(upload: Upload, part: UploadedPart): boolean {
    const entry = this.#entry(upload)
    if (!entry) return false
    this.#setPart(entry, part)
    const kept = part.chunks.every(BlobStore.isKept)
    this.#sink?.record(this.name, upload.bucketId, partKey(upload.uploadId, part.partNumber), kept ? part : undefined)
    return true
  }

  /** Ends an upload: its parts are let go. @returns false when it had ended before. */
  remove(upload: Upload): boolean {
    const entry = this.#entry(upload)
    if (!entry) return false
    this.#drop(upload.bucketId, upload.uploadId)
    for (const partNumber of entry.parts.keys())
      this.#sink?.record(this.name, upload.bucketId, partKey(upload.uploadId, partNumber), undefined)
    this.#sink?.record(this.name, upload.bucketId, upload.uploadId, undefined)
    return true
  }

  attach(sink: ChangeSink): void {
    this.#sink = sink
  }

  *records(): Iterable<[string, string, unknown]> {
    for (const [bucketId, uploads] of this.#buckets)
      for (const [uploadId, { upload, parts }] of uploads) {
        yield [bucketId, uploadId, upload]
        for (const part of parts.values())
          if (part.chunks.every(BlobStore.isKept)) yield [bucketId, partKey(uploadId, part.partNumber), part]
      }
  }

  restore(bucketId: string, key: string, value: unknown): void {
    const [uploadId = '', number] = key.split(' ')
    if (number !== undefined) {
      const entry = this.#buckets.get(bucketId)?.get(uploadId)
      if (!entry) return
      if (value !== undefined) this.#setPart(entry, value as UploadedPart)
      else this.#dropPart(entry, Number(number))
    } else if (value !== undefined) this.#bucket(bucketId).set(uploadId, { upload: value as Upload, parts: new Map() })
    else this.#drop(bucketId, uploadId)
  }

  #bucket(bucketId: string): Map<string, Entry> {
    let uploads = this.#buckets.get(bucketId)
    if (!uploads) {
      uploads = new Map()
      this.#buckets.set(bucketId, uploads)
    }
    return uploads
  }

  #entry(upload: Upload): Entry | undefined {
    return this.#buckets.get(upload.bucketId)?.get(upload.uploadId)
  }

  #setPart(entry: Entry, part: UploadedPart): void {
    this.#blobs.retain(part.chunks)
    this.#dropPart(entry, part.partNumber)
    entry.parts.set(part.partNumber, part)
  }

  #dropPart(entry: Entry, partNumber: number): void {
    const part = entry.parts.get(partNumber)
    if (!part) return
    entry.parts.delete(partNumber)
    this.#blobs.release(part.chunks)
  }

  #drop(bucketId: string, uploadId: string): void {
    const uploads = this.#buckets.get(bucketId)
    const entry = uploads?.get(uploadId)
    if (!uploads || !entry) return
    uploads.delete(uploadId)
    if (uploads.size === 0) this.#buckets.delete(bucketId)
    for (const part of entry.parts.values()) this.#blobs.release(part.chunks)
  }
}

function partKey(uploadId: string, partNumber: number): string {
  return `${uploadId} ${partNumber}`
}
