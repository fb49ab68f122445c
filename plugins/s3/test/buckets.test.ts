import t from 'tap'
import { refuses, startS3 } from './kit.js'

t.test('CreateBucket', async t => {
  t.test('refuses names that S3 refuses', async t => {
    const s3 = await startS3(t)
    for (const name of ['ab', 'Upper', 'a..b', '192.168.0.1', '-lead', 'trail-', 'xn--a', 'x-s3alias', 'under_score', 'a'.repeat(64)]) {
      await refuses(t, s3.client.createBucket({ Bucket: name }), 'InvalidBucketName', {
        message: 'The specified bucket is not valid.',
        fields: { BucketName: name },
      })
    }
  })

  t.test('refuses location constraints that do not fit the endpoint', async t => {
    const s3 = await startS3(t)
    const constraint = (LocationConstraint: string) => ({
      CreateBucketConfiguration: { LocationConstraint: LocationConstraint as 'eu-west-1' },
    })
    await refuses(t, s3.client.createBucket({ Bucket: 'north', ...constraint('us-east-1') }), 'InvalidLocationConstraint', {
      message: 'The specified location-constraint is not valid',
      fields: { LocationConstraint: 'us-east-1' },
    })
    const ireland = s3.as({ region: 'eu-west-1' })
    await refuses(t, ireland.createBucket({ Bucket: 'north' }), 'IllegalLocationConstraintException', {
      message: 'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
    })
    await refuses(t, ireland.createBucket({ Bucket: 'north', ...constraint('eu-north-1') }), 'IllegalLocationConstraintException', {
      message: 'The eu-north-1 location constraint is incompatible for the region specific endpoint this request was sent to.',
    })
    await ireland.createBucket({ Bucket: 'north', ...constraint('eu-west-1') })
    await refuses(t, ireland.createBucket({ Bucket: 'north', ...constraint('eu-west-1') }), 'BucketAlreadyOwnedByYou', {
      fields: { BucketName: 'north' },
    })
    t.same(await ireland.getBucketLocation({ Bucket: 'north' }), { LocationConstraint: 'eu-west-1' })
    t.equal((await s3.client.headBucket({ Bucket: 'north' })).BucketRegion, 'eu-west-1')
  })

  t.test('answers the owner in us-east-1 as if the bucket were new', async t => {
    const s3 = await startS3(t)
    t.equal((await s3.client.createBucket({ Bucket: 'data' })).Location, '/data')
  })

  t.test('gives two accounts a bucket of the same name, unless names are global', async t => {
    const s3 = await startS3(t)
    const other = s3.as({ account: '111111111111' })
    await other.createBucket({ Bucket: 'data' })
    await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'mine' })
    await refuses(t, other.getObject({ Bucket: 'data', Key: 'k' }), 'NoSuchKey')

    const global = await startS3(t, { config: { s3GlobalNamespace: true } })
    await refuses(t, global.as({ account: '111111111111' }).createBucket({ Bucket: 'data' }), 'BucketAlreadyExists', {
      status: 409,
      fields: { BucketName: 'data' },
    })
  })

  t.test('lets a request reach the only account that has the bucket', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'shared' })
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: '111111111111' }, Action: 's3:*', Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*'] },
    ]
    await s3.client.putBucketPolicy({ Bucket: 'data', Policy: JSON.stringify({ Version: '2012-10-17', Statement }) })
    t.ok(await s3.as({ account: '111111111111' }).headObject({ Bucket: 'data', Key: 'k' }))
    await s3.as({ account: '222222222222' }).createBucket({ Bucket: 'data' })
    await refuses(t, s3.as({ account: '111111111111' }).listObjectsV2({ Bucket: 'data' }), 'NoSuchBucket', {
      fields: { BucketName: 'data' },
    })
  })

  t.test('checks the expected owner', async t => {
    const s3 = await startS3(t)
    t.ok(await s3.client.headBucket({ Bucket: 'data', ExpectedBucketOwner: '000000000000' }))
    await refuses(t, s3.client.listObjectsV2({ Bucket: 'data', ExpectedBucketOwner: '111111111111' }), 'AccessDenied', { status: 403 })
    await refuses(t, s3.client.listObjectsV2({ Bucket: 'data', ExpectedBucketOwner: 'me' }), 'InvalidBucketOwnerAWSAccountID')
  })

  t.test('is a PUT of the bucket on the wire', async t => {
    const s3 = await startS3(t)
    const { status, headers, body } = await s3.http({ method: 'PUT', url: '/wire' })
    t.strictSame([status, headers.location, body], [200, '/wire', ''])
  })
})

t.test('HeadBucket and DeleteBucket', async t => {
  t.test('answer NotFound and NoSuchBucket for a bucket that is not there', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.headBucket({ Bucket: 'nope' }), 'NotFound', { status: 404 })
    await refuses(t, s3.client.deleteBucket({ Bucket: 'nope' }), 'NoSuchBucket', {
      message: 'The specified bucket does not exist',
      fields: { BucketName: 'nope' },
    })
    const head = await s3.http({ method: 'HEAD', url: '/nope' })
    t.strictSame([head.status, head.body], [404, ''])
  })

  t.test('refuse to delete what is in use', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'x' })
    await refuses(t, s3.client.deleteBucket({ Bucket: 'data' }), 'BucketNotEmpty', {
      message: 'The bucket you tried to delete is not empty',
      fields: { BucketName: 'data' },
    })
    await s3.client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } })
    await s3.client.deleteObject({ Bucket: 'data', Key: 'k' })
    await refuses(t, s3.client.deleteBucket({ Bucket: 'data' }), 'BucketNotEmpty', {
      message: 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    })
  })

  t.test('delete an empty bucket, whose name then starts anew', async t => {
    const s3 = await startS3(t)
    await s3.client.createMultipartUpload({ Bucket: 'data', Key: 'left' })
    t.equal((await s3.http({ method: 'DELETE', url: '/data' })).status, 204)
    await s3.client.createBucket({ Bucket: 'data' })
    t.same((await s3.client.listMultipartUploads({ Bucket: 'data' })).Uploads, [])
  })
})

