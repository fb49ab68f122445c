import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.js'
import type { Caller } from './context.js'
import type { AccessKey, Credentials } from './credentials.js'
import { AccountScopedDict } from './scoped-dict.js'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Three bytes are four characters of a token. */
const TOKEN_BYTES = 240
const ANYWHERE = { account: '', region: '' }

/**
 * Makes an access key id that carries its account the way AWS's own do: 40 bits of account behind a zero bit, then 39 random ones, in base32.
 * @param prefix `AKIA` for a long-term key, `ASIA` for a temporary one.
 */
export function accessKeyId(prefix: 'AKIA' | 'ASIA', account: string): string {
  const bits = (BigInt(account) << 39n) | (BigInt(`0x${randomBytes(5).toString('hex')}`) & 0x7f_ffff_ffffn)
  let text = ''
  for (let shift = 75n; shift >= 0n; shift -= 5n) text += BASE32[Number((bits >> shift) & 31n)]
  return prefix + text
}

/** The account that an access key id of AWS's form carries; undefined for any other text. */
export function accountOfAccessKeyId(id: string): string | undefined {
  if (!/^A[KS]IA[A-Z2-7]{16}$/.test(id)) return undefined
  let bits = 0n
  for (const char of id.slice(4)) bits = (bits << 5n) | BigInt(BASE32.indexOf(char))
  const account = (bits >> 39n) & 0xff_ffff_ffffn
  return account < 1_000_000_000_000n ? account.toString().padStart(12, '0') : undefined
}

/** How long a key is remembered after its end, in milliseconds: until then its use is answered with ExpiredToken. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000

/** How many keys there must be before those that are long over are looked for. */
const SWEEP_AT = 1000

/** The gateway's own state: the access keys it handed out. */
export class IssuedCredentials implements Credentials {
  readonly keys = new AccountScopedDict<AccessKey>('accessKeys', 'global')
  readonly #clock: Clock
  #sweepAt = SWEEP_AT

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issueTemporary(caller: Omit<Caller, 'accessKeyId'>, seconds: number, minTokenBytes = 0): AccessKey {
    return this.#issue(caller, 'ASIA', {
      sessionToken: randomBytes(Math.max(TOKEN_BYTES, Math.ceil((minTokenBytes * 3) / 4))).toString('base64'),
      expiresAt: this.#clock.now() + seconds * 1000,
    })
  }

  issueLongTerm(caller: Omit<Caller, 'accessKeyId'>): AccessKey {
    return this.#issue(caller, 'AKIA', {})
  }

  find(id: string): AccessKey | undefined {
    return this.keys.in(ANYWHERE).get(id)
  }

  revoke(id: string): void {
    this.keys.in(ANYWHERE).delete(id)
  }

  #issue(
    caller: Omit<Caller, 'accessKeyId'>,
    prefix: 'AKIA' | 'ASIA',
    temporary: Pick<AccessKey, 'sessionToken' | 'expiresAt'>,
  ): AccessKey {
    const id = accessKeyId(prefix, caller.account)
    const key: AccessKey = {
      accessKeyId: id,
      secretAccessKey: randomBytes(30).toString('base64'),
      ...temporary,
      caller: { ...caller, accessKeyId: id },
    }
    this.keys.in(ANYWHERE).set(id, key)
    this.#sweep()
    return key
  }

  /** Forgets what is long over; each sweep costs what was issued since the last, so that issuing stays cheap. */
  #sweep(): void {
    const keys = this.keys.in(ANYWHERE)
    if (keys.size < this.#sweepAt) return
    const before = this.#clock.now() - REMEMBERED_MS
    for (const [id, { expiresAt = Number.POSITIVE_INFINITY }] of keys.entries()) if (expiresAt < before) keys.delete(id)
    this.#sweepAt = Math.max(SWEEP_AT, 2 * keys.size)
  }
}
