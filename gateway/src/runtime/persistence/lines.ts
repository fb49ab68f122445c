import { open } from 'node:fs/promises'

const CHUNK = 1 << 20
const NEWLINE = 10

/**
 * Reads a file line by line, never holding more than a chunk and the line at hand.
 * @param take gets each complete line's bytes, good only during the call, and where the next line starts in the file.
 * @returns the bytes after the last newline.
 */
export async function readLines(path: string, take: (line: Buffer, end: number) => void): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const chunk = Buffer.allocUnsafe(CHUNK)
    let carry: Buffer[] = []
    let offset = 0
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK, offset)
      if (bytesRead === 0) return Buffer.concat(carry)
      let start = 0
      for (;;) {
        const newline = chunk.indexOf(NEWLINE, start)
        if (newline < 0 || newline >= bytesRead) break
        const piece = chunk.subarray(start, newline)
        const line = carry.length > 0 ? Buffer.concat([...carry, piece]) : piece
        carry = []
        start = newline + 1
        take(line, offset + start)
      }
      if (start < bytesRead) carry.push(Buffer.from(chunk.subarray(start, bytesRead)))
      offset += bytesRead
    }
  } finally {
    await file.close()
  }
}

/** The first line of a file; undefined when it has no complete line. */
export async function readFirstLine(path: string): Promise<Buffer | undefined> {
  const file = await open(path, 'r')
  try {
    const head = Buffer.alloc(4096)
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    const newline = head.subarray(0, bytesRead).indexOf(NEWLINE)
    return newline < 0 ? undefined : head.subarray(0, newline)
  } finally {
    await file.close()
  }
}
