import { writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { FILE_MODE } from './files.js'

/**
 * A file that grows by whole pieces: what a failed write left behind is cut off before the next one. It is opened with the first piece.
 *
 * There is no fsync: what `write` took is in the operating system's page cache, and so survives `kill -9` and any crash of this process, though
 * perhaps not a power cut. An fsync for each answer would cost milliseconds, and this is a developer's tool.
 */
export class JournalFile {
  readonly #path: string
  readonly #header: Buffer
  #file: FileHandle | undefined
  #size: number
  #torn = true

  /**
   * @param header goes before the first piece of a new file.
   * @param size how much of a file that is there counts, its header included; 0 for a new one.
   */
  constructor(path: string, header: string, size = 0) {
    this.#path = path
    this.#header = Buffer.from(header)
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  /** Adds the buffers as one piece; when it rejects, the file counts as if nothing had been added. */
  async append(buffers: readonly Buffer[]): Promise<void> {
    this.#file ??= await open(this.#path, this.#size === 0 ? 'w' : 'r+', FILE_MODE)
    if (this.#torn) await this.#file.truncate(this.#size)
    this.#torn = true
    let position = this.#size
    try {
      for (const buffer of position === 0 ? [this.#header, ...buffers] : buffers) position += await writeAll(this.#file, buffer, position)
    } catch (error) {
      // At once, so that a start after a crash doesn't meet half a piece; when that fails too, the next append tries again.
      await this.#file.truncate(this.#size).catch(() => {})
      throw error
    }
    this.#size = position
    this.#torn = false
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }
}

/**
 * A piece up to this size is written at once: the system takes it into its page cache in 3 µs, where the way through Node's thread pool costs 40 µs of
 * processor time (measured with 400 bytes) and makes each answer wait for two threads to be scheduled.
 */
const SMALL = 64 << 10

/** Writes all of a buffer, however many turns the system takes, and answers how many bytes it was. */
export async function writeAll(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let done = 0
  while (done < buffer.length) {
    const left = buffer.length - done
    const written =
      left <= SMALL
        ? writeSync(file.fd, buffer, done, left, position + done)
        : (await file.write(buffer, done, left, position + done)).bytesWritten
    if (written === 0) throw new Error('the disk takes no more bytes')
    done += written
  }
  return done
}
