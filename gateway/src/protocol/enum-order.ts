/**
 * AWS prints the values of an enum as its framework's hash set has them: by the low five bits of Java's `String.hashCode`. That gives the well-known
 * `[B, N, S]` of DynamoDB's attribute types, and the order of KMS's key specs and Lambda's long list of runtimes. In one bucket the last comes first.
 */
const BUCKETS = 32

/** The values of an enum in the order in which AWS lists them in messages. */
export function inMessageOrder(values: readonly string[]): string[] {
  return [...values].reverse().sort((a, b) => bucketOf(a) - bucketOf(b))
}

function bucketOf(text: string): number {
  let hash = 0
  for (let n = 0; n < text.length; n++) hash = (hash * 31 + text.charCodeAt(n)) | 0
  return hash & (BUCKETS - 1)
}
