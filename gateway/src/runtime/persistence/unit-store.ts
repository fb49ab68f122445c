import { mkdir, rename, rm } from 'node:fs/promises'
import { setImmediate } from 'node:timers'
import type { Log } from '../log.js'
import type { ChangeSink, Durable } from '../scoped-dict.js'
import { checkHeader, UnitFiles } from './files.js'
import { JournalFile } from './journal-file.js'
import { readStateFile } from './read-state.js'
import { type Change, encodeChanges } from './records.js'
import { writeSnapshot } from './snapshot.js'

/** How a unit's state is opened. */
export interface UnitStoreOptions {
  /** `STATE_DIR`, which {@link openStateDir} made and locked; the unit has a folder in it. */
  readonly dir: string
  /** The unit's id, which is its folder's name. */
  readonly unit: string
  /** The manifest's. */
  readonly stateVersion: number
  /** Turns the value of an older `stateVersion` into today's; `undefined` drops it. */
  readonly migrate?: (record: { dict: string; key: string; value: unknown }, fromVersion: number) => unknown
  readonly log: Log
}

/** A new snapshot is written when the journal outgrows this, or twice the last snapshot. */
const MIN_JOURNAL = 16 << 20

/** A clean close leaves a journal as it is that is smaller than the snapshot by this factor: reading it costs less than writing everything anew. */
const SMALL_JOURNAL = 16

/** Changes that are written together: everything that was recorded since the write before began. */
class Batch {
  readonly changes = new Map<string, Change>()
  readonly done: Promise<void>
  resolve!: () => void
  reject!: (error: unknown) => void

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // A change that no request waits for may fail with nobody listening; the store logs it.
    this.done.catch(() => {})
  }
}

/** Adds a change as the last one: a plugin's record may take others with it (a table that is dropped), so the order in a line matters. */
function put(changes: Map<string, Change>, id: string, change: Change): void {
  changes.delete(id)
  changes.set(id, change)
}

/** The sink of one life of a unit's state; after a reset, what still runs of the life before writes nowhere. */
class Sink implements ChangeSink {
  #record: ChangeSink['record'] | undefined
  readonly committed: () => Promise<void> | undefined

  constructor(record: ChangeSink['record'], committed: () => Promise<void> | undefined) {
    this.#record = record
    this.committed = committed
  }

  record(dict: string, scopeKey: string, key: string, value: unknown): void {
    this.#record?.(dict, scopeKey, key, value)
  }

  retire(): void {
    this.#record = undefined
  }
}

/**
 * Keeps one unit's state on disk: a snapshot, and a journal of the changes since, both JSON lines.
 *
 * Changes that are recorded in one synchronous stretch of JavaScript become one journal line: after a crash all of them are there or none.
 * One write is under way at a time, and the next takes all that gathered meanwhile, each key once, with the value it has then.
 *
 * A snapshot is written while changes go on. It begins a new journal generation, so whatever changes after its start is in that journal; a record
 * is always a whole value, so replaying it over a snapshot that has it already changes nothing. It takes effect by one rename.
 *
 * The order in which a dict's keys come back is that of their first appearance on disk, which need not be the order they had in memory.
 */
export class UnitStore {
  readonly #files: UnitFiles
  readonly #options: UnitStoreOptions
  readonly #log: Log
  #sink: Sink
  /** Undefined between a clear and the next restore: a snapshot then would be an empty one. */
  #durables: readonly Durable[] | undefined
  /** The generation that changes are written to; its journal is made with the first of them. */
  #generation = 1
  #journal: { readonly file: JournalFile; readonly generation: number } | undefined
  /** The bytes of all journals that came before the current one. */
  #olderBytes = 0
  #snapshotBytes = 0
  #snapshotAt = MIN_JOURNAL
  /** Gathers what is recorded now. */
  #batch: Batch | undefined
  #writing: Batch | undefined
  /** Changes that the disk refused; they go with the next write. */
  #refused = new Map<string, Change>()
  #draining = false
  #snapshotting: Promise<void> | undefined
  #abandon = new AbortController()

  private constructor(options: UnitStoreOptions) {
    this.#options = options
    this.#log = options.log
    this.#files = new UnitFiles(options.dir, options.unit, options.stateVersion)
    this.#sink = this.#newSink()
  }

