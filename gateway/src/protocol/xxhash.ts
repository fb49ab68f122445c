import type { IHasher } from 'hash-wasm'

/** The xxHash family, by the names that AWS has for them. https://github.com/Cyan4973/xxHash */
export type XxhashAlgorithm = 'XXHASH64' | 'XXHASH3' | 'XXHASH128'

/** One instance of WebAssembly for each algorithm that was ever asked for; sums that run side by side take turns in it. */
const hashers = new Map<XxhashAlgorithm, IHasher>()

export function isXxhash(algorithm: string): algorithm is XxhashAlgorithm {
  return algorithm === 'XXHASH64' || algorithm === 'XXHASH3' || algorithm === 'XXHASH128'
}

/** Loads an algorithm, which takes a moment the first time. @returns undefined when it is there already. */
export function loadXxhash(algorithm: XxhashAlgorithm): Promise<void> | undefined {
  return hashers.has(algorithm) ? undefined : load(algorithm)
}

async function load(algorithm: XxhashAlgorithm): Promise<void> {
  const { createXXHash64, createXXHash3, createXXHash128 } = await import('hash-wasm')
  const create = { XXHASH64: createXXHash64, XXHASH3: createXXHash3, XXHASH128: createXXHash128 }[algorithm]
  hashers.set(algorithm, await create())
}

/** A sum with seed 0 that takes its bytes part by part. */
export class Xxhash {
  readonly #hasher: IHasher
  #state: Uint8Array

  /** @throws TypeError for an algorithm that isn't loaded. */
  constructor(algorithm: XxhashAlgorithm) {
    const hasher = hashers.get(algorithm)
    if (!hasher) throw new TypeError(`${algorithm} isn't loaded`)
    this.#hasher = hasher
    this.#state = hasher.init().save()
  }

  update(bytes: Uint8Array): void {
    this.#state = this.#hasher.load(this.#state).update(bytes).save()
  }

  /** The canonical form: most significant byte first. */
  digest(): Buffer {
    return Buffer.from(this.#hasher.load(this.#state).digest('binary'))
  }
}
