import { type Constraints, regExpOf } from '@ministack/gateway/protocol'
import fc from 'fast-check'
import type { Random } from '../../src/random.js'

const AWKWARD = [
  'abc',
  'a b&c<d>"e\'',
  'x/y=z+1',
  'ünï ☃ 😀 \u2028',
  '007',
  '  blanks around  ',
  'one\r\ntwo\ttabs\rthree\n',
  '<![CDATA[x]]>',
  '&amp;&#65;',
  '%2F%zz+',
  'null',
  'true',
  '1e3',
  '__proto__',
  'a,b, "c"',
  '{"json": [1, null]}',
]

const PLAIN = ['plain', 'two words', 'semi;colon=1', '42', 'x/y', 'Zed-9_~']

/** No protocol carries half a character; XML carries no control characters. */
const UNSAYABLE = /\p{Cs}|[^\P{Cc}\t\n\r]|[\ufffe\uffff]/u
/** What a header carries as it is. */
const HEADER = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
/** Path segments that a URL doesn't keep. */
const DOTS = /^\.{1,2}$/

const SAMPLES = 12
const SEED = 20261123

/** Texts that keep a model's constraints, the awkward ones gladly. */
export class Texts {
  readonly #pools = new Map<string, readonly string[]>()
  readonly #sampled = new Map<string, readonly string[]>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /**
   * A text for a place.
   * @param plain for a header or the path, which carry less
   * @returns undefined when no text that we can think of keeps the constraints.
   */
  one(constraints: Constraints, plain: boolean): string | undefined {
    const pool = this.#pool(constraints, plain)
    return pool.length === 0 ? undefined : this.#random.pick(pool)
  }

  /** Different texts, for a map's keys. */
  some(constraints: Constraints, plain: boolean, count: number): string[] {
    const pool = new Set(this.#pool(constraints, plain))
    const picked: string[] = []
    for (const text of pool) {
      if (picked.length === count) break
      picked.push(text)
    }
    return picked
  }

  #pool({ enum: values, pattern, min = 0, max = Infinity }: Constraints, plain: boolean): readonly string[] {
    const key = JSON.stringify([values, pattern, min, max, plain])
    let pool = this.#pools.get(key)
    if (pool === undefined) {
      const regExp = pattern === undefined ? undefined : regExpOf(pattern)
      const texts = values ?? [...(plain ? PLAIN : AWKWARD), ...(pattern === undefined ? [] : [...PLAIN, ...this.#samples(pattern)])]
      pool = texts
        .flatMap(text => sized(text, min, max))
        .filter(text => regExp?.test(text) !== false && !UNSAYABLE.test(text) && (!plain || (HEADER.test(text) && !DOTS.test(text))))
      this.#pools.set(key, pool)
    }
    return pool
  }

  #samples(pattern: string): readonly string[] {
    let samples = this.#sampled.get(pattern)
    if (samples === undefined) {
      samples = samplesOf(pattern)
      this.#sampled.set(pattern, samples)
    }
    return samples
  }
}

/** A text, made as long as it must be: repeated or cut by characters. */
function sized(text: string, min: number, max: number): string[] {
  const characters = [...text]
  if (characters.length >= min && characters.length <= max) return [text]
  if (characters.length > max) return [characters.slice(0, max).join('')]
  if (characters.length === 0) return []
  const repeated = [...text.repeat(Math.ceil(min / characters.length))]
  return [repeated.slice(0, min).join(''), ...(repeated.length <= max ? [repeated.join('')] : [])]
}

const LOOK_AROUND = /\(\?<?[=!](?:[^()\\]|\\.)*\)/g

/** Texts made from a pattern; fewer than all of them match where it looks ahead or behind. */
function samplesOf(pattern: string): string[] {
  const regExp = regExpOf(pattern)
  if (regExp === undefined) return []
  const { source, flags } = regExp
  for (const reduced of [source, source.replace(LOOK_AROUND, '')]) {
    try {
      return fc.sample(fc.stringMatching(new RegExp(reduced, flags.replace('i', ''))), {
        numRuns: reduced === source ? SAMPLES : 10 * SAMPLES,
        seed: SEED,
      })
    } catch {
      // fast-check doesn't know every construct: the texts at hand have to do.
    }
  }
  return []
}
