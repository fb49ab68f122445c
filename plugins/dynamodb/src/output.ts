/** An output without the members that are undefined, as a client would see it. */
export function present<T extends object>(output: T): T {
  const out: Partial<T> = {}
  for (const name in output) if (output[name] !== undefined) out[name] = output[name]
  return out as T
}
