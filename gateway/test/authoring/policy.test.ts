import t from 'tap'
import { PolicySyntaxError, parsePolicy } from '../../src/authoring/policy.js'
import { evaluatePolicy, like, type PolicyRequest } from '../../src/authoring/policy-evaluation.js'
import type { Caller } from '../../src/runtime/context.js'

const root: Caller = { account: '111111111111', arn: 'arn:aws:iam::111111111111:root', userId: '111111111111', type: 'root' }
const session: Caller = {
  account: '111111111111',
  arn: 'arn:aws:sts::111111111111:assumed-role/app/one',
  userId: 'AROAX:one',
  type: 'role',
}
const anonymous: Caller = { account: '000000000000', arn: '', userId: 'anonymous', type: 'anonymous' }
const request = (changes: Partial<PolicyRequest> = {}): PolicyRequest => ({
  caller: root,
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::data/a.txt',
  ...changes,
})
const policy = (statement: object) =>
  parsePolicy(
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', ...statement }] }),
    'resource',
  )

t.test('a policy that breaks the grammar is refused with the reason', async t => {
  const refusals: [string, string][] = [
    ['{', 'This policy contains invalid Json'],
    ['[]', 'Invalid policy syntax.'],
    ['{"Version":"2012-10-17"}', 'Missing required field Statement'],
    ['{"Version":"2020-01-01","Statement":[]}', 'The policy must contain a valid version string'],
    ['{"Statement":[]}', 'Could not parse the policy: Statement is empty!'],
    ['{"Statement":[{"Effect":"Maybe"}]}', 'Invalid effect: Maybe'],
    ['{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}', 'Missing required field Principal'],
    ['{"Statement":[{"Effect":"Allow","Principal":"*","Resource":"*"}]}', 'Missing required field Action'],
    [
      '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","NotAction":"*","Resource":"*"}]}',
      'Statement has both Action and NotAction',
    ],
    ['{"Statement":[{"Effect":"Allow","Principle":"*"}]}', 'Unknown field Principle'],
    ['{"Statement":["Allow"]}', 'Invalid policy syntax.'],
    ['{"Statement":{"Sid":1,"Effect":"Allow"}}', 'Invalid policy syntax.'],
    ['{"Statement":{"Effect":"Allow","Principal":"*","Action":[1],"Resource":"*"}}', 'Invalid policy syntax.'],
    ['{"Statement":{"Effect":"Allow","Principal":"*","Action":[],"Resource":"*"}}', 'Missing required field Action cannot be empty!'],
    [
      '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEqual":{"a":"b"}}}}',
      'Invalid Condition type : StringEqual',
    ],
    [
      '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":{}}}}}',
      'Invalid policy syntax.',
    ],
  ]
  for (const [text, message] of refusals) t.throws(() => parsePolicy(text, 'resource'), new PolicySyntaxError(message))
  const identity = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}'
  t.throws(() => parsePolicy(identity, 'identity'), new PolicySyntaxError('Policy document should not specify a principal.'))
})

t.test('actions are matched without case, resources with it', async t => {
  t.equal(evaluatePolicy(policy({ Action: 'S3:get*', Resource: 'arn:aws:s3:::data/*' }), request()), 'allow')
  t.equal(evaluatePolicy(policy({ Resource: 'arn:aws:s3:::Data/*' }), request()), 'none')
  t.equal(evaluatePolicy(policy({ Action: undefined, NotAction: 's3:Get*' }), request()), 'none')
})

