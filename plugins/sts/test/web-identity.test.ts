import { createLocalJWKSet, decodeJwt, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import t from 'tap'
import { asUser, ROLE, type Sts, start, using } from './harness.js'

const NOW = Date.parse('2026-01-01T00:00:00Z') / 1000
const CLAIMS = { iss: 'https://idp.example.com', sub: 'repo:a/b', aud: 'sts.amazonaws.com', iat: NOW, exp: NOW + 600 }

async function token(claims: JWTPayload = CLAIMS, alg = 'ES256'): Promise<string> {
  const { privateKey } = await generateKeyPair(alg)
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(privateKey)
}

const input = (WebIdentityToken: string) => ({ RoleArn: ROLE, RoleSessionName: 'ci', WebIdentityToken })

t.test('AssumeRoleWithWebIdentity refuses', async t => {
  const sts = await start(t)
  const refuses = async (jwt: string | Promise<string>, name: string, message?: string) =>
    t.rejects(sts.client.assumeRoleWithWebIdentity(input(await jwt)), { name, ...(message && { message }) })

  t.test('what is no JWT', async () => {
    const message = 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)'
    for (const text of ['opaque', 'a.b.c', '..sig', `${Buffer.from('[]').toString('base64url')}.e30.x`, 'e30.e30.']) {
      await refuses(text, 'InvalidIdentityTokenException', message)
    }
  })

  t.test('a token without a signature of a kind that AWS takes', async () => {
    const none = [{ alg: 'none' }, CLAIMS].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    await refuses(
      `${none}.xx`,
      'InvalidIdentityTokenException',
      'The ID Token provided must be signed with RS256, RS384, RS512, ES256, ES384 or ES512',
    )
  })

  t.test('a token that is over, or not good yet', async () => {
    await refuses(
      token({ ...CLAIMS, exp: NOW }),
      'ExpiredTokenException',
      `Token expired: current date/time ${NOW} must be before the expiration date/time${NOW}`,
    )
    await refuses(token({ ...CLAIMS, nbf: NOW + 3600 }), 'InvalidIdentityTokenException')
  })

  t.test('a token that lacks a claim', async () => {
    for (const claim of ['iss', 'sub', 'aud', 'exp', 'iat'] as const) {
      await refuses(token({ ...CLAIMS, [claim]: undefined }), 'InvalidIdentityTokenException', `Missing a required claim: ${claim}`)
    }
    await refuses(
      token({ ...CLAIMS, 'https://aws.amazon.com/tags': { principal_tags: { a: 'not a list' } } }),
      'InvalidIdentityTokenException',
    )
  })

  t.test('providers of access tokens, which it cannot reach, and unknown ones', async t => {
    const opaque = { ...input('opaque'), ProviderId: 'graph.facebook.com' }
    await t.rejects(sts.client.assumeRoleWithWebIdentity(opaque), { name: 'IDPCommunicationErrorException' })
    await t.rejects(sts.client.assumeRoleWithWebIdentity({ ...opaque, ProviderId: 'example.com' }), { name: 'ValidationError' })
  })
})

