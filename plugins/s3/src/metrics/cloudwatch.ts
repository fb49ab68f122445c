import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import { AwsError, type ServiceClient } from '@ministack/gateway'
import type { Context } from '../kit.js'
import { servicePrincipal } from '../notifications.js'
import type { Bucket } from '../types.js'

declare module '@ministack/gateway' {
  interface Services {
    cloudwatch: ServiceClient<typeof import('@aws-sdk/client-cloudwatch')>
  }
}

/** So many data one call may bring: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const MAX_DATA = 1000

/**
 * Publishes data of a bucket, as S3, to the CloudWatch of the bucket's owner and region. A failure is logged.
 *
 * @returns false when there is no CloudWatch that takes metrics, which is no failure.
 */
export async function publish(ctx: Context, bucket: Readonly<Bucket>, data: readonly MetricDatum[]): Promise<boolean> {
  const { account, region } = bucket
  const { services } = ctx.as({ account, region, caller: servicePrincipal(account) })
  try {
    for (let at = 0; at < data.length; at += MAX_DATA) {
      await services.cloudwatch.putMetricData({ Namespace: 'AWS/S3', MetricData: data.slice(at, at + MAX_DATA) })
    }
  } catch (error) {
    if (error instanceof AwsError && error.status === 501) return false
    ctx.log.warn('the metrics of an S3 bucket could not be published', { bucket: bucket.name, error })
  }
  return true
}
