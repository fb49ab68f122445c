import { createHash } from 'node:crypto'
import t from 'tap'
import { codeOf, refuses, signed, startS3, visit } from './kit.js'

const HOME = '000000000000'
const OTHER = '111111111111'
const idOf = (account: string) => createHash('sha256').update(`canonical user of account ${account}`).digest('hex')
const inRegion = (LocationConstraint: string) => ({
  CreateBucketConfiguration: { LocationConstraint: LocationConstraint as 'eu-west-1' },
})

t.test('CreateBucket refuses', async t => {
  t.test('names that no bucket may have', async t => {
    const s3 = await startS3(t)
    for (const name of [
      'ab',
      'Upper',
      'a..b',
      '192.168.0.1',
      '-lead',
      'trail-',
      '.lead',
      'trail.',
      'xn--a',
      'sthree-x',
      'amzn-s3-demo-x',
      'x-s3alias',
      'x--ol-s3',
      'x.mrap',
      'x--table-s3',
      'x--use1-az4--x-s3',
      'under_score',
      'a'.repeat(64),
    ]) {
      await refuses(t, s3.client.createBucket({ Bucket: name }), 'InvalidBucketName', {
        status: 400,
        message: 'The specified bucket is not valid.',
        fields: { BucketName: name },
      })
    }
    for (const name of ['abc', 'a'.repeat(63), '1.2.3.4a', 'with.dots-and-dashes']) await s3.client.createBucket({ Bucket: name })
  })

  t.test('location constraints that do not fit the endpoint', async t => {
    const s3 = await startS3(t)
    for (const none of ['us-east-1', 'nowhere', 'xx-north-1', 'cn-north-1', 'us-gov-west-1']) {
      await refuses(t, s3.client.createBucket({ Bucket: 'north', ...inRegion(none) }), 'InvalidLocationConstraint', {
        status: 400,
        message: 'The specified location-constraint is not valid',
        fields: { LocationConstraint: none },
      })
    }
    const ireland = s3.as({ region: 'eu-west-1' })
    await refuses(t, ireland.createBucket({ Bucket: 'north' }), 'IllegalLocationConstraintException', {
      status: 400,
      message: 'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
    })
    await refuses(t, ireland.createBucket({ Bucket: 'north', ...inRegion('eu-north-1') }), 'IllegalLocationConstraintException', {
      message: 'The eu-north-1 location constraint is incompatible for the region specific endpoint this request was sent to.',
    })
    await refuses(
      t,
      s3.client.createBucket({ Bucket: 'zone', CreateBucketConfiguration: { Bucket: { Type: 'Directory' } } }),
      'NotImplemented',
      { status: 501, message: 'Directory buckets are not implemented in MiniStack' },
    )
  })

  t.test('the owner outside of us-east-1, and everyone else where names are global', async t => {
    const s3 = await startS3(t, { config: { s3GlobalNamespace: true } })
    const ireland = s3.as({ region: 'eu-west-1' })
    await ireland.createBucket({ Bucket: 'mine', ...inRegion('eu-west-1') })
    const owned = {
      status: 409,
      message: 'Your previous request to create the named bucket succeeded and you already own it.',
      fields: { BucketName: 'mine' },
    }
    await refuses(t, ireland.createBucket({ Bucket: 'mine', ...inRegion('eu-west-1') }), 'BucketAlreadyOwnedByYou', owned)
    await refuses(t, s3.client.createBucket({ Bucket: 'mine' }), 'BucketAlreadyOwnedByYou', owned)
    await refuses(t, s3.client.createBucket({ Bucket: 'data', ...inRegion('eu-west-1') }), 'BucketAlreadyOwnedByYou', { status: 409 })
    await refuses(t, s3.as({ account: OTHER }).createBucket({ Bucket: 'data' }), 'BucketAlreadyExists', {
      status: 409,
      message:
        'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      fields: { BucketName: 'data' },
    })
  })

  t.test('ACLs while they are off, and public ones always', async t => {
    const { client } = await startS3(t)
    const off = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
    for (const acl of [{ ACL: 'public-read' as const }, { ACL: 'authenticated-read' as const }, { GrantRead: `id=${idOf(OTHER)}` }])
      await refuses(t, client.createBucket({ Bucket: 'open', ...acl }), 'InvalidBucketAclWithObjectOwnership', {
        status: 400,
        message: off,
      })
    await refuses(
      t,
      client.createBucket({ Bucket: 'open', ObjectOwnership: 'ObjectWriter', ACL: 'public-read' }),
      'InvalidBucketAclWithBlockPublicAccessError',
      { status: 400, message: 'Bucket cannot have public ACLs set with BlockPublicAccess enabled' },
    )
    await refuses(t, client.createBucket({ Bucket: 'open', ObjectOwnership: 'Nobody' as 'ObjectWriter' }), 'InvalidArgument', {
      message: 'Invalid x-amz-object-ownership header',
      fields: { ArgumentName: 'x-amz-object-ownership', ArgumentValue: 'Nobody' },
    })
    await refuses(t, client.headBucket({ Bucket: 'open' }), 'NotFound')
  })

  t.test('names of an account’s regional namespace without its header, and other names with it', async t => {
    const { client } = await startS3(t)
    const create = (Bucket: string, BucketNamespace?: string) =>
      client.createBucket({ Bucket, BucketNamespace: BucketNamespace as 'account-regional' })
    await refuses(t, create(`logs-${HOME}-us-east-1-an`), 'InvalidBucketName', {})
    await refuses(t, create('logs', 'account-regional'), 'InvalidBucketName', {})
    await refuses(t, create(`logs-${OTHER}-us-east-1-an`, 'account-regional'), 'InvalidBucketName', {})
    await refuses(t, create(`logs-${HOME}-eu-west-1-an`, 'account-regional'), 'InvalidBucketName', {})
    await refuses(t, create('logs', 'galactic'), 'InvalidArgument', {
      message: 'Invalid x-amz-bucket-namespace header',
      fields: { ArgumentName: 'x-amz-bucket-namespace', ArgumentValue: 'galactic' },
    })
  })

  t.test('tags that break a rule', async t => {
    const { client } = await startS3(t)
    const Tags = [{ Key: 'aws:x', Value: 'y' }]
    await refuses(t, client.createBucket({ Bucket: 'tagged', CreateBucketConfiguration: { Tags } }), 'InvalidTag', {})
  })

  t.test('anonymous callers, and one bucket more than 10,000', async t => {
    const s3 = await startS3(t)
    t.equal((await visit(s3, { method: 'PUT', url: '/mine-at-last' })).status, 403)
    for (let i = 1; i < 10_000; i++) await s3.client.createBucket({ Bucket: `bucket-${i}` })
    await refuses(t, s3.client.createBucket({ Bucket: 'one-more' }), 'TooManyBuckets', {
      status: 400,
      message: 'You have attempted to create more buckets than allowed',
    })
    t.ok(await s3.as({ account: OTHER }).createBucket({ Bucket: 'one-more' }), 'each account counts by itself')
  })
})

