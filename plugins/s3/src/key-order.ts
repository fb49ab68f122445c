const HIGH = /[\uD800-\uFFFF]/

/**
 * A string that sorts by code units as `key` sorts by UTF-8 bytes, which is S3's order of keys.
 *
 * The two orders differ only where surrogates meet U+E000–U+FFFF: those two ranges change places. Nearly every key is its own sort key.
 * The change is unit by unit, so a prefix of a key is, changed, a prefix of the changed key.
 */
export function sortKey(key: string): string {
  if (!HIGH.test(key)) return key
  let out = ''
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i)
    out += String.fromCharCode(unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)
  }
  return out
}

/** The first sort key after all that begin with `prefix`; undefined when nothing can come after them. */
export function afterPrefix(prefix: string): string | undefined {
  let end = prefix.length
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xffff) end--
  return end === 0 ? undefined : prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1)
}

/** Compares two keys as S3 orders them. */
export function compareKeys(a: string, b: string): number {
  const x = sortKey(a)
  const y = sortKey(b)
  return x < y ? -1 : x > y ? 1 : 0
}
