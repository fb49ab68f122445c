import t from 'tap'
import { ALLOW, anonymous, asUser, ROLE, start, using } from './harness.js'

const INPUT = { RoleArn: ROLE, RoleSessionName: 'build' }

t.test('AssumeRole refuses', async t => {
  const sts = await start(t)
  const refuses = (input: object, name: string, message: string | RegExp) =>
    t.rejects(sts.client.assumeRole({ ...INPUT, ...input }), { name, message })

  t.test('text that is not a role ARN of this partition', async () => {
    await refuses({ RoleArn: 'no-arn-but-long-enough' }, 'ValidationError', 'no-arn-but-long-enough is invalid')
    await refuses({ RoleArn: 'arn:aws:iam::111122223333:user/alice' }, 'ValidationError', 'Request ARN is invalid')
    await refuses({ RoleArn: 'arn:aws:iam::111122223333:role/' }, 'ValidationError', 'Request ARN is invalid')
    await refuses({ RoleArn: 'arn:aws:iam::1111:role/Deploy-it' }, 'ValidationError', 'Request ARN is invalid')
    await refuses({ RoleArn: 'arn:aws-cn:iam::111122223333:role/Deploy' }, 'ValidationError', 'Request ARN is invalid')
  })

  t.test('a session name, duration or policy list beyond the constraints of the model', async () => {
    await refuses(
      { RoleSessionName: 'a b' },
      'ValidationError',
      "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    )
    await refuses(
      { DurationSeconds: 899 },
      'ValidationError',
      "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    )
    await refuses({ DurationSeconds: 43_201 }, 'ValidationError', /Member must have value less than or equal to 43200$/)
    await refuses(
      { PolicyArns: Array(11).fill({ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }) },
      'ValidationError',
      /'policyArns'.*length less than or equal to 10$/,
    )
    await refuses({ MinimumSessionTokenSize: 4097 }, 'ValidationError', /Member must have value less than or equal to 4096$/)
  })

  t.test('more than an hour from a role to the next', async t => {
    const first = using(sts, (await sts.client.assumeRole(INPUT)).Credentials)
    await t.rejects(first.assumeRole({ ...INPUT, DurationSeconds: 3601 }), {
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    })
    await t.resolves(first.assumeRole({ ...INPUT, DurationSeconds: 3600 }))
  })

  t.test('session policies that are no policies', async () => {
    await refuses({ Policy: '{' }, 'MalformedPolicyDocumentException', 'This policy contains invalid Json')
    await refuses({ Policy: '[]' }, 'MalformedPolicyDocumentException', /./)
    const statement = (change: object) => JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*', ...change }] })
    await refuses(
      { Policy: statement({ Principal: '*' }) },
      'MalformedPolicyDocumentException',
      'Policy document should not specify a principal.',
    )
    await refuses(
      { Policy: statement({ Action: 'GetObject' }) },
      'MalformedPolicyDocumentException',
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    )
    await refuses(
      { Policy: statement({ Resource: 'bucket' }) },
      'MalformedPolicyDocumentException',
      'Resource bucket must be in ARN format or "*".',
    )
    await refuses(
      { PolicyArns: [{ arn: 'arn:aws:iam::999988887777:policy/Theirs' }] },
      'ValidationError',
      'arn:aws:iam::999988887777:policy/Theirs is invalid',
    )
  })

  t.test('policies and tags that take more room than there is', async () => {
    const Resource = Array.from({ length: 60 }, (_, i) => `arn:aws:s3:::bucket-${(i * 7919).toString(36)}-${i * i * 104_729}/*`)
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: 's3:*', Resource } })
    await refuses(
      { Policy },
      'PackedPolicyTooLargeException',
      /^Packed policy consumes \d{3}% of allotted space, please use smaller policy\.$/,
    )
  })

  t.test('tags that are reserved, doubled or not passed', async () => {
    const Tags = [{ Key: 'Team', Value: 'a' }]
    await refuses(
      { Tags: [{ Key: 'aws:x', Value: 'a' }] },
      'InvalidParameterValue',
      'aws: prefixed tag key names are not allowed for external use.',
    )
    await refuses(
      { Tags: [...Tags, { Key: 'TEAM', Value: 'b' }] },
      'InvalidParameterValue',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    )
    await refuses(
      { Tags, TransitiveTagKeys: ['Other'] },
      'InvalidParameterValue',
      'The specified transitive tag key must be included in the requested tags.',
    )
  })

  t.test('half of the MFA proof', async () => {
    const message = 'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.'
    await refuses({ SerialNumber: 'arn:aws:iam::111122223333:mfa/alice' }, 'AccessDenied', message)
    await refuses({ TokenCode: '123456' }, 'AccessDenied', message)
  })

  t.test('a context assertion, which nobody here can have signed', async () => {
    const ProvidedContexts = [{ ProviderArn: 'arn:aws:iam::aws:contextProvider/IdentityCenter', ContextAssertion: 'assertion' }]
    await refuses({ ProvidedContexts }, 'NotImplemented', 'sts.AssumeRole with ProvidedContexts is not implemented in MiniStack')
  })

  t.test('a caller who did not sign, or who is a federated user', async t => {
    await t.rejects(anonymous(sts).assumeRole(INPUT), {
      name: 'MissingAuthenticationToken',
      message: 'Request is missing Authentication Token',
    })
    const federated = using(sts, (await sts.client.getFederationToken({ Name: 'bob' })).Credentials)
    await t.rejects(federated.assumeRole(INPUT), {
      name: 'AccessDenied',
      message: 'User: arn:aws:sts::000000000000:federated-user/bob is not authorized to perform: sts:AssumeRole',
    })
  })
})

