/** A handle of something that is due later; `cancel` is safe to call at any time, any number of times. */
export interface Timer {
  /** When it is due: milliseconds since the epoch, on the clock that made it. */
  readonly at: number
  cancel(): void
}

/** The only source of time for services. In tests it is a {@link FakeClock}. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** The same, as a Date (a new one each time). */
  date(): Date
  /** Calls `fn` once, `ms` from now (never before this call returns). Doesn't keep the process alive. */
  after(ms: number, fn: () => void): Timer
  /** Resolves `ms` from now; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The longest delay that Node's timers take; a longer wait is made of several. */
const MAX_DELAY = 2 ** 31 - 1

function sleepOn(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      timer.cancel()
      reject(signal!.reason)
    }
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** The machine's clock. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now()
  }

  date(): Date {
    return new Date()
  }

  after(ms: number, fn: () => void): Timer {
    const at = Date.now() + Math.max(0, ms)
    let handle: NodeJS.Timeout
    const arm = () => {
      const left = at - Date.now()
      handle = left > MAX_DELAY ? setTimeout(arm, MAX_DELAY) : setTimeout(fn, Math.max(0, left))
      handle.unref()
    }
    arm()
    return { at, cancel: () => clearTimeout(handle) }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }
}

interface FakeTimer extends Timer {
  readonly order: number
  readonly fn: () => void
  cancelled: boolean
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number
  #order = 0
  #timers: FakeTimer[] = []

  /** @param start milliseconds since the epoch, or anything that `new Date()` takes. */
  constructor(start: number | string | Date = '2026-01-01T00:00:00.000Z') {
    this.#now = new Date(start).getTime()
  }

  now(): number {
    return this.#now
  }

  date(): Date {
    return new Date(this.#now)
  }

  after(ms: number, fn: () => void): Timer {
    const timer: FakeTimer = {
      at: this.#now + Math.max(0, ms),
      order: this.#order++,
      fn,
      cancelled: false,
      cancel: () => {
        timer.cancelled = true
        this.#timers = this.#timers.filter(t => t !== timer)
      },
    }
    this.#timers.push(timer)
    return timer
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length
  }

  /**
   * Moves time on, firing each timer that falls due, in order, at its own time; what each sets going (promises, I/O callbacks that are ready)
   * runs before the next one fires.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#timers.reduce<FakeTimer | undefined>(
        (first, t) => (t.at <= end && (!first || t.at < first.at || (t.at === first.at && t.order < first.order)) ? t : first),
        undefined,
      )
      if (!next) break
      this.#timers = this.#timers.filter(t => t !== next)
      this.#now = Math.max(this.#now, next.at)
      next.fn()
      await settle()
    }
    this.#now = end
    await settle()
  }
}

/** Lets everything that is ready to run, run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise<void>(resolve => setImmediate(resolve))
}