  /**
   * Opens a unit's state and checks that it can be read; {@link restore} reads it.
   * @throws Error when a file was written by a newer version, or by an older one and there is no `migrate`.
   */
  static async open(options: UnitStoreOptions): Promise<UnitStore> {
    const store = new UnitStore(options)
    await mkdir(store.#files.dir, { recursive: true, mode: 0o700 })
    for (const file of await store.#files.list()) await checkHeader(file, options.stateVersion, options.migrate !== undefined)
    return store
  }

  /** Where the unit's changes go. */
  get sink(): ChangeSink {
    return this.#sink
  }

  /** Attaches the durables and fills them: the snapshot first, then the journals. Called once after {@link open} and once after each {@link clear}. */
  async restore(durables: readonly Durable[]): Promise<void> {
    const byName = new Map<string, Durable>()
    for (const durable of durables) {
      if (byName.has(durable.name)) throw new Error(`two parts of the state of ${this.#options.unit} are called ${durable.name}`)
      byName.set(durable.name, durable)
      durable.attach(this.#sink)
    }
    this.#durables = durables
    await rm(this.#files.draft, { force: true })
    const all = await this.#files.list()
    const snapshot = all.findLast(file => file.kind === 'snapshot')
    const current = all.filter(file => file === snapshot || (file.kind === 'journal' && file.generation >= (snapshot?.generation ?? 0)))
    await this.#files.remove(all.filter(file => !current.includes(file)))
    current.sort((a, b) => a.generation - b.generation || (a.kind === 'snapshot' ? -1 : 1))

    let rewrite = false
    for (const file of current) {
      const read = await readStateFile(file, this.#files, byName, this.#options)
      rewrite ||= read.odd
      this.#generation = file.generation
      if (file.kind === 'snapshot') this.#snapshotBytes = read.size
      else if (file !== current.at(-1) || read.size === 0) this.#olderBytes += read.size
      else this.#journal = this.#journalOf(file.generation, read.size)
    }
    this.#snapshotAt = Math.max(MIN_JOURNAL, 2 * this.#snapshotBytes)
    // What was set aside or converted must not be met again at the next start, nor be mixed with records of this version.
    if (rewrite) await this.snapshot()
  }

  /**
   * `undefined` when nothing is under way; else resolves when all that was recorded so far has reached the file.
   * It rejects when the disk fails; the changes then stay in memory and go with the next write.
   */
  committed(): Promise<void> | undefined {
    return (this.#batch ?? this.#writing)?.done
  }

  /**
   * Writes a snapshot and drops the journals that it makes needless; when one is being written already, resolves with that one.
   * @throws Error when the disk fails; what was there before is untouched.
   */
  snapshot(): Promise<void> {
    this.#snapshotting ??= this.#takeSnapshot().finally(() => {
      this.#snapshotting = undefined
    })
    return this.#snapshotting
  }

  /** Forgets everything, on disk too. What still writes to the old sink writes nowhere; {@link restore} attaches the new state. */
  async clear(): Promise<void> {
    this.#sink.retire()
    this.#sink = this.#newSink()
    this.#durables = undefined
    this.#batch?.resolve()
    this.#batch = undefined
    this.#abandon.abort()
    await this.#snapshotting?.catch(() => {})
    await this.#writing?.done.catch(() => {})
    this.#abandon = new AbortController()
    this.#refused.clear()
    await this.#closeJournal()
    await this.#files.remove(await this.#files.list())
    this.#generation = 1
    this.#olderBytes = this.#snapshotBytes = 0
    this.#snapshotAt = MIN_JOURNAL
  }

  /**
   * Writes what is left and, when that is worth it, a snapshot.
   * @throws Error when changes can't be written; a snapshot that fails is only logged, since the journal has everything.
   */
  async close(): Promise<void> {
    try {
      await this.#flush()
      await this.#snapshotting?.catch(() => {})
      if (this.#journalBytes * SMALL_JOURNAL > this.#snapshotBytes) {
        await this.snapshot().catch(error => this.#log.warn(`no snapshot of ${this.#options.unit}: the journal stays`, { error }))
      }
      await this.#flush()
    } finally {
      this.#sink.retire()
      await this.#closeJournal()
    }
  }

  get #journalBytes(): number {
    return this.#olderBytes + (this.#journal?.file.size ?? 0)
  }

  #newSink(): Sink {
    return new Sink(
      (dict, scope, key, value) => {
        if (!this.#batch) {
          this.#batch = new Batch()
          // Not before the stretch of code that records is over, nor before the other requests that are ready have had their turn.
          if (!this.#draining) setImmediate(() => void this.#drain())
        }
        put(this.#batch.changes, `${dict}\n${scope}\n${key}`, { dict, scope, key, value })
      },
      () => this.committed(),
    )
  }

  /** Writes batches until there are none. It never rejects: who waits for a batch learns how it went. */
  async #drain(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    while (this.#batch) {
      const batch = this.#batch
      this.#batch = undefined
      this.#writing = batch
      try {
        await this.#write(batch)
        batch.resolve()
      } catch (error) {
        batch.reject(error)
      }
      this.#writing = undefined
      if (this.#journalBytes > this.#snapshotAt && !this.#snapshotting) this.#snapshotInBackground()
    }
    this.#draining = false
  }

  #snapshotInBackground(): void {
    this.snapshot().catch(error => {
      if (this.#abandon.signal.aborted) return
      this.#snapshotAt = this.#journalBytes + MIN_JOURNAL
      this.#log.error(`no snapshot of ${this.#options.unit}: the journal grows on`, { error })
    })
  }

  async #write(batch: Batch): Promise<void> {
    let { changes } = batch
    if (this.#refused.size > 0) {
      changes = new Map(this.#refused)
      for (const [id, change] of batch.changes) put(changes, id, change)
    }
    let unkept: Error | undefined
    const lines = encodeChanges(changes.values(), (change, cause) => {
      unkept = new Error(`${this.#options.unit} can't keep ${change.dict} ${change.scope} ${change.key}`, { cause })
      this.#log.error(unkept.message, { error: cause })
    })
    try {
      if (lines.length > 0) await (await this.#currentJournal()).append(lines)
    } catch (error) {
      this.#refused = changes
      this.#log.error(`the state of ${this.#options.unit} can't be written to ${this.#files.dir}`, { error })
      throw error
    }
    this.#refused = new Map()
    if (unkept) throw unkept
  }

  async #currentJournal(): Promise<JournalFile> {
    if (this.#journal?.generation !== this.#generation) {
      await this.#closeJournal()
      this.#journal = this.#journalOf(this.#generation)
    }
    return this.#journal.file
  }

  #journalOf(generation: number, size?: number) {
    return { file: new JournalFile(this.#files.path('journal', generation), this.#files.header('journal'), size), generation }
  }

  async #closeJournal(): Promise<void> {
    const journal = this.#journal
    if (!journal) return
    this.#journal = undefined
    this.#olderBytes += journal.file.size
    await journal.file.close()
  }

  /** Resolves when all that was recorded so far is written, changes that were refused before included. */
  async #flush(): Promise<void> {
    if (this.#refused.size > 0 && !this.#batch) {
      this.#batch = new Batch()
      void this.#drain()
    }
    await this.committed()
  }

  async #takeSnapshot(): Promise<void> {
    const { signal } = this.#abandon
    const durables = this.#durables
    if (!durables) throw new Error(`the state of ${this.#options.unit} isn't restored`)
    // From here on changes go to the new generation's journal; those before are in memory, where the snapshot finds them.
    const generation = ++this.#generation
    let size: number
    try {
      size = await writeSnapshot(this.#files.draft, this.#files.header('snapshot'), durables, signal)
      // The snapshot may hold changes whose line isn't written yet; were it in force before them, a crash could leave half of such a line.
      await this.#flush()
      signal.throwIfAborted()
      await rename(this.#files.draft, this.#files.path('snapshot', generation))
    } catch (error) {
      await rm(this.#files.draft, { force: true })
      throw error
    }
    const needless = (await this.#files.list()).filter(file => file.generation < generation)
    if (this.#journal && this.#journal.generation < generation) await this.#closeJournal()
    await this.#files.remove(needless)
    this.#olderBytes = 0
    this.#snapshotBytes = size
    this.#snapshotAt = Math.max(MIN_JOURNAL, 2 * size)
  }
}