t.test('CreateBucket behaves', async t => {
  t.test('by where the bucket is to be', async t => {
    const s3 = await startS3(t)
    t.same(await s3.client.createBucket({ Bucket: 'here' }), { Location: '/here', BucketArn: 'arn:aws:s3:::here' })
    t.same(await s3.client.createBucket({ Bucket: 'away', ...inRegion('eu-west-1') }), {
      Location: 'http://away.s3.amazonaws.com/',
      BucketArn: 'arn:aws:s3:::away',
    })
    await s3.client.createBucket({ Bucket: 'old', ...inRegion('EU') })
    t.same(await s3.client.getBucketLocation({ Bucket: 'old' }), { LocationConstraint: 'EU' })
    t.equal((await s3.client.headBucket({ Bucket: 'old' })).BucketRegion, 'eu-west-1')
    await s3.as({ region: 'ap-southeast-2' }).createBucket({ Bucket: 'down', ...inRegion('ap-southeast-2') })
    t.same(await s3.client.getBucketLocation({ Bucket: 'down' }), { LocationConstraint: 'ap-southeast-2' })
    const china = s3.as({ region: 'cn-north-1' })
    t.equal((await china.createBucket({ Bucket: 'china', ...inRegion('cn-north-1') })).BucketArn, 'arn:aws-cn:s3:::china')
  })

  t.test('in us-east-1 answers the owner as if the bucket were new, and sets its ACL anew', async t => {
    const { client } = await startS3(t)
    const ownership = { Bucket: 'mine', ObjectOwnership: 'ObjectWriter' as const }
    await client.createBucket({ ...ownership, GrantRead: `id=${idOf(OTHER)}`, GrantFullControl: `id=${idOf(HOME)}` })
    await client.putObject({ Bucket: 'mine', Key: 'k', Body: 'x' })
    t.equal((await client.getBucketAcl({ Bucket: 'mine' })).Grants?.length, 2)
    t.equal((await client.createBucket(ownership)).Location, '/mine')
    t.equal((await client.getBucketAcl({ Bucket: 'mine' })).Grants?.length, 1)
    t.ok(await client.headObject({ Bucket: 'mine', Key: 'k' }), 'the objects stay')
  })

  t.test('gives a bucket what every new one has', async t => {
    const { client } = await startS3(t)
    const B = { Bucket: 'data' }
    t.same((await client.getBucketOwnershipControls(B)).OwnershipControls?.Rules, [{ ObjectOwnership: 'BucketOwnerEnforced' }])
    t.same((await client.getPublicAccessBlock(B)).PublicAccessBlockConfiguration, {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    })
    t.same(await client.getBucketVersioning(B), {})
  })

  t.test('turns on what is asked for: object lock, ownership, grants, tags', async t => {
    const { client } = await startS3(t)
    const B = { Bucket: 'full' }
    const Tags = [{ Key: 'team', Value: 'core' }]
    await client.createBucket({
      ...B,
      ObjectLockEnabledForBucket: true,
      ObjectOwnership: 'BucketOwnerPreferred',
      GrantRead: `id=${idOf(OTHER)}, id="${idOf(HOME)}"`,
      CreateBucketConfiguration: { Tags },
    })
    t.same(await client.getBucketVersioning(B), { Status: 'Enabled' })
    t.same(await client.getObjectLockConfiguration(B), { ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } })
    t.same((await client.getBucketOwnershipControls(B)).OwnershipControls?.Rules, [{ ObjectOwnership: 'BucketOwnerPreferred' }])
    t.same(await client.getBucketAcl(B), {
      Owner: { ID: idOf(HOME) },
      Grants: [OTHER, HOME].map(account => ({ Grantee: { Type: 'CanonicalUser', ID: idOf(account) }, Permission: 'READ' })),
    })
    t.same(await client.getBucketTagging(B), { TagSet: Tags })
  })

  t.test('takes a name of the account’s regional namespace', async t => {
    const { client } = await startS3(t)
    const Bucket = `logs-${HOME}-us-east-1-an`
    t.equal((await client.createBucket({ Bucket, BucketNamespace: 'account-regional' })).Location, `/${Bucket}`)
    await client.createBucket({ Bucket: 'plain', BucketNamespace: 'global' })
  })

  t.test('gives two accounts a bucket of the same name, unless names are global', async t => {
    const s3 = await startS3(t)
    const other = s3.as({ account: OTHER })
    await other.createBucket({ Bucket: 'data' })
    await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'mine' })
    await refuses(t, other.getObject({ Bucket: 'data', Key: 'k' }), 'NoSuchKey')
  })
})

