import type * as STS from '@aws-sdk/client-sts'
import type { Caller } from '@ministack/gateway'
import { type TestOptions, type TestService, testService } from '@ministack/gateway/testing'
import plugin from '../src/index.js'

export type Sts = TestService<typeof STS>

export const ROLE = 'arn:aws:iam::111122223333:role/service/Deploy'
export const ALLOW = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' } })

interface Test {
  teardown(fn: () => Promise<void>): void
}

/** STS, closed when the test ends. */
export async function start(t: Test, options?: TestOptions): Promise<Sts> {
  const sts = await testService<typeof STS>(plugin, options)
  t.teardown(() => sts.close())
  return sts
}

/** A client whose requests are made with a key that was given out. */
function withKey(sts: Sts, accessKeyId: string) {
  const { caller } = sts.gateway.credentials.find(accessKeyId)!
  return sts.as({ account: caller.account, caller })
}

/** A client whose requests are made with credentials that STS gave out. */
export function using(sts: Sts, credentials: STS.Credentials | undefined) {
  return withKey(sts, credentials!.AccessKeyId!)
}

/** A client whose requests are made by an IAM user with a long-term key. */
export function asUser(sts: Sts, name = 'alice') {
  const caller: Caller = {
    account: '111122223333',
    arn: `arn:aws:iam::111122223333:user/${name}`,
    userId: 'AIDAALICEALICEALICE23',
    type: 'user',
  }
  return withKey(sts, sts.gateway.credentials.issueLongTerm(caller).accessKeyId)
}

/** A client whose requests aren't signed. */
export function anonymous(sts: Sts) {
  return sts.as({ account: '000000000000', caller: { account: '000000000000', arn: '', userId: 'anonymous', type: 'anonymous' } })
}
