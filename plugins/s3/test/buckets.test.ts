import t from 'tap'
import { codeOf, refuses, signed, startS3, visit } from './kit.js'

const B = { Bucket: 'data' }
const OTHER = '111111111111'

t.test('a name that no bucket can have is refused as such', async t => {
  const s3 = await startS3(t)
  for (const Bucket of ['ab', 'a'.repeat(256), 'a b', 'a/b', 'ä-bucket']) {
    await refuses(t, s3.client.listObjectsV2({ Bucket }), 'InvalidBucketName', {
      status: 400,
      message: 'The specified bucket is not valid.',
      fields: { BucketName: Bucket },
    })
  }
  await refuses(t, s3.client.listObjectsV2({ Bucket: 'Old_Name' }), 'NoSuchBucket', { status: 404 })
  t.match(await s3.http({ method: 'HEAD', url: '/ab' }), { status: 400, body: '' })
})

t.test('HeadBucket', async t => {
  t.test('refuses a bucket that is not there, and strangers', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.headBucket({ Bucket: 'nope' }), 'NotFound', { status: 404 })
    await refuses(t, s3.as({ account: OTHER }).headBucket(B), 'AccessDenied', { status: 403 })
    await refuses(t, s3.client.headBucket({ ...B, ExpectedBucketOwner: OTHER }), 'AccessDenied', { status: 403 })
    await refuses(t, s3.client.headBucket({ ...B, ExpectedBucketOwner: 'me' }), 'InvalidBucketOwnerAWSAccountID', { status: 400 })
  })

  t.test('behaves: tells where the bucket is', async t => {
    const { client } = await startS3(t)
    t.same(await client.headBucket({ ...B, ExpectedBucketOwner: '000000000000' }), {
      BucketRegion: 'us-east-1',
      AccessPointAlias: false,
      BucketArn: 'arn:aws:s3:::data',
    })
    t.ok(await client.headBucket({ Bucket: 'arn:aws:s3:::data' }), 'also by its ARN')
  })

  t.test('wire: headers and no body, whatever the answer', async t => {
    const s3 = await startS3(t)
    const head = await s3.http({ method: 'HEAD', url: '/data' })
    t.match(head.headers, {
      'x-amz-bucket-region': 'us-east-1',
      'x-amz-access-point-alias': 'false',
      'x-amz-bucket-arn': 'arn:aws:s3:::data',
    })
    t.strictSame([head.status, head.body], [200, ''])
    const missing = await s3.http({ method: 'HEAD', url: '/nope' })
    t.strictSame([missing.status, missing.body, missing.headers['x-amz-bucket-region']], [404, '', undefined])
    const refused = await visit(s3, { method: 'HEAD', url: '/data' })
    t.strictSame([refused.status, refused.body, refused.headers['x-amz-bucket-region']], [403, '', 'us-east-1'])
  })
})

