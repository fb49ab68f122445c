import { forService } from '@ministack/gateway'
import type { SqsState } from './state.js'

/** Types this plugin's operations; the SDK client is named as a type only. */
export const { operation, service } = forService<typeof import('@aws-sdk/client-sqs'), SqsState>()