t.test('CreateBucket on the wire', async t => {
  const s3 = await startS3(t)
  const put = (url: string, body?: string, headers: Record<string, string> = {}) =>
    s3.http({ method: 'PUT', url, headers, ...(body !== undefined && { body }) })
  const plain = await put('/wire')
  t.strictSame(
    [plain.status, plain.headers.location, plain.headers['x-amz-bucket-arn'], plain.body],
    [200, '/wire', 'arn:aws:s3:::wire', ''],
  )
  const constraint = '<LocationConstraint>eu-west-1</LocationConstraint>'
  const tags = '<Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags>'
  const xmlns = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
  const away = await put('/away', `<CreateBucketConfiguration ${xmlns}>${constraint}${tags}</CreateBucketConfiguration>`)
  t.strictSame([away.status, away.headers.location], [200, 'http://away.s3.amazonaws.com/'])
  t.match((await s3.http({ url: '/away?tagging', headers: signed({ region: 'eu-west-1' }) })).body, '<Key>a</Key><Value>b</Value>')
  const refused = await put(
    '/away-too',
    '<CreateBucketConfiguration><LocationConstraint>mars</LocationConstraint></CreateBucketConfiguration>',
  )
  t.match(
    refused.body,
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<Error><Code>InvalidLocationConstraint<\/Code><Message>The specified location-constraint is not valid<\/Message><LocationConstraint>mars<\/LocationConstraint><RequestId>[^<]+<\/RequestId><HostId>[^<]+<\/HostId><\/Error>$/,
  )
  t.equal(codeOf(await put('/away-too', '<Wrong/>')), 'MalformedXML')
  const headers = { 'x-amz-bucket-object-lock-enabled': 'true', 'x-amz-object-ownership': 'ObjectWriter', 'x-amz-acl': 'private' }
  t.equal((await put('/locked', undefined, headers)).status, 200)
  t.match((await s3.http({ url: '/locked?object-lock' })).body, '<ObjectLockEnabled>Enabled</ObjectLockEnabled>')
})
