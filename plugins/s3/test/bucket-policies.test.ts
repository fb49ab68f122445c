import { createHash } from 'node:crypto'
import t from 'tap'
import { codeOf, refuses, signed, startS3, visit } from './kit.js'

const B = { Bucket: 'data' }
const HOME = '000000000000'
const OTHER = '222222222222'
const ARN = 'arn:aws:s3:::data'
const idOf = (account: string) => createHash('sha256').update(`canonical user of account ${account}`).digest('hex')
const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const READ = { Effect: 'Allow', Principal: { AWS: OTHER }, Action: 's3:GetObject', Resource: `${ARN}/*` }
const PUBLIC = { ...READ, Principal: '*' }

t.test('PutBucketPolicy refuses', async t => {
  t.test('what is no policy, in AWS’s words', async t => {
    const { client } = await startS3(t)
    const refuse = (Policy: string, message: string) =>
      refuses(t, client.putBucketPolicy({ ...B, Policy }), 'MalformedPolicy', { status: 400, message })
    const mustBeJson = "Policies must be valid JSON and the first byte must be '{'"
    for (const text of ['', 'nonsense', ' {}', '[]']) await refuse(text, mustBeJson)
    await refuse('{"Version": "2012-10-17"', 'This policy contains invalid Json')
    await refuse('{"Version": "2012-10-17"}', 'Missing required field Statement')
    await refuse('{"Statement": []}', 'Could not parse the policy: Statement is empty!')
    await refuse('{"Version": "2020-02-02", "Statement": []}', 'The policy must contain a valid version string')
    await refuse('{"Statment": []}', 'Unknown field Statment')
    await refuse(`{"Statement": [], "x": "${'x'.repeat(20 * 1024)}"}`, 'Policy exceeds the maximum allowed document size.')
  })

  t.test('statements that lack something or have too much', async t => {
    const { client } = await startS3(t)
    const refuse = (change: object, message: string) =>
      refuses(t, client.putBucketPolicy({ ...B, Policy: policyOf({ ...READ, ...change }) }), 'MalformedPolicy', { status: 400, message })
    for (const field of ['Effect', 'Principal', 'Action', 'Resource'])
      await refuse({ [field]: undefined }, `Missing required field ${field}`)
    await refuse({ Action: [] }, 'Missing required field Action cannot be empty!')
    await refuse({ Resource: [] }, 'Missing required field Resource cannot be empty!')
    await refuse({ Effect: 'allow' }, 'Invalid effect: allow')
    await refuse({ Principle: '*' }, 'Unknown field Principle')
    await refuse({ Action: { s3: '*' } }, 'Invalid policy syntax.')
    await refuse({ Principal: undefined, NotPrincipal: { AWS: OTHER } }, 'Allow with NotPrincipal is not allowed.')
    const twice = policyOf({ ...READ, Sid: 'one' }, { ...READ, Sid: 'one' })
    await refuses(t, client.putBucketPolicy({ ...B, Policy: twice }), 'MalformedPolicy', {
      message: 'Statement IDs (SID) in a single policy must be unique.',
    })
  })

  t.test('actions, resources and principals that there aren’t', async t => {
    const { client } = await startS3(t)
    const refuse = (change: object, message: string) =>
      refuses(t, client.putBucketPolicy({ ...B, Policy: policyOf({ ...READ, ...change }) }), 'MalformedPolicy', { message })
    for (const Action of ['s3:Explode', 'sqs:SendMessage', 'GetObject', 's3:', 'sqs:*'])
      await refuse({ Action, Resource: [ARN, `${ARN}/*`] }, 'Policy has invalid action')
    for (const Resource of ['arn:aws:s3:::other/*', 'data/*', `${ARN}2/*`, 'arn:aws:s3:::dat', 'arn:aws:sqs:us-east-1:000000000000:data'])
      await refuse({ Resource }, 'Policy has invalid resource')
    await refuse({ Resource: ARN }, 'Action does not apply to any resource(s) in statement')
    await refuse({ Action: 's3:ListBucket' }, 'Action does not apply to any resource(s) in statement')
    await refuse({ Action: ['s3:GetObject', 's3:ListBucket'] }, 'Action does not apply to any resource(s) in statement')
    for (const Principal of [
      { AWS: 'me' },
      { AWS: 'arn:aws:iam::222222222222:user/*' },
      { Service: 'me' },
      { CanonicalUser: 'me' },
      {},
      'me',
      [],
    ])
      await refuse({ Principal }, 'Invalid principal in policy')
    await refuses(t, client.putBucketPolicy({ ...B, Policy: policyOf({ ...READ, Principal: { AWS: 'me' } }) }), 'MalformedPolicy', {
      fields: { Detail: '"AWS" : "me"' },
    })
  })

  t.test('conditions that there aren’t, or that the actions never have', async t => {
    const { client } = await startS3(t)
    const refuse = (Condition: object, message: string, change: object = {}) =>
      refuses(t, client.putBucketPolicy({ ...B, Policy: policyOf({ ...READ, ...change, Condition }) }), 'MalformedPolicy', { message })
    await refuse({ StringEqual: { 'aws:PrincipalArn': 'x' } }, 'Invalid Condition type : StringEqual')
    for (const key of ['s3:nothing', 'aws:Nothing', 'plain'])
      await refuse({ StringEquals: { [key]: 'x' } }, 'Policy has an invalid condition key')
    const never = 'Conditions do not apply to combination of actions and resources in statement'
    await refuse({ StringEquals: { 's3:prefix': 'x' } }, never)
    await refuse({ StringEquals: { 's3:x-amz-acl': 'private' } }, never)
    await refuse({ StringEquals: { 's3:x-amz-storage-class': 'GLACIER' } }, never, { Action: 's3:ListBucket', Resource: ARN })
  })

  t.test('public policies while they are blocked, and strangers', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.putBucketPolicy({ ...B, Policy: policyOf(PUBLIC) }), 'AccessDenied', {
      status: 403,
      message: `User: arn:aws:iam::${HOME}:root is not authorized to perform: s3:PutBucketPolicy on resource: "${ARN}" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
    })
    const other = s3.as({ account: OTHER })
    await refuses(t, other.putBucketPolicy({ ...B, Policy: policyOf(READ) }), 'AccessDenied', { status: 403, message: 'Access Denied' })
    await s3.client.putBucketPolicy({ ...B, Policy: policyOf({ ...READ, Action: 's3:*', Resource: ARN }) })
    await refuses(t, other.putBucketPolicy({ ...B, Policy: policyOf(READ) }), 'MethodNotAllowed', {
      status: 405,
      message: 'The specified method is not allowed against this resource.',
      fields: { Method: 'PUT', ResourceType: 'BUCKETPOLICY' },
    })
    await refuses(t, other.getBucketPolicy(B), 'MethodNotAllowed', { fields: { Method: 'GET', ResourceType: 'BUCKETPOLICY' } })
    await refuses(t, other.deleteBucketPolicy(B), 'MethodNotAllowed', { fields: { Method: 'DELETE', ResourceType: 'BUCKETPOLICY' } })
  })

  t.test('a policy that its author could not change again, unless it is meant', async t => {
    const s3 = await startS3(t)
    const caller = { account: HOME, arn: `arn:aws:iam::${HOME}:user/ann`, userId: 'AIDAX', type: 'user' as const }
    const ann = s3.as({ caller })
    const Policy = policyOf({ Effect: 'Deny', Principal: '*', Action: 's3:PutBucketPolicy', Resource: ARN })
    await refuses(t, ann.putBucketPolicy({ ...B, Policy }), 'AccessDenied')
    await ann.putBucketPolicy({ ...B, Policy, ConfirmRemoveSelfBucketAccess: true })
    await refuses(t, ann.putBucketPolicy({ ...B, Policy }), 'AccessDenied')
    await s3.client.putBucketPolicy({ ...B, Policy: policyOf(READ) })
  })
})

t.test('PutBucketPolicy behaves', async t => {
  t.test('takes what AWS takes', async t => {
    const { client } = await startS3(t)
    for (const change of [
      { Principal: { AWS: [HOME, `arn:aws:iam::${OTHER}:root`, `arn:aws:iam::${OTHER}:role/a/b`, 'AIDACKCEVSQ6C2EXAMPLE'] } },
      { Principal: { Service: 'logging.s3.amazonaws.com' } },
      { Principal: { CanonicalUser: idOf(OTHER) } },
      { Principal: { Federated: 'cognito-identity.amazonaws.com' } },
      { Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: OTHER } },
      { Action: ['s3:Get*', 'S3:PUTOBJECT'] },
      { Action: '*', Resource: '*' },
      { Action: undefined, NotAction: 's3:DeleteObject' },
      { Resource: ['arn:aws:s3:::dat?/*', 'arn:aws:s3:::*/*', `${ARN}/a/\${aws:username}/*`] },
      { Action: 's3:ListBucket', Resource: `${ARN}*`, Condition: { StringLike: { 's3:prefix': ['a', 'b*'] } } },
      {
        Condition: {
          Bool: { 'aws:SecureTransport': true },
          NumericLessThan: { 's3:signatureAge': 60000 },
          Null: { 's3:ExistingObjectTag/a': false },
        },
      },
    ]) {
      const Policy = policyOf({ ...READ, ...change })
      await client.putBucketPolicy({ ...B, Policy })
      t.equal((await client.getBucketPolicy(B)).Policy, Policy)
    }
    const single = `{"Version":"2008-10-17","Id":"mine","Statement":${JSON.stringify(READ)}}`
    await client.putBucketPolicy({ ...B, Policy: single })
    t.equal((await client.getBucketPolicy(B)).Policy, single, 'as it was sent')
  })

  t.test('the account’s root is never locked out of the policy', async t => {
    const { client } = await startS3(t)
    const Policy = policyOf({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [ARN, `${ARN}/*`] })
    await client.putBucketPolicy({ ...B, Policy })
    await refuses(t, client.listObjectsV2(B), 'AccessDenied')
    t.same(await client.getBucketPolicy(B), { Policy })
    await client.putBucketPolicy({ ...B, Policy })
    await client.deleteBucketPolicy(B)
    t.ok(await client.listObjectsV2(B))
  })
})

t.test('GetBucketPolicy and DeleteBucketPolicy', async t => {
  t.test('refuses where there is none', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.getBucketPolicy(B), 'NoSuchBucketPolicy', {
      status: 404,
      message: 'The bucket policy does not exist',
      fields: { BucketName: 'data' },
    })
    await refuses(t, client.getBucketPolicy({ Bucket: 'nope' }), 'NoSuchBucket')
    await refuses(t, client.deleteBucketPolicy({ Bucket: 'nope' }), 'NoSuchBucket')
  })

  t.test('behaves: a policy that is deleted says nothing any more', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ ...B, Key: 'k', Body: 'x' })
    await s3.client.putBucketPolicy({ ...B, Policy: policyOf(READ) })
    t.ok(await s3.as({ account: OTHER }).getObject({ ...B, Key: 'k' }))
    await s3.client.deleteBucketPolicy(B)
    await refuses(t, s3.as({ account: OTHER }).getObject({ ...B, Key: 'k' }), 'AccessDenied')
    await s3.client.deleteBucketPolicy(B)
  })

  t.test('wire: the text as it was sent, 204 for a change', async t => {
    const s3 = await startS3(t)
    const send = (method: string, body?: string) => s3.http({ method, url: '/data?policy', ...(body !== undefined && { body }) })
    const policy = `${policyOf(READ)}\n`
    const put = await send('PUT', policy)
    t.strictSame([put.status, put.body], [204, ''])
    t.match(await send('GET'), { body: policy, headers: { 'content-type': 'application/json' } })
    const gone = await send('DELETE')
    t.strictSame([gone.status, gone.body], [204, ''])
    t.match(
      (await send('GET')).body,
      '<Code>NoSuchBucketPolicy</Code><Message>The bucket policy does not exist</Message><BucketName>data</BucketName>',
    )
    const bad = await send('PUT', policy.replace('"222222222222"', '"me"'))
    t.match(
      bad.body,
      '<Code>MalformedPolicy</Code><Message>Invalid principal in policy</Message><Detail>&quot;AWS&quot; : &quot;me&quot;</Detail>',
    )
    t.equal(codeOf(await send('PUT', '')), 'MalformedPolicy')
    t.equal((await visit(s3, { url: '/data?policy' })).status, 403)
    t.equal((await s3.http({ url: '/data?policy', headers: signed({ account: OTHER }) })).status, 403)
  })
})

t.test('GetBucketPolicyStatus', async t => {
  t.test('refuses where there is no policy', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.getBucketPolicyStatus(B), 'NoSuchBucketPolicy', { status: 404, fields: { BucketName: 'data' } })
  })

  t.test('behaves: tells a policy for everyone from one for somebody', async t => {
    const { client } = await startS3(t)
    await client.deletePublicAccessBlock(B)
    const isPublic = async (...statements: object[]) => {
      await client.putBucketPolicy({ ...B, Policy: policyOf(...statements) })
      return (await client.getBucketPolicyStatus(B)).PolicyStatus?.IsPublic
    }
    t.equal(await isPublic(READ), false)
    t.equal(await isPublic(PUBLIC), true)
    t.equal(await isPublic({ ...READ, Principal: { AWS: ['*'] } }), true)
    t.equal(await isPublic({ ...PUBLIC, Effect: 'Deny' }), false, 'a denial lets nobody in')
    t.equal(await isPublic(READ, PUBLIC), true, 'one statement is enough')
    const unless = (operator: string, key: string, value: unknown) => isPublic({ ...PUBLIC, Condition: { [operator]: { [key]: value } } })
    t.equal(await unless('StringEquals', 'aws:SourceVpc', 'vpc-1'), false)
    t.equal(await unless('StringLike', 'aws:SourceVpc', 'vpc-*'), true)
    t.equal(await unless('StringEquals', 'aws:SourceVpce', ['vpce-1', 'vpce-2']), false)
    t.equal(await unless('StringNotEquals', 'aws:SourceVpc', 'vpc-1'), true)
    t.equal(await unless('StringEqualsIfExists', 'aws:SourceVpc', 'vpc-1'), true)
    t.equal(await unless('StringEquals', 'aws:PrincipalOrgID', 'o-1'), false)
    t.equal(await unless('ArnLike', 'aws:SourceArn', `arn:aws:sns:*:${OTHER}:*`), false, 'the account is told')
    t.equal(await unless('ArnLike', 'aws:SourceArn', 'arn:aws:sns:us-east-1:*:topic'), true)
    t.equal(await unless('StringLike', 's3:DataAccessPointArn', `arn:aws:s3:us-east-1:${OTHER}:accesspoint/*`), false)
    t.equal(await unless('StringEquals', 's3:DataAccessPointAccount', OTHER), false)
    t.equal(await unless('IpAddress', 'aws:SourceIp', '192.0.2.0/24'), false)
    t.equal(await unless('IpAddress', 'aws:SourceIp', '11.0.0.0/8'), false)
    t.equal(await unless('IpAddress', 'aws:SourceIp', '10.0.0.0/7'), true)
    t.equal(await unless('IpAddress', 'aws:SourceIp', '2001:db8::/32'), false)
    t.equal(await unless('IpAddress', 'aws:SourceIp', '2001::/16'), true)
    t.equal(await unless('IpAddress', 'aws:SourceIp', ['192.0.2.0/24', '0.0.0.0/0']), true)
    t.equal(await unless('StringLike', 'aws:Referer', 'https://a.example/*'), true, 'anyone may say so')
    t.equal(await unless('Bool', 'aws:SecureTransport', 'true'), true)
  })

  t.test('wire: one element', async t => {
    const s3 = await startS3(t)
    await s3.client.putBucketPolicy({ ...B, Policy: policyOf(READ) })
    t.equal(
      (await s3.http({ url: '/data?policyStatus' })).body,
      '<?xml version="1.0" encoding="UTF-8"?>\n<PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsPublic>false</IsPublic></PolicyStatus>',
    )
  })
})
