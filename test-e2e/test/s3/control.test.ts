import { lookup } from 'node:dns'
import { lookup as resolves } from 'node:dns/promises'
import { Agent } from 'node:http'
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import * as control from '@aws-sdk/client-s3-control'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import t, { type Test } from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { type ServerProcess, startServerProcess } from '../../src/server.js'

const ACCOUNT = '111122223333'
const ARN = `arn:aws:s3:eu-west-1:${ACCOUNT}:accesspoint`

/** Every operation of S3 Control that is there; each client's test must send them all. */
const OPERATIONS = [
  'CreateAccessPoint',
  'DeleteAccessPoint',
  'DeleteAccessPointPolicy',
  'DeletePublicAccessBlock',
  'GetAccessPoint',
  'GetAccessPointPolicy',
  'GetAccessPointPolicyStatus',
  'GetPublicAccessBlock',
  'ListAccessPoints',
  'ListTagsForResource',
  'PutAccessPointPolicy',
  'PutPublicAccessBlock',
  'TagResource',
  'UntagResource',
]

const policyFor = (name: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '222222222222' }, Action: 's3:GetObject', Resource: `${ARN}/${name}/object/*` }],
  })

/** Why the names that S3 Control's clients make can't be looked up here; `false` when they can. */
const noNames = await resolves(`${ACCOUNT}.localhost`).then(
  () => false as const,
  () => `${ACCOUNT}.localhost has no address on this machine (apt-get install libnss-myhostname)`,
)

/**
 * The environment in which a program reaches the server by names that need no address: the server takes what is sent to it as to a proxy.
 */
const byProxy = ({ endpoint }: ServerProcess) => ({
  ...clientEnv(endpoint),
  HTTP_PROXY: endpoint,
  http_proxy: endpoint,
  NO_PROXY: '',
  no_proxy: '',
})

async function start(t: Test): Promise<ServerProcess> {
  const server = await startServerProcess({ args: ['--services', 's3'] })
  t.teardown(() => server.stop())
  return server
}

// The CLI takes seconds to start, for each of its calls.
t.setTimeout(480_000)

t.test('the AWS CLI', { skip: missing('aws', '--version') }, async t => {
  const server = await start(t)
  const used = new Set<string>()
  const aws = async (args: string[], env: Record<string, string> = byProxy(server)) => {
    const { code, stdout, stderr } = await run('aws', [...args, '--output', 'json'], { env })
    t.equal(code, 0, `aws ${args.join(' ')} ${stderr}`)
    return stdout === '' ? {} : JSON.parse(stdout)
  }
  const call = (command: string, ...args: string[]) => {
    used.add(command.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()))
    return aws(['s3control', command, '--account-id', ACCOUNT, ...args])
  }

  t.test('sends every operation', async t => {
    const bucket = await run('aws', ['s3', 'mb', 's3://data'], { env: clientEnv(server.endpoint) })
    t.equal(bucket.code, 0, bucket.stderr)
    await call('put-public-access-block', '--public-access-block-configuration', 'BlockPublicAcls=true,IgnorePublicAcls=true')
    t.match(await call('get-public-access-block'), {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: false,
        RestrictPublicBuckets: false,
      },
    })
    await call('delete-public-access-block')
    const gone = await run('aws', ['s3control', 'get-public-access-block', '--account-id', ACCOUNT], { env: byProxy(server) })
    t.match(gone.stderr, 'NoSuchPublicAccessBlockConfiguration')
    const made = await call('create-access-point', '--name', 'by-cli', '--bucket', 'data', '--tags', 'Key=team,Value=core')
    t.match(made, { AccessPointArn: `${ARN}/by-cli`, Alias: /^by-cli-.*-s3alias$/ })
    t.match(await call('get-access-point', '--name', 'by-cli'), { Name: 'by-cli', Bucket: 'data', NetworkOrigin: 'Internet' })
    t.match(await call('list-access-points', '--bucket', 'data'), { AccessPointList: [{ Name: 'by-cli' }] })
    await call('put-access-point-policy', '--name', 'by-cli', '--policy', policyFor('by-cli'))
    t.match(await call('get-access-point-policy', '--name', 'by-cli'), { Policy: policyFor('by-cli') })
    t.match(await call('get-access-point-policy-status', '--name', 'by-cli'), { PolicyStatus: { IsPublic: false } })
    await call('delete-access-point-policy', '--name', 'by-cli')
    const arn = ['--resource-arn', `${ARN}/by-cli`]
    await call('tag-resource', ...arn, '--tags', 'Key=stage,Value=test')
    await call('untag-resource', ...arn, '--tag-keys', 'team')
    t.match(await call('list-tags-for-resource', ...arn), { Tags: [{ Key: 'stage', Value: 'test' }] })
    t.strictSame(
      [...used].sort(),
      OPERATIONS.filter(name => name !== 'DeleteAccessPoint'),
    )
  })

  t.test('reads and writes objects by an access point’s ARN and alias', async t => {
    const folder = t.testdir({ file: 'by access point' })
    const at = (Bucket: string) => ['--bucket', Bucket, '--key', 'k']
    const { Alias } = await call('get-access-point', '--name', 'by-cli')
    await aws(['s3api', 'put-object', ...at(`${ARN}/by-cli`), '--body', `${folder}/file`])
    t.match(await aws(['s3api', 'head-object', ...at(Alias)]), { ContentLength: 15 })
    t.match(await aws(['s3api', 'list-objects-v2', '--bucket', `${ARN}/by-cli`]), { Contents: [{ Key: 'k' }] })
    await call('delete-access-point', '--name', 'by-cli')
    t.strictSame([...used].sort(), OPERATIONS)
  })

  t.test('needs no proxy where its names have addresses', { skip: noNames }, async t => {
    t.same(await aws(['s3control', 'list-access-points', '--account-id', ACCOUNT], clientEnv(server.endpoint)), { AccessPointList: [] })
  })
})

