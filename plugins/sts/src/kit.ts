import { forService } from '@ministack/gateway'
import type { StsState } from './state.js'

export const { operation, service } = forService<typeof import('@aws-sdk/client-sts'), StsState>()