t.test('DeleteBucket', async t => {
  t.test('refuses what is not there, not one’s own, or in use', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.deleteBucket({ Bucket: 'nope' }), 'NoSuchBucket', {
      status: 404,
      message: 'The specified bucket does not exist',
      fields: { BucketName: 'nope' },
    })
    await refuses(t, s3.as({ account: OTHER }).deleteBucket(B), 'AccessDenied')
    await s3.client.putObject({ ...B, Key: 'k', Body: 'x' })
    await refuses(t, s3.client.deleteBucket(B), 'BucketNotEmpty', {
      status: 409,
      message: 'The bucket you tried to delete is not empty',
      fields: { BucketName: 'data' },
    })
    await s3.client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
    await s3.client.deleteObject({ ...B, Key: 'k' })
    await refuses(t, s3.client.deleteBucket(B), 'BucketNotEmpty', {
      message: 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    })
  })

  t.test('refuses a bucket with access points', async t => {
    const s3 = await startS3(t)
    const control = s3.service<typeof import('@aws-sdk/client-s3-control')>('s3control')
    const point = { AccountId: '000000000000', Name: 'door' }
    await control.createAccessPoint({ ...point, ...B })
    await refuses(t, s3.client.deleteBucket(B), 'BucketHasAccessPointsAttached', {
      status: 400,
      message: 'The bucket you tried to delete has access points attached. Delete your access points before deleting your bucket.',
    })
    await control.deleteAccessPoint(point)
    await s3.client.deleteBucket(B)
  })

  t.test('behaves: the name starts anew', async t => {
    const { client } = await startS3(t)
    await client.createMultipartUpload({ ...B, Key: 'left' })
    await client.putBucketTagging({ ...B, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })
    await client.deleteBucket(B)
    await refuses(t, client.listObjectsV2(B), 'NoSuchBucket')
    await client.createBucket(B)
    t.same((await client.listMultipartUploads(B)).Uploads, [])
    await refuses(t, client.getBucketTagging(B), 'NoSuchTagSet')
  })

  t.test('wire: 204 and nothing', async t => {
    const s3 = await startS3(t)
    const { status, body } = await s3.http({ method: 'DELETE', url: '/data' })
    t.strictSame([status, body], [204, ''])
    const again = await s3.http({ method: 'DELETE', url: '/data' })
    t.equal(again.status, 404)
    t.match(
      again.body,
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<Error><Code>NoSuchBucket<\/Code><Message>The specified bucket does not exist<\/Message><BucketName>data<\/BucketName><RequestId>[^<]+<\/RequestId><HostId>[^<]+<\/HostId><\/Error>$/,
    )
  })
})

t.test('ListBuckets', async t => {
  t.test('refuses page sizes, tokens and regions that are none, and anonymous callers', async t => {
    const s3 = await startS3(t)
    for (const MaxBuckets of [0, 10_001, -1, 1.5]) {
      await refuses(t, s3.client.listBuckets({ MaxBuckets }), 'InvalidArgument', {
        status: 400,
        message: 'Argument max-buckets must be an integer between 1 and 10000',
        fields: { ArgumentName: 'max-buckets', ArgumentValue: String(MaxBuckets) },
      })
    }
    await refuses(t, s3.client.listBuckets({ ContinuationToken: '!' }), 'InvalidArgument', {
      message: 'The continuation token provided is incorrect',
      fields: { ArgumentName: 'continuation-token', ArgumentValue: '!' },
    })
    await refuses(t, s3.client.listBuckets({ BucketRegion: 'mars-1' }), 'InvalidArgument', {
      message: 'Argument value mars-1 is not a valid AWS Region',
      fields: { ArgumentName: 'bucket-region', ArgumentValue: 'mars-1' },
    })
    t.equal((await visit(s3, { url: '/', headers: { host: 's3.localhost:4566' } })).status, 403)
    const elsewhere = await s3.http({ url: '/?bucket-region=eu-west-1' })
    t.equal(codeOf(elsewhere), 'AuthorizationHeaderMalformed', 'a region is listed at its own endpoint')
  })

  t.test('behaves: lists the account’s buckets by name, whole or in pages', async t => {
    const s3 = await startS3(t)
    for (const Bucket of ['zoo', 'apple', 'banana']) await s3.client.createBucket({ Bucket })
    const all = await s3.client.listBuckets({})
    t.same(
      all.Buckets?.map(b => [b.Name, b.BucketRegion]),
      [
        ['apple', undefined],
        ['banana', undefined],
        ['data', undefined],
        ['zoo', undefined],
      ],
    )
    t.match(all.Owner?.ID, /^[0-9a-f]{64}$/)
    const first = await s3.client.listBuckets({ MaxBuckets: 3 })
    t.equal(first.Buckets?.length, 3)
    const rest = await s3.client.listBuckets({ MaxBuckets: 3, ContinuationToken: first.ContinuationToken })
    t.same(
      rest.Buckets?.map(b => b.Name),
      ['zoo'],
    )
    t.equal(rest.ContinuationToken, undefined)
    t.same((await s3.as({ account: OTHER }).listBuckets({})).Buckets, [])
  })

  t.test('behaves: filters by prefix and region, and then tells more', async t => {
    const s3 = await startS3(t)
    await s3.client.createBucket({ Bucket: 'day', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } })
    const named = async (input: object) => (await s3.client.listBuckets(input)).Buckets?.map(b => [b.Name, b.BucketRegion, b.BucketArn])
    const [data, day] = [
      ['data', 'us-east-1', 'arn:aws:s3:::data'],
      ['day', 'eu-west-1', 'arn:aws:s3:::day'],
    ]
    t.same(await named({ Prefix: 'da' }), [data, day])
    t.same(await named({ BucketRegion: 'eu-west-1' }), [day])
    t.same(await named({ Prefix: 'dat', BucketRegion: 'us-east-1' }), [data])
    t.same(await named({ Prefix: 'x' }), [])
    t.equal((await s3.client.listBuckets({ Prefix: 'x' })).Prefix, 'x')
  })

  t.test('wire: the document that S3 writes', async t => {
    const s3 = await startS3(t)
    const { body, headers } = await s3.http({ url: '/' })
    t.equal(headers['content-type'], 'application/xml')
    t.match(
      body,
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<ListAllMyBucketsResult xmlns="http:\/\/s3\.amazonaws\.com\/doc\/2006-03-01\/">.*<\/ListAllMyBucketsResult>$/,
    )
    t.match(body, '<Bucket><Name>data</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>')
    t.match(body, /<Owner><ID>[0-9a-f]{64}<\/ID><\/Owner>/)
    await s3.http({ method: 'PUT', url: '/next' })
    const page = await s3.http({ url: '/?max-buckets=1&prefix=' })
    t.match(
      page.body,
      '<Bucket><Name>data</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate><BucketRegion>us-east-1</BucketRegion><BucketArn>arn:aws:s3:::data</BucketArn></Bucket>',
    )
    const token = /<ContinuationToken>([^<]+)<\/ContinuationToken>/.exec(page.body)?.[1] ?? ''
    t.match((await s3.http({ url: `/?max-buckets=1&continuation-token=${encodeURIComponent(token)}` })).body, '<Name>next</Name>')
  })
})

