import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChangeSink } from '@ministack/gateway'
import { Buffers } from './buffers.js'
import type { Chunk } from './chunks.js'
import { makeTemporaryFolder } from './temporary-folder.js'

/** Where blobs go. */
export interface BlobStoreOptions {
  /** The folder of the blobs that outlive the process. */
  readonly folder: string
  /** Do new blobs go there? Otherwise they go to a temporary folder; those that are there are read all the same. */
  readonly keep: boolean
  /** Called for a file that can't be removed. */
  readonly warn: (message: string, error: unknown) => void
}

/** First letters of blob ids: which of the two folders holds it. */
const KEPT = 'k'
const TEMPORARY = 't'

/**
 * Files of object bytes, named by ids of their own and counted by use: a file goes when no version, part or reader uses it any more.
 *
 * A file is written to its end before anything names it, and is never changed afterwards; one that nothing names after a restart was left
 * by a write that didn't end, and is swept. So a blob is there whole or not at all without a rename.
 */
export class BlobStore {
  /** What the files' readers read into. */
  readonly buffers = new Buffers()
  readonly #uses = new Map<string, number>()
  #options: BlobStoreOptions | undefined
  #temporary: string | undefined
  #stopped = false
  #committed: (() => Promise<void> | undefined) | undefined

  /** Does the chunk survive the process? */
  static isKept(chunk: Chunk): boolean {
    return chunk.blob?.startsWith(KEPT) ?? false
  }

  /** Starts the store once the state is restored: files that nothing uses are removed, and from now on those that fall out of use. */
  async start(options: BlobStoreOptions): Promise<void> {
    this.#options = options
    if (!options.keep) return
    await mkdir(options.folder, { recursive: true })
    for (const folder of await readdir(options.folder, { withFileTypes: true })) {
      if (!folder.isDirectory() || folder.name.length !== 2) continue
      const path = join(options.folder, folder.name)
      for (const file of await readdir(path)) if (file.startsWith(KEPT) && !this.#uses.has(file)) await unlink(join(path, file))
    }
  }

  /** Tells when the records that are made now are on disk; without it they never are. */
  attach(sink: ChangeSink): void {
    this.#committed = () => sink.committed?.()
  }

  /** Removes what doesn't outlive the process; a write that is still under way fails. */
  stop(): void {
    this.#stopped = true
    if (this.#temporary) rmSync(this.#temporary, { recursive: true, force: true })
    this.#temporary = undefined
  }

  /** Are all blobs kept over restarts, the small ones too? */
  get keeps(): boolean {
    return this.#options?.keep ?? false
  }

  retain(chunks: readonly Chunk[]): void {
    for (const { blob } of chunks) if (blob !== undefined) this.#uses.set(blob, (this.#uses.get(blob) ?? 0) + 1)
  }

  release(chunks: readonly Chunk[]): void {
    for (const { blob } of chunks) {
      if (blob === undefined) continue
      const uses = (this.#uses.get(blob) ?? 1) - 1
      if (uses > 0) this.#uses.set(blob, uses)
      else {
        this.#uses.delete(blob)
        if (this.#options) void this.#remove(blob)
      }
    }
  }

  /** Opens a blob to read; the caller holds it retained. */
  open(blob: string): Promise<FileHandle> {
    return open(this.#path(blob), 'r')
  }

  /** A new file to write; it belongs to the caller until a chunk that names it is retained. */
  async create(): Promise<{ blob: string; file: FileHandle }> {
    if (this.#stopped) throw new Error('S3 was reset or closed')
    const blob = (this.keeps ? KEPT : TEMPORARY) + randomUUID().replaceAll('-', '')
    const path = this.#path(blob)
    try {
      return { blob, file: await open(path, 'wx') }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      await mkdir(join(path, '..'), { recursive: true })
      return { blob, file: await open(path, 'wx') }
    }
  }

  /** Removes a file that nothing came to use. */
  async discard(blob: string): Promise<void> {
    if (!this.#uses.has(blob)) await rm(this.#path(blob), { force: true })
  }

  /** Once the disk no longer has a record that names the file: a crash before that must find it. */
  async #remove(blob: string): Promise<void> {
    try {
      // What is recorded in this stretch of code comes after the release.
      await Promise.resolve()
      await this.#committed?.()
      if (!this.#uses.has(blob)) await unlink(this.#path(blob))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#options?.warn('an object file could not be removed', error)
    }
  }

  #path(blob: string): string {
    const folder = blob.startsWith(KEPT) ? this.#options?.folder : this.#temporaryFolder()
    if (folder === undefined) throw new Error('the blob store has not been started')
    return join(folder, blob.slice(1, 3), blob)
  }

  #temporaryFolder(): string {
    this.#temporary ??= makeTemporaryFolder()
    return this.#temporary
  }
}
