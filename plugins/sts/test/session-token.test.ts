import t from 'tap'
import { ALLOW, anonymous, asUser, ROLE, start, using } from './harness.js'

t.test('GetSessionToken and GetFederationToken refuse', async t => {
  const sts = await start(t)

  t.test('session credentials', async t => {
    const role = using(sts, (await sts.client.assumeRole({ RoleArn: ROLE, RoleSessionName: 'build' })).Credentials)
    await t.rejects(role.getSessionToken({}), { name: 'AccessDenied', message: 'Cannot call GetSessionToken with session credentials' })
    await t.rejects(role.getFederationToken({ Name: 'bob' }), {
      name: 'AccessDenied',
      message: 'Cannot call GetFederationToken with session credentials',
    })
  })

  t.test('a caller who is nobody', async t => {
    await t.rejects(anonymous(sts).getSessionToken({}), { name: 'MissingAuthenticationToken' })
    await t.rejects(anonymous(sts).getFederationToken({ Name: 'bob' }), { name: 'MissingAuthenticationToken' })
  })

  t.test('a service, which has other ways', async t => {
    const service = sts.as({
      account: '000000000000',
      caller: { account: '000000000000', arn: 'lambda.amazonaws.com', userId: 'lambda.amazonaws.com', type: 'service' },
    })
    await t.rejects(service.getSessionToken({}), {
      name: 'AccessDenied',
      message: 'User: lambda.amazonaws.com is not authorized to perform: sts:GetSessionToken',
    })
  })

  t.test('durations out of range and names that are too long', async t => {
    await t.rejects(sts.client.getSessionToken({ DurationSeconds: 129_601 }), { name: 'ValidationError' })
    await t.rejects(sts.client.getFederationToken({ Name: 'b'.repeat(33) }), {
      name: 'ValidationError',
      message: `1 validation error detected: Value '${'b'.repeat(33)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 32`,
    })
  })
})

t.test('GetSessionToken', async t => {
  const sts = await start(t)

  t.test('gives credentials of the same user, for twelve hours unless told otherwise', async t => {
    const { Credentials } = await asUser(sts).getSessionToken({})
    t.same(Credentials!.Expiration, new Date('2026-01-01T12:00:00Z'))
    t.match(await using(sts, Credentials).getCallerIdentity({}), {
      Arn: 'arn:aws:iam::111122223333:user/alice',
      UserId: 'AIDAALICEALICEALICE23',
    })
    const short = await asUser(sts).getSessionToken({ DurationSeconds: 900 })
    t.same(short.Credentials!.Expiration, new Date('2026-01-01T00:15:00Z'))
  })

  t.test('gives the root user an hour at most', async t => {
    for (const DurationSeconds of [undefined, 7200]) {
      const { Credentials } = await sts.client.getSessionToken({ DurationSeconds })
      t.same(Credentials!.Expiration, new Date('2026-01-01T01:00:00Z'))
    }
  })

  t.test('gives credentials that may call AssumeRole and GetCallerIdentity only', async t => {
    const session = using(sts, (await asUser(sts).getSessionToken({})).Credentials)
    await t.resolves(session.getCallerIdentity({}))
    await t.resolves(session.assumeRole({ RoleArn: ROLE, RoleSessionName: 'build' }))
    await t.rejects(session.decodeAuthorizationMessage({ EncodedMessage: 'x' }), { name: 'AccessDenied' })
  })
})

t.test('GetFederationToken', async t => {
  const sts = await start(t)

  t.test('gives credentials of a federated user', async t => {
    const out = await asUser(sts).getFederationToken({ Name: 'bob', Policy: ALLOW, Tags: [{ Key: 'Team', Value: 'core' }] })
    t.same(out.FederatedUser, { FederatedUserId: '111122223333:bob', Arn: 'arn:aws:sts::111122223333:federated-user/bob' })
    t.same(out.Credentials!.Expiration, new Date('2026-01-01T12:00:00Z'))
    t.ok(out.PackedPolicySize! > 0)
    t.same(await using(sts, out.Credentials).getCallerIdentity({}), {
      Account: '111122223333',
      Arn: 'arn:aws:sts::111122223333:federated-user/bob',
      UserId: '111122223333:bob',
    })
  })

  t.test('refuses a malformed policy', async t => {
    await t.rejects(sts.client.getFederationToken({ Name: 'bob', Policy: 'no policy' }), { name: 'MalformedPolicyDocumentException' })
  })
})