t.test('GetBucketLocation', async t => {
  t.test('refuses a bucket that is not there, and strangers', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.getBucketLocation({ Bucket: 'nope' }), 'NoSuchBucket')
    await refuses(t, s3.as({ account: OTHER }).getBucketLocation(B), 'AccessDenied')
  })

  t.test('behaves: names the region, but for us-east-1', async t => {
    const { client } = await startS3(t)
    await client.createBucket({ Bucket: 'away', CreateBucketConfiguration: { LocationConstraint: 'sa-east-1' } })
    t.same(await client.getBucketLocation({ Bucket: 'away' }), { LocationConstraint: 'sa-east-1' })
    t.same(await client.getBucketLocation(B), { LocationConstraint: undefined })
  })

  t.test('wire: an empty element for us-east-1, from every region', async t => {
    const s3 = await startS3(t)
    for (const region of ['us-east-1', 'eu-west-1']) {
      const { body } = await s3.http({ url: '/data?location', headers: signed({ region }) })
      t.equal(
        body,
        '<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>',
      )
    }
  })
})

t.test('a request reaches the only account that has the bucket', async t => {
  const s3 = await startS3(t)
  await s3.client.putObject({ ...B, Key: 'k', Body: 'shared' })
  const Statement = [{ Effect: 'Allow', Principal: { AWS: OTHER }, Action: 's3:*', Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*'] }]
  await s3.client.putBucketPolicy({ ...B, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) })
  t.ok(await s3.as({ account: OTHER }).headObject({ ...B, Key: 'k' }))
  await s3.as({ account: '222222222222' }).createBucket(B)
  await refuses(t, s3.as({ account: OTHER }).listObjectsV2(B), 'NoSuchBucket', { fields: { BucketName: 'data' } })
})
