import { knownAcrossCopies } from './copies.js'

/** An account and a region: whose state a request sees. */
export interface Scope {
  readonly account: string
  readonly region: string
}

/** How far a resource reaches: within one region of an account, an account, or everywhere. */
export type Level = 'region' | 'account' | 'global'

/** Where a dict's changes go so that they survive a restart. */
export interface ChangeSink {
  /** @param value the value as it now is; `undefined` when the key was deleted. */
  record(dict: string, scopeKey: string, key: string, value: unknown): void
  /** Resolves when all that was recorded so far is on disk, undefined when it is there already: for what may happen only after that, as the removal of a file that a record named. */
  committed?(): Promise<void> | undefined
}

/**
 * What of a unit's state is kept over restarts; {@link AccountScopedDict} is the usual one.
 *
 * The order in which records come back is that of their first appearance on disk, which need not be the order they had in memory.
 */
export interface Durable {
  readonly name: string
  /** Called once, before anything is restored. Without persistence it is never called. */
  attach(sink: ChangeSink): void
  /** Everything that is held, for a snapshot; read to its end in one go, since a structure that changes meanwhile could skip a record. */
  records(): Iterable<[scopeKey: string, key: string, value: unknown]>
  /** Takes back one record of a snapshot or journal; `undefined` deletes. Must not record it again. */
  restore(scopeKey: string, key: string, value: unknown): void
}

/** Values are read-only outside `update`: a change that isn't recorded is lost at a restart. */
export type Stored<V> = V extends object ? Readonly<V> : V

/** A dict as one account and region see it. */
export interface DictView<V> {
  readonly size: number
  get(key: string): Stored<V> | undefined
  has(key: string): boolean
  set(key: string, value: V): void
  /** Changes a value in place and records the change; does nothing but answer `undefined` when the key isn't there. */
  update(key: string, change: (value: V) => void): Stored<V> | undefined
  /** Records a value that was changed by other means. */
  touch(key: string): void
  delete(key: string): boolean
  clear(): void
  keys(): IterableIterator<string>
  values(): IterableIterator<Stored<V>>
  entries(): IterableIterator<[string, Stored<V>]>
}

/**
 * A map of maps: the values of every account and region, each behind a view of its own.
 * Work is proportional to what the caller's scope holds, never to the number of accounts.
 */
export class AccountScopedDict<V> implements Durable {
  readonly name: string
  readonly level: Level
  readonly #scopes = new Map<string, View<V>>()
  #sink: ChangeSink | undefined

  /**
   * @param name unique within the plugin's state; the name of its records on disk, so a rename needs a new `stateVersion`.
   * @param level how far a key reaches.
   */
  constructor(name: string, level: Level = 'region') {
    this.name = name
    this.level = level
  }

  /** The part of the dict that this account and region see. */
  in(scope: Scope): DictView<V> {
    return this.#view(this.level === 'region' ? `${scope.account}/${scope.region}` : this.level === 'account' ? scope.account : '*')
  }

  /** Every scope that holds something, for the rare read across scopes. */
  *scopes(): IterableIterator<[Scope, DictView<V>]> {
    for (const [key, view] of this.#scopes) {
      if (view.size === 0) continue
      const [account = '', region = ''] = key.split('/')
      yield [{ account, region }, view]
    }
  }

  attach(sink: ChangeSink): void {
    this.#sink = sink
    for (const [key, view] of this.#scopes) view.attach(this.name, key, sink)
  }

  *records(): Iterable<[string, string, unknown]> {
    for (const [scope, view] of this.#scopes) for (const [key, value] of view.map) yield [scope, key, value]
  }

  restore(scopeKey: string, key: string, value: unknown): void {
    const { map } = this.#view(scopeKey)
    if (value === undefined) map.delete(key)
    else map.set(key, value as V)
  }

  #view(key: string): View<V> {
    let view = this.#scopes.get(key)
    if (!view) {
      view = new View()
      if (this.#sink) view.attach(this.name, key, this.#sink)
      this.#scopes.set(key, view)
    }
    return view
  }
}

knownAcrossCopies(AccountScopedDict)

class View<V> implements DictView<V> {
  readonly map = new Map<string, V>()
  #record: ((key: string, value: unknown) => void) | undefined

  attach(dict: string, scopeKey: string, sink: ChangeSink): void {
    this.#record = (key, value) => sink.record(dict, scopeKey, key, value)
  }

  get size(): number {
    return this.map.size
  }

  get(key: string): Stored<V> | undefined {
    return this.map.get(key) as Stored<V> | undefined
  }

  has(key: string): boolean {
    return this.map.has(key)
  }

  set(key: string, value: V): void {
    this.map.set(key, value)
    this.#record?.(key, value)
  }

  update(key: string, change: (value: V) => void): Stored<V> | undefined {
    const value = this.map.get(key)
    if (value === undefined) return undefined
    change(value)
    this.#record?.(key, value)
    return value as Stored<V>
  }

  touch(key: string): void {
    const value = this.map.get(key)
    if (value !== undefined) this.#record?.(key, value)
  }

  delete(key: string): boolean {
    const had = this.map.delete(key)
    if (had) this.#record?.(key, undefined)
    return had
  }

  clear(): void {
    for (const key of [...this.map.keys()]) this.delete(key)
  }

  keys(): IterableIterator<string> {
    return this.map.keys()
  }

  values(): IterableIterator<Stored<V>> {
    return this.map.values() as IterableIterator<Stored<V>>
  }

  entries(): IterableIterator<[string, Stored<V>]> {
    return this.map.entries() as IterableIterator<[string, Stored<V>]>
  }
}