const BOTO3 = `
import boto3, sys
from botocore.exceptions import ClientError
account, arn, policy, expected = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4].split(',')
s3, control = boto3.client('s3'), boto3.client('s3control')
used = set()
control.meta.events.register('before-call.s3-control', lambda model, **_: used.add(model.name))
s3.create_bucket(Bucket='data', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration={'BlockPublicPolicy': True})
block = control.get_public_access_block(AccountId=account)['PublicAccessBlockConfiguration']
assert block == {'BlockPublicAcls': False, 'IgnorePublicAcls': False, 'BlockPublicPolicy': True, 'RestrictPublicBuckets': False}, block
control.delete_public_access_block(AccountId=account)
try:
    control.get_public_access_block(AccountId=account)
    raise AssertionError('the block is still there')
except ClientError as e:
    assert e.response['Error']['Code'] == 'NoSuchPublicAccessBlockConfiguration', e.response
for name in ('by-boto3', 'second'):
    made = control.create_access_point(AccountId=account, Name=name, Bucket='data')
    assert made['AccessPointArn'] == arn + '/' + name, made
point = {'AccountId': account, 'Name': 'by-boto3'}
got = control.get_access_point(**point)
assert (got['Bucket'], got['BucketAccountId'], got['NetworkOrigin']) == ('data', account, 'Internet'), got
page = control.list_access_points(AccountId=account, MaxResults=1)
listed = [p['Name'] for p in page['AccessPointList']]
listed += [p['Name'] for p in control.list_access_points(AccountId=account, NextToken=page['NextToken'])['AccessPointList']]
assert listed == ['by-boto3', 'second'], listed
control.put_access_point_policy(Policy=policy, **point)
assert control.get_access_point_policy(**point)['Policy'] == policy
assert control.get_access_point_policy_status(**point)['PolicyStatus'] == {'IsPublic': False}
control.delete_access_point_policy(**point)
bucket = 'arn:aws:s3:::data'
control.tag_resource(AccountId=account, ResourceArn=bucket, Tags=[{'Key': 'a', 'Value': '1'}, {'Key': 'b', 'Value': '2'}])
control.untag_resource(AccountId=account, ResourceArn=bucket, TagKeys=['a'])
assert control.list_tags_for_resource(AccountId=account, ResourceArn=bucket)['Tags'] == [{'Key': 'b', 'Value': '2'}]
for name in (arn + '/by-boto3', got['Alias']):
    s3.put_object(Bucket=name, Key='k', Body=name.encode())
    assert s3.get_object(Bucket='data', Key='k')['Body'].read() == name.encode()
    assert [o['Key'] for o in s3.list_objects_v2(Bucket=name)['Contents']] == ['k']
control.delete_access_point(**point)
assert sorted(used) == expected, used

# A client of another region is sent on to the bucket's, and goes.
away = boto3.client('s3', region_name='us-east-1')
assert away.head_object(Bucket='data', Key='k')['ContentLength'] > 0
assert away.head_bucket(Bucket='data')['BucketRegion'] == 'eu-west-1'
print('done')
`

