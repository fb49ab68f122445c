import t from 'tap'
import { RequestHead, type Route, Router } from '../../src/routing/index.js'
import { sample } from './registrations.js'

const router = new Router({
  registrations: sample(),
  config: { host: 'cloud.example:4566', account: '000000000000', region: 'us-east-1' },
  credentials: () => ({ find: id => (id === 'ASIAISSUED' ? ({ caller: { account: '222222222222' } } as never) : undefined) }),
})

const sigv4 = (service: string, { key = 'test', region = 'us-east-1' } = {}) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=00ff`,
})
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
const presigned = (service: string) =>
  `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20260101%2Feu-west-1%2F${service}%2Faws4_request&X-Amz-Signature=0`

interface Case {
  readonly title: string
  readonly request: string
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly upgrade?: boolean
  readonly to: string
}

function say(route: Route): string {
  switch (route.kind) {
    case 'api':
      return route.path === undefined ? route.service.name : `${route.service.name} at ${route.path}`
    case 'data-plane':
      return `plane ${route.registration.manifest.id}/${route.plane.name}`
    case 'needs-form':
      return 'needs-form'
    case 'refusal':
      return `${route.status} ${route.code} (${route.style})`
  }
}

function headOf({ request, headers = {}, body, upgrade }: Pick<Case, 'request' | 'headers' | 'body' | 'upgrade'>): RequestHead {
  const [method = '', url = ''] = request.split(' ')
  const head = new RequestHead(method, url, { host: 'localhost:4566', ...headers }, upgrade)
  if (body !== undefined) head.form = new URLSearchParams(body)
  return head
}

const tiers: Record<string, readonly Case[]> = {
  'tier 1, before everything': [
    { title: 'takes its own path', request: 'GET /_ministack/sqs/messages?account=1', to: 'plane sqs/messages' },
    { title: 'leaves other methods alone', request: 'PUT /_ministack/sqs/messages', to: '404 UnknownOperationException (json)' },
    { title: 'wins over a signature', request: 'GET /us-east-1_abc/.well-known/jwks.json', headers: sigv4('s3'), to: 'plane cognito/jwks' },
    {
      title: 'takes the preflight that a plugin claims',
      request: 'OPTIONS /key',
      headers: { host: 'b.s3.localhost:4566' },
      to: 'plane s3/cors',
    },
  ],
  'tier 2, ahead of the data planes': [
    { title: 'takes its own path', request: 'POST /oauth2/token', headers: form, to: 'plane cognito/oauth' },
  ],
  'tier 3, data planes': [
    {
      title: 'goes by host',
      request: 'GET /stage/x',
      headers: { host: 'abc123.execute-api.localhost:4566' },
      to: 'plane apigatewayv2/invoke',
    },
    {
      title: 'knows a host by MINISTACK_HOST',
      request: 'GET /x',
      headers: { host: 'abc123.execute-api.cloud.example:4566' },
      to: 'plane apigatewayv2/invoke',
    },
    {
      title: "knows a host by LocalStack's domain",
      request: 'GET /x',
      headers: { host: 'abc.execute-api.localhost.localstack.cloud' },
      to: 'plane apigatewayv2/invoke',
    },
    { title: 'goes by path', request: 'GET /_aws/execute-api/abc/stage/', to: 'plane apigatewayv2/invoke-path' },
    {
      title: 'takes OPTIONS too when it names no methods',
      request: 'OPTIONS /_aws/execute-api/abc/stage/',
      to: 'plane apigatewayv2/invoke-path',
    },
    {
      title: 'takes an upgrade where the manifest says so',
      request: 'GET /',
      headers: { host: 'abc.execute-api.localhost' },
      upgrade: true,
      to: 'plane apigatewayv2/invoke',
    },
    { title: 'takes no upgrade elsewhere', request: 'GET /v2/', upgrade: true, to: '404 UnknownOperationException (json)' },
    { title: 'may be an API by path', request: 'GET /v20180820/jobs', headers: sigv4('s3'), to: 's3-control' },
    { title: 'takes a path without a signature', request: 'GET /v2/', to: 'plane ecr/registry' },
    {
      title: 'takes a path with a signature for nothing in particular',
      request: 'GET /v2/x/manifests/1',
      headers: sigv4('ecr'),
      to: 'plane ecr/registry',
    },
    {
      title: 'gives way to a signature that claims the very path',
      request: 'GET /v2/apis',
      headers: sigv4('apigateway'),
      to: 'apigatewayv2',
    },
    {
      title: 'moves a virtual-hosted bucket into the path',
      request: 'PUT /a%2Fb',
      headers: { host: 'my.bucket.s3.localhost:4566' },
      to: 's3 at /my.bucket/a%2Fb',
    },
    { title: 'moves a bucket before the bare domain', request: 'GET /', headers: { host: 'my-bucket.localhost' }, to: 's3 at /my-bucket/' },
    {
      title: 'moves a bucket before a region',
      request: 'GET /k',
      headers: { host: 'b.s3.eu-west-1.amazonaws.com', ...sigv4('s3') },
      to: 's3 at /b/k',
    },
    { title: "leaves a service's endpoint alone", request: 'GET /', headers: { host: 'sqs.localhost:4566' }, to: 'sqs' },
    {
      title: 'leaves a request that is signed for another service alone',
      request: 'GET /x',
      headers: { host: 'thing.localhost', ...sigv4('lambda') },
      to: 'lambda',
    },
  ],
  'tier 4, rpc-v2-cbor path': [
    {
      title: 'goes by the service shape',
      request: 'POST /service/Amazon_cloudwatch/operation/ListMetrics',
      headers: { 'smithy-protocol': 'rpc-v2-cbor' },
      to: 'cloudwatch',
    },
    {
      title: 'takes a shape with its namespace',
      request: 'POST /service/com.amazonaws.cloudwatch.Amazon_cloudwatch/operation/X',
      headers: { 'smithy-protocol': 'rpc-v2-cbor' },
      to: 'cloudwatch',
    },
    {
      title: 'refuses an unknown shape in CBOR',
      request: 'POST /service/No/operation/X',
      headers: { 'smithy-protocol': 'rpc-v2-cbor', ...sigv4('no') },
      to: '501 NotImplemented (cbor)',
    },
    {
      title: 'is an object of S3 without the header',
      request: 'PUT /service/Amazon_cloudwatch/operation/X',
      headers: sigv4('s3'),
      to: 's3',
    },
  ],
  'tier 4, X-Amz-Target': [
    { title: 'goes by the prefix', request: 'POST /', headers: { 'x-amz-target': 'AmazonSQS.SendMessage' }, to: 'sqs' },
    {
      title: 'wins over the signing name',
      request: 'POST /',
      headers: { 'x-amz-target': 'DynamoDBStreams_20120810.ListStreams', ...sigv4('dynamodb') },
      to: 'dynamodb-streams',
    },
    {
      title: 'goes by the signature when the prefix is unknown',
      request: 'POST /',
      headers: { 'x-amz-target': 'Old_2011.X', ...sigv4('dynamodb') },
      to: 'dynamodb',
    },
    {
      title: 'is refused in JSON when nothing else tells',
      request: 'POST /',
      headers: { 'x-amz-target': 'Foo.Bar' },
      to: '404 UnknownOperationException (json)',
    },
  ],
  'tier 4, signature': [
    { title: 'goes by the signing name', request: 'POST /', headers: sigv4('sqs'), to: 'sqs' },
    { title: 'goes by the longest path prefix', request: 'GET /v2/apis/x', headers: sigv4('apigateway'), to: 'apigatewayv2' },
    { title: 'takes a prefix as a whole segment', request: 'GET /v2x', headers: sigv4('apigateway'), to: 'apigateway' },
    { title: 'goes by a presigned URL', request: `GET /b/k?${presigned('s3')}`, to: 's3' },
    { title: 'knows SigV2 as S3', request: 'GET /b/k', headers: { authorization: 'AWS AKIAX:c2ln' }, to: 's3' },
    { title: 'knows a SigV2 presigned URL as S3', request: 'GET /b/k?AWSAccessKeyId=AKIAX&Signature=x&Expires=1', to: 's3' },
    {
      title: 'takes SigV4a',
      request: 'GET /b/k',
      headers: { authorization: 'AWS4-ECDSA-P256-SHA256 Credential=k/20260101/s3/aws4_request, SignedHeaders=host, Signature=0' },
      to: 's3',
    },
    {
      title: 'refuses an unknown service with a clear 501 in JSON',
      request: 'GET /b/k',
      headers: { ...sigv4('redshift'), 'content-type': 'application/x-amz-json-1.1' },
      to: '501 NotImplemented (json)',
    },
    {
      title: 'refuses an unknown service with a clear 501 in XML for a form',
      request: 'POST /',
      headers: { ...sigv4('redshift'), ...form },
      body: 'Action=X&Version=2012-12-01',
      to: '501 NotImplemented (query)',
    },
    {
      title: 'leaves other schemes to the services',
      request: 'POST /',
      headers: { authorization: 'Bearer abc', 'x-amz-target': 'AmazonSQS.ListQueues' },
      to: 'sqs',
    },
  ],
  'tier 4, a signature that cannot be read': [
    {
      title: 'is IncompleteSignature for a form',
      request: 'POST /',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=h, Signature=0', ...form },
      body: 'Action=AssumeRole',
      to: '400 IncompleteSignature (query)',
    },
    {
      title: 'is told in the form that the service of a form has, which only the form says',
      request: 'POST /',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=h, Signature=0', ...form },
      body: 'Action=DescribeInstances&Version=2016-11-15',
      to: '400 IncompleteSignature (ec2)',
    },
    {
      title: 'waits for a form that was not read',
      request: 'POST /',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=h, Signature=0', ...form },
      to: 'needs-form',
    },
    {
      title: 'is IncompleteSignatureException in JSON',
      request: 'POST /',
      headers: { authorization: 'AWS4-HMAC-SHA256', 'content-type': 'application/json' },
      to: '400 IncompleteSignatureException (json)',
    },
    {
      title: "is S3's own error for what looks like S3",
      request: 'GET /bucket/key',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a' },
      to: '400 AuthorizationHeaderMalformed (xml)',
    },
    {
      title: "is S3's other error for a presigned URL",
      request: 'GET /bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x',
      to: '400 AuthorizationQueryParametersError (xml)',
    },
    {
      title: 'does not matter when the target tells',
      request: 'POST /',
      headers: { authorization: 'AWS4-HMAC-SHA256', 'x-amz-target': 'AmazonSQS.X' },
      to: 'sqs',
    },
  ],
  'tier 4, Action and Version': [
    { title: 'goes by the version in the query', request: 'GET /?Action=GetCallerIdentity&Version=2011-06-15', to: 'sts' },
    { title: 'goes by an action that one service has', request: 'GET /123456789012/q?Action=SendMessage&MessageBody=x', to: 'sqs' },
    { title: 'needs the body of a form', request: 'POST /', headers: form, to: 'needs-form' },
    { title: 'goes by the version in the form', request: 'POST /', headers: form, body: 'Action=X&Version=2011-06-15', to: 'sts' },
    { title: 'goes by the action in the form', request: 'POST /', headers: form, body: 'Action=AssumeRole', to: 'sts' },
    {
      title: 'refuses an action of nobody',
      request: 'POST /',
      headers: form,
      body: 'Action=Nope&Version=1999-01-01',
      to: '400 InvalidAction (query)',
    },
    {
      title: 'asks for no other body',
      request: 'POST /',
      headers: { 'content-type': 'application/json' },
      to: '404 UnknownOperationException (json)',
    },
  ],
  'tier 4, host': [
    { title: "goes by AWS's endpoint", request: 'POST /', headers: { host: 'sqs.us-east-1.amazonaws.com' }, to: 'sqs' },
    { title: 'goes by the endpoint in China', request: 'POST /', headers: { host: 'sqs.cn-north-1.amazonaws.com.cn' }, to: 'sqs' },
    { title: 'goes by a name of two labels', request: 'POST /', headers: { host: 'api.ecr.eu-central-1.amazonaws.com' }, to: 'ecr' },
    {
      title: 'takes FIPS and dual-stack endpoints',
      request: 'POST /',
      headers: { host: 'sts-fips.dualstack.us-gov-west-1.amazonaws.com' },
      to: 'sts',
    },
    {
      title: 'takes an endpoint of one account',
      request: 'POST /',
      headers: { host: '111122223333.ddb.us-east-1.amazonaws.com' },
      to: 'dynamodb',
    },
    {
      title: 'goes by this server and a region',
      request: 'POST /',
      headers: { host: 'SQS.eu-west-1.localhost.localstack.cloud:4566' },
      to: 'sqs',
    },
  ],
  'tier 4, path': [
    {
      title: 'goes by the pattern that fixes the most',
      request: 'GET /v2/apis',
      headers: { 'content-type': 'application/json' },
      to: 'plane ecr/registry',
    },
    { title: 'goes by a pattern', request: 'GET /2015-03-31/functions/', to: 'lambda' },
    { title: 'gives to S3 what looks like S3', request: 'GET /bucket/a/b', to: 's3' },
    { title: 'gives S3 nothing else', request: 'GET /', to: '404 UnknownOperationException (json)' },
    {
      title: 'gives S3 nothing that is signed for another',
      request: 'GET /bucket/a',
      headers: sigv4('redshift-data'),
      to: '501 NotImplemented (xml)',
    },
    { title: 'takes an odd escape', request: 'GET /bucket/%zz', to: 's3' },
    { title: 'takes the absolute form', request: 'GET http://localhost:4566/bucket/x', to: 's3' },
  ],
}

for (const [tier, cases] of Object.entries(tiers)) {
  t.test(tier, async t => {
    for (const { title, to, ...request } of cases) t.equal(say(router.route(headOf(request))), to, `${title}: ${request.request}`)
  })
}

t.test('an API call knows its account and region', async t => {
  const scopeOf = (request: string, headers: Record<string, string>) => {
    const head = headOf({ request, headers })
    const route = router.route(head)
    if (route.kind !== 'api') throw new Error(say(route))
    const { account, region, accessKeyId } = router.apiRoute(route, head)
    return { account, region, accessKeyId }
  }
  t.strictSame(scopeOf('POST /', sigv4('sqs', { key: '111122223333', region: 'eu-west-1' })), {
    account: '111122223333',
    region: 'eu-west-1',
    accessKeyId: '111122223333',
  })
  t.strictSame(scopeOf('POST /', sigv4('sqs', { key: 'AKIAOTHER' })), {
    account: '000000000000',
    region: 'us-east-1',
    accessKeyId: 'AKIAOTHER',
  })
  t.strictSame(scopeOf('POST /', sigv4('sqs', { key: 'ASIAISSUED' })), {
    account: '222222222222',
    region: 'us-east-1',
    accessKeyId: 'ASIAISSUED',
  })
  t.strictSame(scopeOf(`GET /b/k?${presigned('s3')}`, {}), { account: '000000000000', region: 'eu-west-1', accessKeyId: 'test' })
  t.strictSame(scopeOf('POST /', { host: 'sqs.ap-south-1.amazonaws.com' }), {
    account: '000000000000',
    region: 'ap-south-1',
    accessKeyId: undefined,
  })
  t.strictSame(scopeOf('POST /', { 'x-amz-target': 'AmazonSQS.ListQueues' }), {
    account: '000000000000',
    region: 'us-east-1',
    accessKeyId: undefined,
  })
})

t.test("an unreadable signature is refused in AWS's words", async t => {
  const refusalOf = (request: string, headers: Record<string, string>) => {
    const route = router.route(headOf({ request, headers }))
    return route.kind === 'refusal' ? route.message : say(route)
  }
  t.equal(
    refusalOf('POST /', {
      authorization: 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=h, Signature=0',
      'content-type': 'application/json',
    }),
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'",
  )
  t.equal(
    refusalOf('POST /', { authorization: 'AWS4-HMAC-SHA256 Credential=a', 'content-type': 'application/json' }),
    "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. " +
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " +
      '(Hashed with SHA-256 and encoded with Base64) Authorization=520Nq5bS80gLhTcgcZzjkP74XCXMcdxItgMCiiN4K6U=',
  )
})
