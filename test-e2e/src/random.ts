/** A seeded source of randomness, so that a failing case can be had again (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length)
    for (let i = 0; i < length; i++) bytes[i] = this.int(0, 255)
    return bytes
  }

  /** Characters of a kind that breaks things: quotes, brackets, percent signs, NULs, half of a surrogate pair. */
  nasty(length: number): string {
    let text = ''
    for (let i = 0; i < length; i++)
      text += this.pick([
        '"',
        "'",
        '{',
        '}',
        '[',
        ']',
        '<',
        '>',
        '&',
        '%',
        '\\',
        '\u0000',
        '\n',
        '\ud800',
        'ü',
        '💥',
        '/',
        ':',
        ';',
        'a',
        '0',
      ])
    return text
  }
}