t.test('boto3 sends every operation, and follows to another region', { skip: missing('python3', '-c', 'import boto3') }, async t => {
  const server = await start(t)
  const args = ['-c', BOTO3, ACCOUNT, ARN, policyFor('by-boto3'), OPERATIONS.join(',')]
  const { code, stdout, stderr } = await run('python3', args, { env: byProxy(server) })
  t.equal(code, 0, stderr)
  t.equal(stdout, 'done\n')
})

t.test('the SDK for JavaScript', async t => {
  const server = await start(t)
  // What users need where account.localhost has no address: every name is looked up as the server's.
  const httpAgent = new Agent({ lookup: (_name, options, done) => lookup('localhost', options, done as never) })
  const settings = {
    endpoint: server.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler({ httpAgent }),
  }
  const s3 = new S3Client(settings)
  const client = new control.S3ControlClient(settings)
  const used = new Set<string>()
  client.middlewareStack.add(
    (next, context) => args => {
      used.add(String(context.commandName).replace(/Command$/, ''))
      return next(args)
    },
    { step: 'initialize' },
  )
  t.teardown(() => {
    s3.destroy()
    client.destroy()
    httpAgent.destroy()
  })

  t.test('sends every operation', async t => {
    const account = { AccountId: ACCOUNT }
    const point = { ...account, Name: 'by-js' }
    await s3.send(new CreateBucketCommand({ Bucket: 'data', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }))
    const block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }
    await client.send(new control.PutPublicAccessBlockCommand({ ...account, PublicAccessBlockConfiguration: block }))
    t.same((await client.send(new control.GetPublicAccessBlockCommand(account))).PublicAccessBlockConfiguration, block)
    await client.send(new control.DeletePublicAccessBlockCommand(account))
    await t.rejects(client.send(new control.GetPublicAccessBlockCommand(account)), control.NoSuchPublicAccessBlockConfiguration)
    const { AccessPointArn, Alias } = await client.send(new control.CreateAccessPointCommand({ ...point, Bucket: 'data' }))
    t.equal(AccessPointArn, `${ARN}/by-js`)
    t.match(await client.send(new control.GetAccessPointCommand(point)), { Name: 'by-js', Bucket: 'data', Alias, CreationDate: Date })
    t.match((await client.send(new control.ListAccessPointsCommand(account))).AccessPointList, [{ Name: 'by-js' }])
    await client.send(new control.PutAccessPointPolicyCommand({ ...point, Policy: policyFor('by-js') }))
    t.equal((await client.send(new control.GetAccessPointPolicyCommand(point))).Policy, policyFor('by-js'))
    t.same((await client.send(new control.GetAccessPointPolicyStatusCommand(point))).PolicyStatus, { IsPublic: false })
    await client.send(new control.DeleteAccessPointPolicyCommand(point))
    const resource = { ...account, ResourceArn: AccessPointArn }
    await client.send(new control.TagResourceCommand({ ...resource, Tags: [{ Key: 'a', Value: '1' }] }))
    t.same((await client.send(new control.ListTagsForResourceCommand(resource))).Tags, [{ Key: 'a', Value: '1' }])
    await client.send(new control.UntagResourceCommand({ ...resource, TagKeys: ['a'] }))

    for (const Bucket of [AccessPointArn, Alias]) {
      await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: String(Bucket) }))
      t.equal(await (await s3.send(new GetObjectCommand({ Bucket: 'data', Key: 'k' }))).Body?.transformToString(), Bucket)
      t.equal((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 1)
    }
    await client.send(new control.DeleteAccessPointCommand(point))
    t.strictSame([...used].sort(), OPERATIONS)
  })

  t.test('is told the region of a bucket that lives elsewhere, and goes there if it may', async t => {
    const away = new S3Client({ ...settings, region: 'us-east-1' })
    const byPath = new S3Client({ ...settings, region: 'us-east-1', forcePathStyle: true })
    const follows = new S3Client({ ...settings, region: 'us-east-1', followRegionRedirects: true })
    t.teardown(() => {
      for (const client of [away, byPath, follows]) client.destroy()
    })
    const command = new GetObjectCommand({ Bucket: 'data', Key: 'k' })
    const redirected = { name: 'PermanentRedirect', $metadata: { httpStatusCode: 301 } }
    await t.rejects(away.send(command), redirected)
    await t.rejects(byPath.send(command), redirected)
    t.ok(await follows.send(command))
  })
})
