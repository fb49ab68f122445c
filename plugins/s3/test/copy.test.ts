import { randomBytes } from 'node:crypto'
import t from 'tap'
import { bytesOf, refuses, startS3, textOf } from './kit.js'

const COPY = { Bucket: 'data', Key: 'copy', CopySource: 'data/k' }

t.test('CopyObject', async t => {
  t.test('refuses what S3 refuses', async t => {
    const s3 = await startS3(t)
    const { client } = s3
    await client.putObject({ Bucket: 'data', Key: 'k', Body: 'x' })
    await refuses(t, client.copyObject({ ...COPY, CopySource: 'data' }), 'InvalidArgument', {
      message: 'Invalid copy source object key',
      fields: { ArgumentName: 'x-amz-copy-source', ArgumentValue: 'data' },
    })
    await refuses(t, client.copyObject({ ...COPY, CopySource: 'data/%zz' }), 'InvalidArgument', {
      message: 'Invalid copy source encoding.',
    })
    await refuses(t, client.copyObject({ ...COPY, CopySource: 'data/none' }), 'NoSuchKey', { fields: { Key: 'none' } })
    await refuses(t, client.copyObject({ ...COPY, CopySource: 'nope/k' }), 'NoSuchBucket', { fields: { BucketName: 'nope' } })
    await refuses(t, client.copyObject({ ...COPY, MetadataDirective: 'KEEP' as 'COPY' }), 'InvalidArgument', {
      message: 'Unknown metadata directive.',
      fields: { ArgumentName: 'x-amz-metadata-directive', ArgumentValue: 'KEEP' },
    })
    await refuses(t, client.copyObject({ ...COPY, Key: 'k' }), 'InvalidRequest', {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    })
    await refuses(t, client.copyObject({ ...COPY, ExpectedSourceBucketOwner: '111111111111' }), 'AccessDenied')
  })

  t.test('copies bytes and metadata, or replaces what it is told to', async t => {
    const s3 = await startS3(t)
    const body = randomBytes(200_000)
    const { ETag } = await s3.client.putObject({
      Bucket: 'data',
      Key: 'k',
      Body: body,
      ContentType: 'a/b',
      Metadata: { m: '1' },
      Tagging: 't=1',
      StorageClass: 'STANDARD_IA',
    })
    const copied = await s3.client.copyObject(COPY)
    t.match(copied, { CopyObjectResult: { ETag, ChecksumCRC64NVME: String }, ServerSideEncryption: 'AES256' })
    t.match(await s3.client.headObject({ Bucket: 'data', Key: 'copy' }), {
      ContentType: 'a/b',
      Metadata: { m: '1' },
      TagCount: 1,
      StorageClass: undefined,
    })
    await s3.client.copyObject({
      ...COPY,
      MetadataDirective: 'REPLACE',
      Metadata: { n: '2' },
      TaggingDirective: 'REPLACE',
      StorageClass: 'GLACIER_IR',
    })
    const head = await s3.client.headObject({ Bucket: 'data', Key: 'copy' })
    t.match(head, { ContentType: 'binary/octet-stream', Metadata: { n: '2' }, StorageClass: 'GLACIER_IR' })
    t.equal(head.TagCount, undefined)
    await s3.client.deleteObject({ Bucket: 'data', Key: 'k' })
    t.ok((await bytesOf(await s3.client.getObject({ Bucket: 'data', Key: 'copy' }))).equals(body), 'the copy outlives its source')
  })

  t.test('may copy an object to itself when something changes', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'x' })
    await s3.client.copyObject({ ...COPY, Key: 'k', StorageClass: 'STANDARD_IA' })
    t.equal((await s3.client.headObject({ Bucket: 'data', Key: 'k' })).StorageClass, 'STANDARD_IA')
    t.equal(await textOf(await s3.client.getObject({ Bucket: 'data', Key: 'k' })), 'x')
  })

  t.test('checks the source’s conditions, which all fail with 412', async t => {
    const s3 = await startS3(t)
    const { ETag } = await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'x' })
    const { client } = s3
    const past = new Date('2020-01-01')
    const failing = [
      [{ CopySourceIfMatch: '"y"' }, 'If-Match'],
      [{ CopySourceIfNoneMatch: ETag }, 'If-None-Match'],
      [{ CopySourceIfUnmodifiedSince: past }, 'If-Unmodified-Since'],
      [{ CopySourceIfModifiedSince: s3.clock.date() }, 'If-Modified-Since'],
    ] as const
    for (const [condition, name] of failing) {
      await refuses(t, client.copyObject({ ...COPY, ...condition }), 'PreconditionFailed', {
        status: 412,
        fields: { Condition: `x-amz-copy-source-${name}` },
      })
    }
    t.ok(await client.copyObject({ ...COPY, CopySourceIfMatch: ETag, CopySourceIfUnmodifiedSince: past }))
    await refuses(t, client.copyObject({ ...COPY, IfNoneMatch: '*' }), 'PreconditionFailed', { fields: { Condition: 'If-None-Match' } })
  })

  t.test('copies a version, and keys with any character', async t => {
    const s3 = await startS3(t)
    await s3.client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } })
    const Key = 'ü +?versionId=x/..'
    const { VersionId } = await s3.client.putObject({ Bucket: 'data', Key, Body: 'old' })
    await s3.client.putObject({ Bucket: 'data', Key, Body: 'new' })
    const copied = await s3.client.copyObject({ ...COPY, CopySource: `/data/${encodeURIComponent(Key)}?versionId=${VersionId}` })
    t.match(copied, { CopySourceVersionId: VersionId, VersionId: /^.{32}$/ })
    t.equal(await textOf(await s3.client.getObject({ Bucket: 'data', Key: 'copy' })), 'old')
  })

  t.test('is a PUT with a source on the wire', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'x' })
    const { status, body } = await s3.http({ method: 'PUT', url: '/data/copy', headers: { 'x-amz-copy-source': '/data/k' } })
    t.equal(status, 200)
    t.match(body, '<CopyObjectResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">')
    t.match(body, '<ETag>&quot;9dd4e461268c8034f5c8564e155c67a6&quot;</ETag>')
  })
})

