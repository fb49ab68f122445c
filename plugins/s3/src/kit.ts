import type { Context as GatewayContext } from '@ministack/gateway'
import { forService } from '@ministack/gateway'
import type { S3State } from './state.js'

/** `operation` and `service` for the operations of S3. */
export const { operation, service } = forService<typeof import('@aws-sdk/client-s3'), S3State>()

export type Context = GatewayContext<S3State>