t.test('AssumeRole', async t => {
  const sts = await start(t)

  t.test('gives credentials that later requests are recognised by', async t => {
    const { Credentials, AssumedRoleUser, PackedPolicySize } = await sts.client.assumeRole(INPUT)
    t.match(Credentials, { AccessKeyId: /^ASIA[A-Z2-7]{16}$/, Expiration: new Date('2026-01-01T01:00:00Z') })
    t.match(AssumedRoleUser, { AssumedRoleId: /^AROA[A-Z2-7]{17}:build$/, Arn: 'arn:aws:sts::111122223333:assumed-role/Deploy/build' })
    t.equal(PackedPolicySize, undefined)
    t.same(await using(sts, Credentials).getCallerIdentity({}), {
      Account: '111122223333',
      Arn: 'arn:aws:sts::111122223333:assumed-role/Deploy/build',
      UserId: AssumedRoleUser!.AssumedRoleId,
    })
  })

  t.test('gives a role the same id each time, whatever its path and the session', async t => {
    const id = async (RoleArn: string) => (await sts.client.assumeRole({ RoleArn, RoleSessionName: 'x2' })).AssumedRoleUser!.AssumedRoleId
    t.equal(await id(ROLE), await id('arn:aws:iam::111122223333:role/Deploy'))
    t.not(await id(ROLE), await id('arn:aws:iam::444455556666:role/Deploy'))
  })

  t.test('says how much room policies take, and makes a token as long as asked', async t => {
    const out = await sts.client.assumeRole({
      ...INPUT,
      Policy: ALLOW,
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
      MinimumSessionTokenSize: 4096,
    })
    t.ok(out.PackedPolicySize! > 0 && out.PackedPolicySize! < 20)
    t.equal(out.Credentials!.SessionToken!.length, 4096)
    t.match(out, { SessionTokenSize: 4096, SessionTokenUtilization: 100 })
  })

  t.test('passes transitive tags and the source identity down the chain', async t => {
    const Tags = [
      { Key: 'Team', Value: 'core' },
      { Key: 'Cost', Value: '7' },
    ]
    const one = await sts.client.assumeRole({ ...INPUT, Tags, TransitiveTagKeys: ['team'], SourceIdentity: 'alice' })
    t.equal(one.SourceIdentity, 'alice')
    const caller = (id: string) => sts.gateway.credentials.find(id)!.caller
    t.same(caller(one.Credentials!.AccessKeyId!).tags, { Team: 'core', Cost: '7' })

    const two = await using(sts, one.Credentials).assumeRole({ ...INPUT, Tags: [{ Key: 'Cost', Value: '8' }] })
    t.equal(two.SourceIdentity, 'alice')
    t.same(caller(two.Credentials!.AccessKeyId!).tags, { Team: 'core', Cost: '8' })

    const three = using(sts, two.Credentials)
    await t.rejects(three.assumeRole({ ...INPUT, Tags: [{ Key: 'TEAM', Value: 'x' }] }), {
      name: 'InvalidParameterValue',
      message:
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    })
    await t.rejects(three.assumeRole({ ...INPUT, SourceIdentity: 'mallory' }), { name: 'ValidationError' })
  })

  t.test('takes MFA from a user, also by way of GetSessionToken', async t => {
    const mfa = { SerialNumber: 'arn:aws:iam::111122223333:mfa/alice', TokenCode: '123456' }
    await t.resolves(asUser(sts).assumeRole({ ...INPUT, ...mfa }))
    const session = await asUser(sts).getSessionToken(mfa)
    await t.resolves(using(sts, session.Credentials).assumeRole({ ...INPUT, DurationSeconds: 43_200 }))
  })

  t.test('keeps the session over a restart, and lets go of it when it is over', async t => {
    const kept = await start(t, { persist: true })
    const one = await kept.client.assumeRole({ ...INPUT, SourceIdentity: 'alice' })
    await kept.restart()
    const two = await using(kept, one.Credentials).assumeRole(INPUT)
    t.equal(two.SourceIdentity, 'alice')
    const role = using(kept, two.Credentials)
    await kept.clock.advance(3_600_000)
    t.equal((await role.assumeRole(INPUT)).SourceIdentity, undefined)
  })
})