t.test('AssumeRoleWithWebIdentity', async t => {
  const sts = await start(t)

  t.test('starts a session as the token says', async t => {
    const out = await sts.client.assumeRoleWithWebIdentity(
      input(
        await token({
          ...CLAIMS,
          'https://aws.amazon.com/tags': { principal_tags: { Project: ['Automation'] }, transitive_tag_keys: ['Project'] },
          'https://aws.amazon.com/source_identity': 'carol',
        }),
      ),
    )
    t.match(out, {
      SubjectFromWebIdentityToken: 'repo:a/b',
      Provider: 'https://idp.example.com',
      Audience: 'sts.amazonaws.com',
      SourceIdentity: 'carol',
      AssumedRoleUser: { Arn: 'arn:aws:sts::111122223333:assumed-role/Deploy/ci' },
    })
    t.same(sts.gateway.credentials.find(out.Credentials!.AccessKeyId!)!.caller.tags, { Project: 'Automation' })
  })

  t.test('needs no signature of the request', async t => {
    const body = new URLSearchParams({ Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', ...input(await token()) })
    const response = await sts.http({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    })
    t.equal(response.status, 200)
  })

  t.test('verifies the tokens that MiniStack itself signed', async t => {
    const { WebIdentityToken } = await sts.client.getWebIdentityToken({ Audience: ['sts.amazonaws.com'], SigningAlgorithm: 'ES384' })
    const out = await sts.client.assumeRoleWithWebIdentity(input(WebIdentityToken!))
    t.equal(out.SubjectFromWebIdentityToken, 'arn:aws:iam::000000000000:root')

    const [header, payload, signature = ''] = WebIdentityToken!.split('.')
    const forged = `${header}.${payload}.${signature.replace(/^./, c => (c === 'A' ? 'B' : 'A'))}`
    await t.rejects(sts.client.assumeRoleWithWebIdentity(input(forged)), {
      name: 'InvalidIdentityTokenException',
      message: /could not be verified$/,
    })
    const stranger = await token({ ...CLAIMS, iss: 'http://localhost:4566/_ministack/sts/000000000000' })
    await t.rejects(sts.client.assumeRoleWithWebIdentity(input(stranger)), {
      name: 'InvalidIdentityTokenException',
      message:
        "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    })
  })
})

const ASK = { Audience: ['https://api.example.com'], SigningAlgorithm: 'ES384' }

t.test('GetWebIdentityToken refuses', async t => {
  const sts = await start(t)

  t.test('algorithms and durations that AWS does not know', async t => {
    await t.rejects(sts.client.getWebIdentityToken({ ...ASK, SigningAlgorithm: 'HS256' }), {
      name: 'ValidationError',
      message:
        "1 validation error detected: Value 'HS256' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ES384, RS256]",
    })
    await t.rejects(sts.client.getWebIdentityToken({ ...ASK, DurationSeconds: 3601 }), { name: 'ValidationError' })
  })

  t.test('a token that would outlive the session', async t => {
    const role = using(sts, (await sts.client.assumeRole({ RoleArn: ROLE, RoleSessionName: 'ci', DurationSeconds: 900 })).Credentials)
    await t.rejects(role.getWebIdentityToken({ ...ASK, DurationSeconds: 901 }), { name: 'SessionDurationEscalationException' })
    await t.resolves(role.getWebIdentityToken({ ...ASK, DurationSeconds: 900 }))
  })

  t.test('more claims than a token holds', async t => {
    const Tags = Array.from({ length: 50 }, (_, i) => ({ Key: `${i}`.padEnd(128, 'k'), Value: 'v'.repeat(256) }))
    await t.rejects(sts.client.getWebIdentityToken({ ...ASK, Tags }), { name: 'JWTPayloadSizeExceededException' })
  })
})

t.test('GetWebIdentityToken', async t => {
  const sts = await start(t)
  const published = async (account: string) => {
    const { body } = await sts.http({ url: `/_ministack/sts/${account}/.well-known/jwks.json` })
    return JSON.parse(body) as { keys: Record<string, string>[] }
  }

  t.test('says who calls, in the claims that AWS gives', async t => {
    const role = await sts.client.assumeRole({ RoleArn: ROLE, RoleSessionName: 'ci', Tags: [{ Key: 'Team', Value: 'core' }] })
    const out = await using(sts, role.Credentials).getWebIdentityToken({ ...ASK, Tags: [{ Key: 'job', Value: '7' }] })
    t.same(out.Expiration, new Date('2026-01-01T00:05:00Z'))
    t.match(decodeJwt(out.WebIdentityToken!), {
      iss: 'http://localhost:4566/_ministack/sts/111122223333',
      sub: ROLE,
      aud: 'https://api.example.com',
      iat: NOW,
      exp: NOW + 300,
      'https://sts.amazonaws.com/': {
        aws_account: '111122223333',
        source_region: 'us-east-1',
        principal_id: ROLE,
        original_session_exp: '2026-01-01T01:00:00.000Z',
        principal_tags: { Team: 'core' },
        request_tags: { job: '7' },
      },
    })
    const two = await asUser(sts).getWebIdentityToken({ ...ASK, Audience: ['a', 'b'] })
    t.match(decodeJwt(two.WebIdentityToken!), { aud: ['a', 'b'], sub: 'arn:aws:iam::111122223333:user/alice' })
  })

  t.test('signs with keys that anybody can look up, the same ones after a restart', async t => {
    const kept = await start(t, { persist: true })
    for (const SigningAlgorithm of ['RS256', 'ES384']) await verified(kept, SigningAlgorithm)
    const before = await kept.http({ url: '/_ministack/sts/000000000000/.well-known/jwks.json' })
    await kept.restart()
    const after = await kept.http({ url: '/_ministack/sts/000000000000/.well-known/jwks.json' })
    t.same(after.body, before.body)
    t.notMatch(after.body, '"d":')

    async function verified(sts: Sts, SigningAlgorithm: string): Promise<void> {
      const { WebIdentityToken } = await sts.client.getWebIdentityToken({ ...ASK, SigningAlgorithm })
      const { body } = await sts.http({ url: '/_ministack/sts/000000000000/.well-known/jwks.json' })
      const { protectedHeader } = await jwtVerify(WebIdentityToken!, createLocalJWKSet(JSON.parse(body)), {
        currentDate: new Date(NOW * 1000),
      })
      t.equal(protectedHeader.alg, SigningAlgorithm)
    }
  })

  t.test('publishes discovery for each account apart', async t => {
    const { body } = await sts.http({ url: '/_ministack/sts/111122223333/.well-known/openid-configuration' })
    t.match(JSON.parse(body), {
      issuer: 'http://localhost:4566/_ministack/sts/111122223333',
      jwks_uri: 'http://localhost:4566/_ministack/sts/111122223333/.well-known/jwks.json',
    })
    t.equal((await published('111122223333')).keys.length, 1)
    t.same(await published('999988887777'), { keys: [] })
  })
})
