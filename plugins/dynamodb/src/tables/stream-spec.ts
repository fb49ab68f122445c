import type { StreamSpecification } from '@aws-sdk/client-dynamodb'
import { invalidValues } from '../errors.js'
import type { StreamRecord } from './record.js'

/**
 * The stream that a request turns on; undefined when it turns none on.
 * @throws ValidationException when the view type is missing, or there is one without a stream.
 */
export function newStream(tableArn: string, request: StreamSpecification | undefined, now: number): StreamRecord | undefined {
  if (!request) return undefined
  const { StreamEnabled, StreamViewType } = request
  if (!StreamEnabled) {
    if (StreamViewType !== undefined) throw invalidValues('StreamViewType cannot be specified when StreamEnabled is false')
    return undefined
  }
  if (StreamViewType === undefined) throw invalidValues('StreamViewType must be specified when StreamEnabled is true')
  const label = new Date(now).toISOString().slice(0, -1)
  return { arn: `${tableArn}/stream/${label}`, label, viewType: StreamViewType, createdAt: now, enabled: true }
}
