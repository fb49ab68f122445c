import type { Answer, HttpInfo } from '@ministack/gateway'
import type { Context } from './kit.js'

/** The bytes of an answer's body, as access logs and metrics tell them; 0 for a stream that doesn't say. */
export function sentBytes({ method }: HttpInfo, { headers, bytes }: Pick<Answer, 'headers' | 'bytes'>): number {
  return method === 'HEAD' ? 0 : Number(headers['content-length'] ?? bytes ?? 0)
}

/** Milliseconds since a request came; the clock may have been set back meanwhile. */
export function elapsedSince({ clock }: Context, arrived: number): number {
  return Math.max(0, clock.now() - arrived)
}
