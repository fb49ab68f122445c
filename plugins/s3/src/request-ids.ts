import type { Context } from './kit.js'

/** S3's second id of a request: opaque, so any text that goes with the first will do. */
export function hostId({ requestId }: Pick<Context, 'requestId'>): string {
  return requestId + requestId
}

/** The headers of every answer of S3's. */
export function idHeaders(ctx: Context): Record<string, string> {
  return { 'x-amz-request-id': ctx.requestId, 'x-amz-id-2': hostId(ctx), server: 'AmazonS3' }
}
