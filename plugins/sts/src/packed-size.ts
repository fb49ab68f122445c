import { deflateRawSync } from 'node:zlib'
import { AwsError } from '@ministack/gateway'

/** The plain text of session policies and their ARNs may have this many characters. */
const MAX_PLAINTEXT = 2048
/** AWS doesn't publish its packed format; ours is deflate, with this much room. */
const MAX_PACKED = 2048

/** What goes with a session and takes room in its token. */
export interface Packed {
  readonly policy?: string | undefined
  readonly policyArns?: readonly string[] | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/**
 * How much of the room for session policies and tags a request takes, in percent; undefined when it has none.
 * @throws PackedPolicyTooLarge when it takes more than there is.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function packedPolicySize({ policy = '', policyArns = [], tags = {} }: Packed): number | undefined {
  const tagText = Object.entries(tags).flat()
  if (!policy && policyArns.length === 0 && tagText.length === 0) return undefined
  const plain = policy.length + policyArns.reduce((sum, arn) => sum + arn.length, 0)
  const packed = deflateRawSync([policy, ...policyArns, ...tagText].join('\n')).length
  const percent = Math.ceil(Math.max(packed / MAX_PACKED, plain > MAX_PLAINTEXT ? plain / MAX_PLAINTEXT : 0) * 100)
  if (percent > 100) {
    throw new AwsError('PackedPolicyTooLargeException', `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`)
  }
  return percent
}
