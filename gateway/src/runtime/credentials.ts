import type { Caller } from './context.js'

/** An access key and whom it stands for. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Present for temporary credentials, which are good only together with it. */
  readonly sessionToken?: string
  /** Milliseconds since the epoch; temporary credentials only. */
  readonly expiresAt?: number
  readonly caller: Caller
}

/** The access keys that this MiniStack handed out; requests signed with one are recognised as its principal's. */
export interface Credentials {
  /**
   * Makes temporary credentials (`ASIA...`) for a principal.
   * @param seconds how long they are good.
   * @param minTokenBytes the session token is at least so long.
   */
  issueTemporary(caller: Omit<Caller, 'accessKeyId'>, seconds: number, minTokenBytes?: number): AccessKey
  /** Makes a long-term access key (`AKIA...`) for a principal. */
  issueLongTerm(caller: Omit<Caller, 'accessKeyId'>): AccessKey
  /** The key by its id, expired or not; undefined for one that wasn't made here. */
  find(accessKeyId: string): AccessKey | undefined
  revoke(accessKeyId: string): void
}
