import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { StsContext } from './state.js'

const NONCE = 12
const TAG = 16
/** No sealed message is longer than this when it is opened, whatever it unpacks to. */
const MAX_OPENED = 256 * 1024

/** What a sealed message is for; one made for another purpose doesn't open. */
export type Purpose = 'authorization-message' | 'trade-in-token'

/**
 * Makes text that only this MiniStack can read and nobody can change.
 * @param key 32 bytes, from {@link sealingKey}.
 */
export function seal(key: Uint8Array, purpose: Purpose, message: unknown): string {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose))
  const sealed = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(message))), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** Reads what {@link seal} made; undefined when it wasn't made with this key, for this purpose, or was changed since. */
export function open(key: Uint8Array, purpose: Purpose, text: string): unknown {
  if (!/^[\w-]+$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length <= NONCE + TAG) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG })
    decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
    const packed = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()])
    return JSON.parse(inflateRawSync(packed, { maxOutputLength: MAX_OPENED }).toString())
  } catch {
    return undefined
  }
}

/** This MiniStack's own sealing key, made when it is first needed and kept with the state. */
export function sealingKey(ctx: StsContext): Uint8Array {
  let key = ctx.state.sealingKeys.get('current')
  if (!key) {
    key = randomBytes(32)
    ctx.state.sealingKeys.set('current', key)
  }
  return key
}
