import type { StsContext } from './state.js'

/** Whether a request was sent to STS's global endpoint, `sts.amazonaws.com`, by name. */
export function isGlobalEndpoint(ctx: StsContext): boolean {
  return /^sts\.amazonaws\.com(:\d+)?$/i.test(ctx.http?.host ?? '')
}
