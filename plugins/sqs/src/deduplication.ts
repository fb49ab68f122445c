import type { DictView } from '@ministack/gateway'
import type { Entry } from './entry.js'
import type { SentOnce } from './message.js'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html */
const INTERVAL_MS = 5 * 60 * 1000

/** The sends of the last five minutes to a FIFO queue, by deduplication id (and group, where that is the scope). They outlive their messages. */
export class DeduplicationWindow {
  readonly #prefix: string
  readonly #kept: DictView<SentOnce>
  /** In the order of their time. */
  readonly #sent = new Map<string, SentOnce>()

  constructor(queue: string, kept: DictView<SentOnce>) {
    this.#prefix = `${queue}/`
    this.#kept = kept
  }

  find(id: string, now: number): SentOnce | undefined {
    this.#forget(now - INTERVAL_MS)
    return this.#sent.get(id)
  }

  remember(id: string, sent: SentOnce): void {
    this.#sent.set(id, sent)
    this.#kept.set(this.#prefix + id, sent)
  }

  restore(id: string, sent: SentOnce): void {
    this.#sent.set(id, sent)
  }

  clear(): void {
    this.#forget(Number.POSITIVE_INFINITY)
  }

  #forget(until: number): void {
    for (const [id, { at }] of this.#sent) {
      if (at > until) return
      this.#sent.delete(id)
      this.#kept.delete(this.#prefix + id)
    }
  }
}

interface Attempt {
  readonly at: number
  readonly taken: readonly { readonly entry: Entry; readonly receives: number; readonly dueAt: number }[]
}

/** The receives of the last five minutes that named a ReceiveRequestAttemptId, so that a retry gets the same messages and handles. */
export class ReceiveAttempts {
  readonly #attempts = new Map<string, Attempt>()

  /** What the attempt got, if it can be got again: every message is still in flight, and its visibility is as that receive left it. */
  find(id: string, now: number): Entry[] | undefined {
    this.#forget(now - INTERVAL_MS)
    const attempt = this.#attempts.get(id)
    if (!attempt) return undefined
    const untouched = attempt.taken.every(
      ({ entry, receives, dueAt }) =>
        entry.state === 'inFlight' && entry.dueSlot >= 0 && entry.receives === receives && entry.dueAt === dueAt,
    )
    return untouched ? attempt.taken.map(({ entry }) => entry) : undefined
  }

  remember(id: string, entries: readonly Entry[], now: number): void {
    const at = this.#attempts.get(id)?.at ?? now
    this.#attempts.delete(id)
    this.#attempts.set(id, { at, taken: entries.map(entry => ({ entry, receives: entry.receives, dueAt: entry.dueAt })) })
  }

  #forget(until: number): void {
    for (const [id, { at }] of this.#attempts) if (at <= until) this.#attempts.delete(id)
  }
}
