import { open } from 'node:fs/promises'
import { AccountScopedDict, type Durable } from '../scoped-dict.js'
import { FILE_MODE } from './files.js'
import { writeAll } from './journal-file.js'
import { encodeRecord } from './records.js'

/** Characters that are gathered before they are written: a few milliseconds of work, after which others get their turn. */
const CHUNK = 256 << 10

/**
 * Writes every record of the durables, a line each, and waits until the disk has it: the journals that it replaces are deleted next.
 * Changes may go on meanwhile; the file then has the older or the newer value.
 * @returns the file's size.
 * @throws what aborted `signal`, or the disk's error.
 */
export async function writeSnapshot(path: string, header: string, durables: readonly Durable[], signal: AbortSignal): Promise<number> {
  const file = await open(path, 'w', FILE_MODE)
  try {
    let size = 0
    let text = header
    for (const durable of durables) {
      for (const [scope, key, value] of recordsOf(durable)) {
        text += `${encodeRecord(durable.name, scope, key, value)}\n`
        if (text.length < CHUNK) continue
        size += await writeAll(file, Buffer.from(text), size)
        signal.throwIfAborted()
        text = ''
      }
    }
    size += await writeAll(file, Buffer.from(text), size)
    signal.throwIfAborted()
    await file.sync()
    return size
  } finally {
    await file.close()
  }
}

/**
 * A dict is read as the file is written: its maps may change meanwhile. Of what plugins make themselves (a B-tree, an array) nobody knows that, so
 * references to all records are taken first; an element that was skipped because its neighbour was deleted would be lost.
 */
function recordsOf(durable: Durable): Iterable<[scopeKey: string, key: string, value: unknown]> {
  return durable instanceof AccountScopedDict ? durable.records() : [...durable.records()]
}
