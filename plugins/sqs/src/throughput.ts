import { AwsError } from '@ministack/gateway'

/** Calls a second of one API action on one FIFO queue, or of sends in one message group; a batch is one call. */
const CALLS_PER_SECOND = 300

/** Calls a second of one API action on a high-throughput FIFO queue, by region. */
const HIGH_THROUGHPUT: Readonly<Record<string, number>> = {
  'us-east-1': 70_000,
  'us-west-2': 70_000,
  'eu-west-1': 70_000,
  'us-east-2': 19_000,
  'eu-central-1': 19_000,
  'ap-south-1': 9_000,
  'ap-southeast-1': 9_000,
  'ap-southeast-2': 9_000,
  'ap-northeast-1': 9_000,
  'eu-west-2': 4_500,
  'sa-east-1': 4_500,
}
const HIGH_THROUGHPUT_ELSEWHERE = 2_400

const NONE: readonly string[] = []

/** The API actions with a quota of their own; a batch counts with its single form. */
export type MeteredAction = 'SendMessage' | 'ReceiveMessage' | 'DeleteMessage'

/**
 * The quotas of a FIFO queue.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export class Throughput {
  readonly #regional: number
  #second = 0
  readonly #calls = new Map<string, number>()

  constructor(region: string) {
    this.#regional = HIGH_THROUGHPUT[region] ?? HIGH_THROUGHPUT_ELSEWHERE
  }

  /** Counts a call. @throws AwsError RequestThrottled when the second's quota is used up. */
  count(action: MeteredAction, now: number, perGroup: boolean, groups: Iterable<string> = NONE): void {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#calls.clear()
    }
    this.#countOne(action, perGroup ? this.#regional : CALLS_PER_SECOND)
    if (perGroup) for (const group of groups) this.#countOne(`${action} ${group}`, CALLS_PER_SECOND)
  }

  #countOne(key: string, limit: number): void {
    const calls = this.#calls.get(key) ?? 0
    if (calls >= limit) throw new AwsError('RequestThrottled', 'Request is throttled.')
    this.#calls.set(key, calls + 1)
  }
}