t.test('AssumeRole on the wire', async t => {
  const sts = await start(t)
  const send = (params: Record<string, string>, headers: Record<string, string>) =>
    sts.http({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ Version: '2011-06-15', ...params }).toString(),
    })
  const signed = (key: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
  })

  t.test('answers AWS query XML', async t => {
    const response = await send({ Action: 'AssumeRole', RoleArn: ROLE, RoleSessionName: 'build' }, signed('123456789012'))
    t.equal(response.status, 200)
    t.match(response.headers['content-type'], /^text\/xml/)
    t.match(response.body, '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>')
    t.match(response.body, '<Expiration>2026-01-01T01:00:00Z</Expiration>')
  })

  t.test('recognises the new credentials with their token only, and until they expire', async t => {
    const { Credentials } = await sts.client.assumeRole(INPUT)
    const whoAmI = (token: string) =>
      send({ Action: 'GetCallerIdentity' }, { ...signed(Credentials!.AccessKeyId!), 'x-amz-security-token': token })
    t.match((await whoAmI(Credentials!.SessionToken!)).body, '<Arn>arn:aws:sts::111122223333:assumed-role/Deploy/build</Arn>')

    const wrong = await whoAmI('another')
    t.equal(wrong.status, 403)
    t.match(wrong.body, '<Code>InvalidClientTokenId</Code>')

    await sts.clock.advance(3_600_000)
    const late = await whoAmI(Credentials!.SessionToken!)
    t.equal(late.status, 403)
    t.match(late.body, '<Code>ExpiredToken</Code>')
  })

  t.test('answers a refusal with the query code of the model', async t => {
    const response = await send({ Action: 'AssumeRole', RoleArn: ROLE, RoleSessionName: 'build', Policy: '{' }, signed('test'))
    t.equal(response.status, 400)
    t.match(
      response.body,
      '<Error><Type>Sender</Type><Code>MalformedPolicyDocument</Code><Message>This policy contains invalid Json</Message></Error>',
    )
  })
})
