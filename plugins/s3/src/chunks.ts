/** A run of an object's bytes: held in memory, or a part of a file in the blob store. An object is a list of them; a copy shares them. */
export type Chunk =
  | { readonly size: number; readonly bytes: Uint8Array; readonly blob?: undefined; readonly offset?: undefined }
  | { readonly size: number; readonly bytes?: undefined; readonly blob: string; readonly offset?: number }

/** The chunks that hold bytes `start` to `end` (exclusive) of what `chunks` hold. */
export function sliceChunks(chunks: readonly Chunk[], start: number, end: number): Chunk[] {
  const out: Chunk[] = []
  let at = 0
  for (const chunk of chunks) {
    const from = Math.max(start - at, 0)
    const to = Math.min(end - at, chunk.size)
    at += chunk.size
    if (to <= from) continue
    if (chunk.bytes) out.push({ size: to - from, bytes: from === 0 && to === chunk.size ? chunk.bytes : chunk.bytes.subarray(from, to) })
    else out.push({ size: to - from, blob: chunk.blob, offset: (chunk.offset ?? 0) + from })
  }
  return out
}
