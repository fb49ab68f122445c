import { type Context as AnyContext, forService, type ServiceClient } from '@ministack/gateway'
import type { State } from './state.js'

declare module '@ministack/gateway' {
  interface Services {
    dynamodb: ServiceClient<typeof import('@aws-sdk/client-dynamodb')>
  }
}

export const { operation, service } = forService<typeof import('@aws-sdk/client-application-auto-scaling'), State>()

/** The context of every operation of Application Auto Scaling. */
export type Context = AnyContext<State>