t.test('an explicit deny wins over an allow', async t => {
  const document = parsePolicy(
    JSON.stringify({
      Statement: [
        { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' },
        { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: '*' },
      ],
    }),
    'resource',
  )
  t.equal(evaluatePolicy(document, request()), 'deny')
  t.equal(evaluatePolicy(document, request({ action: 's3:PutObject' })), 'allow')
})

t.test('a principal is an account, a user, or the role behind a session', async t => {
  t.equal(evaluatePolicy(policy({ Principal: { AWS: '111111111111' } }), request({ caller: session })), 'allow')
  t.equal(evaluatePolicy(policy({ Principal: { AWS: 'arn:aws:iam::111111111111:root' } }), request({ caller: session })), 'allow')
  t.equal(evaluatePolicy(policy({ Principal: { AWS: 'arn:aws:iam::111111111111:role/app' } }), request({ caller: session })), 'allow')
  t.equal(evaluatePolicy(policy({ Principal: { AWS: 'arn:aws:iam::111111111111:role/other' } }), request({ caller: session })), 'none')
  t.equal(evaluatePolicy(policy({ Principal: { AWS: '111111111111' } }), request({ caller: anonymous })), 'none')
  t.equal(evaluatePolicy(policy({ Principal: { AWS: '*' } }), request({ caller: anonymous })), 'allow')
})

t.test('every condition must hold; a missing key satisfies only negated and IfExists operators', async t => {
  const conditions = { 'aws:sourceip': '10.1.2.3', 's3:prefix': 'logs/', 'aws:securetransport': 'false' }
  const decide = (Condition: object) => evaluatePolicy(policy({ Condition }), request({ conditions }))
  t.equal(decide({ StringEquals: { 's3:prefix': ['a', 'logs/'] } }), 'allow')
  t.equal(decide({ StringLike: { 's3:prefix': 'lo*' }, Bool: { 'aws:SecureTransport': true } }), 'none')
  t.equal(decide({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }), 'allow')
  t.equal(decide({ NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.168.0.0/16'] } }), 'none')
  t.equal(decide({ StringEquals: { 'aws:missing': 'x' } }), 'none')
  t.equal(decide({ StringEqualsIfExists: { 'aws:missing': 'x' } }), 'allow')
  t.equal(decide({ StringNotEquals: { 'aws:missing': 'x' } }), 'allow')
  t.equal(decide({ Null: { 'aws:missing': 'true' } }), 'allow')
  t.equal(decide({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:root' } }), 'allow')
})

t.test('addresses of both families are matched by their ranges', async t => {
  const decide = (range: string, address: string) =>
    evaluatePolicy(policy({ Condition: { IpAddress: { 'aws:SourceIp': range } } }), request({ conditions: { 'aws:sourceip': address } }))
  t.equal(decide('10.1.2.3', '10.1.2.3'), 'allow')
  t.equal(decide('10.1.2.3/32', '::ffff:10.1.2.3'), 'allow')
  t.equal(decide('0.0.0.0/0', '10.1.2.3'), 'allow')
  t.equal(decide('10.1.2.0/25', '10.1.2.200'), 'none')
  t.equal(decide('2001:db8:1234:5678::/64', '2001:DB8:1234:5678::9'), 'allow')
  t.equal(decide('2001:db8:1234:5678::/64', '2001:db8:1234:5679::9'), 'none')
  t.equal(decide('2001:db8::/32', '10.1.2.3'), 'none')
  t.equal(decide('nonsense/8', '10.1.2.3'), 'none')
})

t.test('a request tells who its caller is', async t => {
  const decide = (Condition: object, caller: Caller) => evaluatePolicy(policy({ Condition }), request({ caller }))
  const user: Caller = {
    account: '111111111111',
    arn: 'arn:aws:iam::111111111111:user/team/ann',
    userId: 'AIDAX',
    type: 'user',
    tags: { Team: 'core' },
  }
  const service: Caller = { account: '111111111111', arn: 'logging.s3.amazonaws.com', userId: '', type: 'service' }
  t.equal(decide({ ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/app' } }, session), 'allow', 'a session is its role')
  t.equal(decide({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/team/*' } }, user), 'allow')
  t.equal(decide({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:*:user/team/*' } }, user), 'none', 'no star reaches over a colon')
  t.equal(decide({ StringEquals: { 'aws:username': 'ann', 'aws:PrincipalType': 'User' } }, user), 'allow')
  t.equal(decide({ StringEquals: { 'aws:PrincipalTag/team': 'core' } }, user), 'allow')
  t.equal(decide({ StringEquals: { 'aws:PrincipalType': 'Account' } }, root), 'allow')
  t.equal(decide({ Bool: { 'aws:PrincipalIsAWSService': 'true' } }, service), 'allow')
  t.equal(decide({ Bool: { 'aws:PrincipalIsAWSService': 'true' } }, user), 'none')
  t.equal(decide({ Null: { 'aws:PrincipalArn': 'true' } }, anonymous), 'allow')
  t.equal(evaluatePolicy(policy({ Principal: { AWS: 'AROAX' } }), request({ caller: session })), 'allow', 'by its unique id')
})

t.test('sets of values are compared whole or one by one', async t => {
  const conditions = { 's3:requestobjecttagkeys': ['team', 'cost'] }
  const decide = (Condition: object) => evaluatePolicy(policy({ Condition }), request({ conditions }))
  t.equal(decide({ 'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['team', 'cost', 'more'] } }), 'allow')
  t.equal(decide({ 'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['team'] } }), 'none')
  t.equal(decide({ 'ForAnyValue:StringEquals': { 's3:RequestObjectTagKeys': ['team'] } }), 'allow')
  t.equal(decide({ 'ForAllValues:StringEquals': { 'aws:missing': 'x' } }), 'allow')
  t.equal(decide({ 'ForAnyValue:StringNotEquals': { 'aws:missing': 'x' } }), 'none')
})

t.test('policy variables stand for values of the request', async t => {
  const conditions = { 'aws:username': 'ann' }
  const resource = 'arn:aws:s3:::home/ann/file'
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the variable is the policy language's.
  const document = policy({ Resource: 'arn:aws:s3:::home/${aws:username}/*' })
  t.equal(evaluatePolicy(document, request({ resource, conditions })), 'allow')
  t.equal(evaluatePolicy(document, request({ resource })), 'none')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the variable is the policy language's.
  const withDefault = policy({ Resource: "arn:aws:s3:::home/${aws:username, 'ann'}/*" })
  t.equal(evaluatePolicy(withDefault, request({ resource })), 'allow')
})

t.test('wildcards match in time that is linear, whatever the pattern', async t => {
  t.ok(like('a*b?d*', 'aXXbcdYY'))
  t.notOk(like('a*b', 'aXXc'))
  t.ok(like('', ''))
  t.notOk(like('*a'.repeat(30), 'b'.repeat(10_000)))
})
