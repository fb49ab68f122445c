import type { Unit } from '@ministack/gateway'
import type { StsState } from './state.js'

const SWEEP_MS = 15 * 60_000

/** Lets go of sessions that are over, now and then, so that a long-lived MiniStack doesn't collect them. */
export function forgetExpired(unit: Unit<StsState>): void {
  unit.background.every(SWEEP_MS, 'sts: forget expired sessions', () => {
    const sessions = unit.state.sessions.in({ account: '', region: '' })
    const now = unit.clock.now()
    for (const [accessKeyId, session] of sessions.entries()) if (session.expiresAt <= now) sessions.delete(accessKeyId)
  })
}
