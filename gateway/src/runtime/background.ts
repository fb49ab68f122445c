import type { Clock, Timer } from './clock.js'
import type { Log } from './log.js'

/** A piece of background work, as the admin API lists it. */
export interface BackgroundTask {
  readonly name: string
  /** When a timed task is due, in milliseconds since the epoch; undefined while it runs. */
  readonly due: number | undefined
}

/** A unit's background work: aborted as a whole on reset and close, and listed while it lives. */
export interface Background {
  /** Aborted on reset and close. */
  readonly signal: AbortSignal
  /** Runs `work` now; a failure is logged, never thrown. */
  run(name: string, work: (signal: AbortSignal) => Promise<void>): void
  /** Calls `fn` once, `ms` from now; a failure is logged. */
  after(ms: number, name: string, fn: () => void | Promise<void>): Timer
  /** Calls `fn` every `ms`, the next turn counted from the end of the one before. */
  every(ms: number, name: string, fn: () => void | Promise<void>): Timer
  list(): BackgroundTask[]
}

/** The background work of one life of a unit: from its start to its reset or close. */
export class BackgroundWork implements Background {
  readonly #clock: Clock
  readonly #log: Log
  readonly #abort = new AbortController()
  readonly #tasks = new Set<BackgroundTask & { readonly timer?: Timer }>()
  readonly #running = new Set<Promise<void>>()

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  run(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.signal.aborted) return
    const task = { name, due: undefined }
    this.#tasks.add(task)
    const done: Promise<void> = Promise.resolve()
      .then(() => work(this.signal))
      .catch(error => this.#failed(name, error))
      .finally(() => {
        this.#tasks.delete(task)
        this.#running.delete(done)
      })
    this.#running.add(done)
  }

  after(ms: number, name: string, fn: () => void | Promise<void>): Timer {
    if (this.signal.aborted) return { at: this.#clock.now() + ms, cancel: () => {} }
    const timer = this.#clock.after(ms, () => {
      this.#tasks.delete(task)
      this.#call(name, fn)
    })
    const task = { name, due: timer.at, timer }
    this.#tasks.add(task)
    return {
      at: timer.at,
      cancel: () => {
        timer.cancel()
        this.#tasks.delete(task)
      },
    }
  }

  every(ms: number, name: string, fn: () => void | Promise<void>): Timer {
    let stopped = false
    let current: Timer
    const arm = () => {
      current = this.after(ms, name, async () => {
        try {
          await fn()
        } finally {
          if (!stopped && !this.signal.aborted) arm()
        }
      })
    }
    arm()
    return {
      get at() {
        return current.at
      },
      cancel: () => {
        stopped = true
        current.cancel()
      },
    }
  }

  list(): BackgroundTask[] {
    return [...this.#tasks].map(({ name, due }) => ({ name, due }))
  }

  /** Aborts everything and waits for what runs to end. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('MiniStack was reset or closed'))
    for (const { timer } of this.#tasks) timer?.cancel()
    this.#tasks.clear()
    await Promise.allSettled([...this.#running])
  }

  #call(name: string, fn: () => void | Promise<void>): void {
    try {
      const result = fn()
      if (result) {
        const done: Promise<void> = result.catch(error => this.#failed(name, error)).finally(() => this.#running.delete(done))
        this.#running.add(done)
      }
    } catch (error) {
      this.#failed(name, error)
    }
  }

  #failed(name: string, error: unknown): void {
    if (this.signal.aborted) return
    this.#log.error(`background work failed: ${name}`, { error })
  }
}
