import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { TradeIn } from '../src/operations/delegated-access-token.js'
import { open, seal } from '../src/sealed.js'
import type { StsState } from '../src/state.js'
import { ALLOW, type Sts, start, using } from './harness.js'

const GLOBAL = { account: '', region: '' }

t.test('a sealed message opens with its own key, for its own purpose, and unchanged only', async t => {
  const key = randomBytes(32)
  const text = seal(key, 'authorization-message', { allowed: false })
  t.match(text, /^[\w-]+$/)
  t.same(open(key, 'authorization-message', text), { allowed: false })
  t.equal(open(key, 'trade-in-token', text), undefined)
  t.equal(open(randomBytes(32), 'authorization-message', text), undefined)
  t.equal(open(key, 'authorization-message', text.slice(0, -2)), undefined)
  for (const bad of ['', 'AAAA', `${text}\n`, 'x'.repeat(10_000)]) t.equal(open(key, 'authorization-message', bad), undefined)
})

/** The key that the service under test seals with, which exists once an operation has needed it. */
async function keyOf(sts: Sts): Promise<Uint8Array> {
  await sts.client.decodeAuthorizationMessage({ EncodedMessage: 'x' }).catch(() => {})
  const unit = await sts.gateway.unit('sts')
  return (unit.state as StsState).sealingKeys.in(GLOBAL).get('current') as Uint8Array
}

t.test('DecodeAuthorizationMessage', async t => {
  const sts = await start(t, { persist: true })
  const message = { allowed: false, explicitDeny: false, context: { action: 'ec2:StopInstances' } }
  const EncodedMessage = seal(await keyOf(sts), 'authorization-message', message)

  t.test('reads a message that this MiniStack made, also after a restart', async t => {
    t.same(JSON.parse((await sts.client.decodeAuthorizationMessage({ EncodedMessage })).DecodedMessage!), message)
    await sts.restart()
    t.same(JSON.parse((await sts.client.decodeAuthorizationMessage({ EncodedMessage })).DecodedMessage!), message)
  })

  t.test('refuses any other text', async t => {
    for (const bad of ['nonsense', `${EncodedMessage}A`, `${EncodedMessage}\n`]) {
      await t.rejects(sts.client.decodeAuthorizationMessage({ EncodedMessage: bad }), { name: 'InvalidAuthorizationMessageException' })
    }
  })
})

t.test('GetDelegatedAccessToken', async t => {
  const sts = await start(t)
  const trade: TradeIn = {
    principalArn: 'arn:aws:iam::111122223333:role/Partner',
    principalId: 'AROAPARTNERPARTNER234',
    policy: ALLOW,
    expiresAt: sts.clock.now() + 60_000,
    sessionSeconds: 3600,
  }
  const TradeInToken = seal(await keyOf(sts), 'trade-in-token', trade)

  t.test('trades a token for credentials of the principal behind it', async t => {
    const out = await sts.client.getDelegatedAccessToken({ TradeInToken })
    t.match(out, { AssumedPrincipal: trade.principalArn, Credentials: { Expiration: new Date('2026-01-01T01:00:00Z') } })
    t.ok(out.PackedPolicySize! > 0)
    t.match(await using(sts, out.Credentials).getCallerIdentity({}), { Arn: trade.principalArn, UserId: trade.principalId })
  })

  t.test('refuses a token that is over, and what is no token', async t => {
    await t.rejects(sts.client.getDelegatedAccessToken({ TradeInToken: 'nonsense' }), { name: 'InvalidParameterValue' })
    await sts.clock.advance(60_000)
    await t.rejects(sts.client.getDelegatedAccessToken({ TradeInToken }), { name: 'ExpiredTradeInTokenException' })
  })
})