t.test('RenameObject', async t => {
  t.test('refuses a missing source, itself, and unmet conditions', async t => {
    const s3 = await startS3(t)
    const rename = { Bucket: 'data', Key: 'new', RenameSource: 'k' }
    await refuses(t, s3.client.renameObject(rename), 'NoSuchKey')
    await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: 'x' })
    await refuses(t, s3.client.renameObject({ ...rename, Key: 'k' }), 'InvalidRequest')
    await refuses(t, s3.client.renameObject({ ...rename, SourceIfMatch: '"y"' }), 'PreconditionFailed')
    await s3.client.putObject({ Bucket: 'data', Key: 'new', Body: 'y' })
    await refuses(t, s3.client.renameObject({ ...rename, DestinationIfNoneMatch: '*' }), 'PreconditionFailed')
  })

  t.test('moves the object at once, and once for each token', async t => {
    const s3 = await startS3(t)
    await s3.client.putObject({ Bucket: 'data', Key: 'k', Body: randomBytes(100_000), ContentType: 'a/b' })
    const rename = { Bucket: 'data', Key: 'new', RenameSource: '/data/k', ClientToken: 'once' }
    await s3.client.renameObject(rename)
    await s3.client.renameObject(rename)
    t.same(
      (await s3.client.listObjectsV2({ Bucket: 'data' })).Contents?.map(o => o.Key),
      ['new'],
    )
    t.equal((await bytesOf(await s3.client.getObject({ Bucket: 'data', Key: 'new' }))).length, 100_000)
    await refuses(t, s3.client.renameObject({ ...rename, Key: 'other' }), 'IdempotencyParameterMismatch')
  })
})