t.test('ListBuckets', async t => {
  t.test('lists the account’s buckets by name, in pages if asked', async t => {
    const s3 = await startS3(t)
    for (const Bucket of ['zoo', 'apple', 'banana']) await s3.client.createBucket({ Bucket })
    const all = await s3.client.listBuckets({})
    t.same(
      all.Buckets?.map(b => b.Name),
      ['apple', 'banana', 'data', 'zoo'],
    )
    t.match(all.Owner?.ID, /^[0-9a-f]{64}$/)
    const first = await s3.client.listBuckets({ MaxBuckets: 3 })
    const rest = await s3.client.listBuckets({ MaxBuckets: 3, ContinuationToken: first.ContinuationToken })
    t.same(
      rest.Buckets?.map(b => b.Name),
      ['zoo'],
    )
    t.equal(rest.ContinuationToken, undefined)
    t.same(
      (await s3.client.listBuckets({ Prefix: 'b' })).Buckets?.map(b => [b.Name, b.BucketRegion]),
      [['banana', 'us-east-1']],
    )
    t.same((await s3.as({ account: '111111111111' }).listBuckets({})).Buckets, [])
  })

  t.test('refuses a page size that is none', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.listBuckets({ MaxBuckets: 0 }), 'InvalidArgument')
    await refuses(t, s3.client.listBuckets({ ContinuationToken: '!' }), 'InvalidArgument', {
      message: 'The continuation token provided is incorrect',
    })
  })

  t.test('is the document that S3 writes', async t => {
    const s3 = await startS3(t)
    const { body } = await s3.http({ url: '/' })
    t.match(body, '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">')
    t.match(body, '<Bucket><Name>data</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>')
  })
})

t.test('GetBucketLocation answers an empty element for us-east-1', async t => {
  const s3 = await startS3(t)
  const { body } = await s3.http({ url: '/data?location' })
  t.equal(
    body,
    '<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>',
  )
})

t.test('PutBucketVersioning', async t => {
  t.test('refuses what is no configuration', async t => {
    const s3 = await startS3(t)
    await refuses(
      t,
      s3.client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: {} }),
      'IllegalVersioningConfigurationException',
    )
    await refuses(
      t,
      s3.client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status: 'Enabled', MFADelete: 'Enabled' } }),
      'AccessDenied',
    )
  })

  t.test('enables and suspends', async t => {
    const s3 = await startS3(t)
    t.same(await s3.client.getBucketVersioning({ Bucket: 'data' }), {})
    for (const Status of ['Enabled', 'Suspended'] as const) {
      await s3.client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status } })
      t.same(await s3.client.getBucketVersioning({ Bucket: 'data' }), { Status })
    }
  })

  t.test('keeps MFA delete, which then guards versions', async t => {
    const s3 = await startS3(t)
    await s3.client.putBucketVersioning({
      Bucket: 'data',
      MFA: 'device 123456',
      VersioningConfiguration: { Status: 'Enabled', MFADelete: 'Enabled' },
    })
    const { VersionId } = await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'x' })
    await refuses(t, s3.client.deleteObject({ Bucket: 'data', Key: 'k', VersionId }), 'AccessDenied', {
      message: 'Mfa Authentication must be used for this request',
    })
    await s3.client.deleteObject({ Bucket: 'data', Key: 'k', VersionId, MFA: 'device 123456' })
    await refuses(t, s3.client.headObject({ Bucket: 'data', Key: 'k' }), 'NotFound')
  })
})

t.test('bucket tags', async t => {
  t.test('are refused when they break a rule', async t => {
    const s3 = await startS3(t)
    const put = (...TagSet: { Key: string; Value: string }[]) => s3.client.putBucketTagging({ Bucket: 'data', Tagging: { TagSet } })
    await refuses(t, put({ Key: 'a', Value: '1' }, { Key: 'a', Value: '2' }), 'InvalidTag', {
      message: 'Cannot provide multiple Tags with the same key',
    })
    await refuses(t, put({ Key: 'aws:x', Value: '1' }), 'InvalidTag', { message: 'System tags cannot be added/updated by requester' })
    await refuses(t, put({ Key: 'k'.repeat(129), Value: '' }), 'InvalidTag', { message: 'The TagKey you have provided is invalid' })
    await refuses(t, put({ Key: 'k', Value: 'v'.repeat(257) }), 'InvalidTag', { message: 'The TagValue you have provided is invalid' })
    await refuses(t, put(...Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' }))), 'BadRequest', {
      message: 'Bucket tag count cannot be greater than 50',
    })
    await refuses(t, s3.client.getBucketTagging({ Bucket: 'data' }), 'NoSuchTagSet', { message: 'The TagSet does not exist', status: 404 })
  })

  t.test('are put, read and deleted', async t => {
    const s3 = await startS3(t)
    const TagSet = [
      { Key: 'b', Value: '2' },
      { Key: '1', Value: '' },
    ]
    await s3.client.putBucketTagging({ Bucket: 'data', Tagging: { TagSet } })
    t.strictSame(await s3.client.getBucketTagging({ Bucket: 'data' }), { TagSet })
    t.equal((await s3.http({ method: 'DELETE', url: '/data?tagging' })).status, 204)
    await refuses(t, s3.client.getBucketTagging({ Bucket: 'data' }), 'NoSuchTagSet')
  })
})
