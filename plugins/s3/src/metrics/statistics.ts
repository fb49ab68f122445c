import type { MetricDatum, StandardUnit } from '@aws-sdk/client-cloudwatch'

/** The request metrics by their units: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html */
const UNITS = {
  AllRequests: 'Count',
  GetRequests: 'Count',
  PutRequests: 'Count',
  DeleteRequests: 'Count',
  HeadRequests: 'Count',
  PostRequests: 'Count',
  SelectRequests: 'Count',
  ListRequests: 'Count',
  SelectBytesScanned: 'Bytes',
  SelectBytesReturned: 'Bytes',
  BytesDownloaded: 'Bytes',
  BytesUploaded: 'Bytes',
  '4xxErrors': 'Count',
  '5xxErrors': 'Count',
  FirstByteLatency: 'Milliseconds',
  TotalRequestLatency: 'Milliseconds',
} as const satisfies Record<string, StandardUnit>

export type RequestMetric = keyof typeof UNITS

/** Values of one request. */
export type Sample = ReadonlyMap<RequestMetric, number>

interface StatisticSet {
  SampleCount: number
  Sum: number
  Minimum: number
  Maximum: number
}

/** The values of many requests, as far as CloudWatch wants to know them. */
export class Statistics {
  readonly #sets = new Map<RequestMetric, StatisticSet>()

  add(sample: Sample): void {
    for (const [name, value] of sample) {
      const set = this.#sets.get(name)
      if (!set) {
        this.#sets.set(name, { SampleCount: 1, Sum: value, Minimum: value, Maximum: value })
        continue
      }
      set.SampleCount++
      set.Sum += value
      set.Minimum = Math.min(set.Minimum, value)
      set.Maximum = Math.max(set.Maximum, value)
    }
  }

  /** What CloudWatch is sent. */
  data(parts: Pick<MetricDatum, 'Dimensions' | 'Timestamp'>): MetricDatum[] {
    return [...this.#sets].map(([name, set]) => ({ MetricName: name, ...parts, StatisticValues: set, Unit: UNITS[name] }))
  }
}
