import type { Clock, Timer } from '@ministack/gateway'

/** What waiting receives must know of their queue. */
interface Awaited {
  /** When something falls due next. */
  nextDue(): number | undefined
  /** Called at that time. */
  onDue(): void
}

/** The receives that wait for a message, the longest waiting first; with a timer for what falls due, as long as somebody waits. */
export class Waiters {
  readonly #waiting = new Set<() => void>()
  readonly #clock: Clock
  readonly #queue: Awaited
  #timer: Timer | undefined

  constructor(clock: Clock, queue: Awaited) {
    this.#clock = clock
    this.#queue = queue
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Resolves when this waiter's turn comes, at the end of its time, or when its signal is aborted: the waiter looks for itself which it was. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const done = () => {
        this.#waiting.delete(done)
        deadline.cancel()
        signal.removeEventListener('abort', done)
        if (this.#waiting.size === 0) this.#disarm()
        resolve()
      }
      const deadline = this.#clock.after(ms, done)
      signal.addEventListener('abort', done, { once: true })
      this.#waiting.add(done)
      this.arm()
    })
  }

  wakeOne(): void {
    this.#waiting.values().next().value?.()
  }

  wakeAll(): void {
    for (const done of this.#waiting) done()
  }

  /** Sees to it that somebody is there when the next thing falls due. */
  arm(): void {
    const due = this.#queue.nextDue()
    if (due === undefined || this.size === 0 || (this.#timer && this.#timer.at <= due)) return
    this.#disarm()
    this.#timer = this.#clock.after(due - this.#clock.now(), () => {
      this.#timer = undefined
      this.#queue.onDue()
    })
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
