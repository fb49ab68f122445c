import t from 'tap'
import { ROLE, start, using } from './harness.js'

const PROVIDER = 'arn:aws:iam::111122223333:saml-provider/Corp'
const ATTRIBUTES = 'https://aws.amazon.com/SAML/Attributes/'
const AUDIENCE = 'https://signin.aws.amazon.com/saml'

interface Parts {
  issued?: string
  notOnOrAfter?: string
  session?: string
  recipient?: string
  status?: string
  attributes?: Record<string, string[]>
  before?: string
}

function assertion(parts: Parts = {}): string {
  const {
    issued = '2026-01-01T00:00:00Z',
    notOnOrAfter = '2026-01-01T00:05:00Z',
    recipient = AUDIENCE,
    status = 'Success',
    before = '',
  } = parts
  const attributes = { Role: [`${ROLE},${PROVIDER}`], RoleSessionName: ['carol@example.com'], ...parts.attributes }
  const xml = `${before}<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="r1" IssueInstant="${issued}" Destination="${AUDIENCE}">
  <saml:Issuer>https://idp.example.com</saml:Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status>
  <saml:Assertion ID="a1" IssueInstant="${issued}">
    <saml:Issuer>https://idp.example.com</saml:Issuer>
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">carol &amp; co</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${notOnOrAfter}" Recipient="${recipient}"/></saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="${issued}" NotOnOrAfter="${notOnOrAfter}"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>
    <saml:AuthnStatement AuthnInstant="${issued}"${parts.session ? ` SessionNotOnOrAfter="${parts.session}"` : ''}/>
    <saml:AttributeStatement>${Object.entries(attributes)
      .map(
        ([name, values]) =>
          `<saml:Attribute Name="${ATTRIBUTES}${name}">${values.map(v => `<saml:AttributeValue>${v}</saml:AttributeValue>`).join('')}</saml:Attribute>`,
      )
      .join('')}</saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>`
  return Buffer.from(xml).toString('base64')
}

t.test('AssumeRoleWithSAML refuses', async t => {
  const sts = await start(t)
  const refuses = (SAMLAssertion: string, name: string, message?: string) =>
    t.rejects(sts.client.assumeRoleWithSAML({ RoleArn: ROLE, PrincipalArn: PROVIDER, SAMLAssertion }), {
      name,
      ...(message && { message }),
    })
  const invalid = 'Your request included an invalid SAML response.'

  t.test('what is no SAML response', async () => {
    await refuses('%%%%', 'InvalidIdentityTokenException', 'Invalid base64 SAMLResponse')
    await refuses(Buffer.from('hello').toString('base64'), 'InvalidIdentityTokenException', invalid)
    await refuses(Buffer.from('<Response><a></Response>').toString('base64'), 'InvalidIdentityTokenException', invalid)
    await refuses(Buffer.from('<a>'.repeat(15_000)).toString('base64'), 'InvalidIdentityTokenException')
    await refuses(assertion({ before: '<!DOCTYPE x [<!ENTITY a "b">]>' }), 'InvalidIdentityTokenException', invalid)
    await refuses(assertion({ status: 'Responder' }), 'InvalidIdentityTokenException', 'The SAML response does not report success.')
  })

  t.test('a response that is too old', async () => {
    const message = 'Token must be redeemed within 5 minutes of issuance'
    await refuses(assertion({ issued: '2025-12-31T23:54:00Z' }), 'ExpiredTokenException', message)
    await refuses(assertion({ notOnOrAfter: '2026-01-01T00:00:00Z' }), 'ExpiredTokenException', message)
    await refuses(assertion({ session: '2025-12-31T23:59:00Z' }), 'ExpiredTokenException', message)
  })

  t.test('a response for somebody else', async () => {
    await refuses(
      assertion({ recipient: 'https://example.com/saml' }),
      'InvalidIdentityTokenException',
      'Response does not contain the required audience.',
    )
    const Role = ['arn:aws:iam::111122223333:role/Other,arn:aws:iam::111122223333:saml-provider/Corp']
    await refuses(assertion({ attributes: { Role } }), 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithSAML')
  })

  t.test('a response with no session name, or a bad one', async () => {
    await refuses(
      assertion({ attributes: { RoleSessionName: [] } }),
      'InvalidIdentityTokenException',
      'RoleSessionName is required in AuthnResponse',
    )
    await refuses(
      assertion({ attributes: { RoleSessionName: ['a b'] } }),
      'InvalidIdentityTokenException',
      'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}',
    )
    await refuses(assertion({ attributes: { SourceIdentity: ['aws:me'] } }), 'InvalidIdentityTokenException')
  })

  t.test('a principal that is no SAML provider', async t => {
    const input = { RoleArn: ROLE, PrincipalArn: 'arn:aws:iam::111122223333:user/Corp', SAMLAssertion: assertion() }
    await t.rejects(sts.client.assumeRoleWithSAML(input), { name: 'ValidationError', message: 'Request ARN is invalid' })
  })
})

t.test('AssumeRoleWithSAML', async t => {
  const sts = await start(t)

  t.test('starts a session as the response says', async t => {
    const SAMLAssertion = assertion({
      attributes: { 'PrincipalTag:Team': ['core'], TransitiveTagKeys: ['Team'], SourceIdentity: ['carol'], Role: [`${PROVIDER}, ${ROLE}`] },
    })
    const out = await sts.client.assumeRoleWithSAML({ RoleArn: ROLE, PrincipalArn: PROVIDER, SAMLAssertion })
    t.match(out, {
      AssumedRoleUser: { Arn: 'arn:aws:sts::111122223333:assumed-role/Deploy/carol@example.com' },
      Subject: 'carol & co',
      SubjectType: 'persistent',
      Issuer: 'https://idp.example.com',
      Audience: AUDIENCE,
      NameQualifier: '90G5fvRQCJ6qlVCIigiOASO2UPo=',
      SourceIdentity: 'carol',
    })
    t.same(out.Credentials!.Expiration, new Date('2026-01-01T01:00:00Z'))
    t.same(sts.gateway.credentials.find(out.Credentials!.AccessKeyId!)!.caller.tags, { Team: 'core' })
    await t.resolves(using(sts, out.Credentials).getCallerIdentity({}))
  })

  t.test('ends the session when the identity provider does', async t => {
    const SAMLAssertion = assertion({ session: '2026-01-01T00:20:00Z' })
    const out = await sts.client.assumeRoleWithSAML({ RoleArn: ROLE, PrincipalArn: PROVIDER, SAMLAssertion, DurationSeconds: 43_200 })
    t.same(out.Credentials!.Expiration, new Date('2026-01-01T00:20:00Z'))
  })

  t.test('needs no signature', async t => {
    const body = new URLSearchParams({
      Action: 'AssumeRoleWithSAML',
      Version: '2011-06-15',
      RoleArn: ROLE,
      PrincipalArn: PROVIDER,
      SAMLAssertion: assertion(),
    })
    const response = await sts.http({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    })
    t.equal(response.status, 200)
    t.match(response.body, '<Subject>carol &amp; co</Subject>')
  })
})
