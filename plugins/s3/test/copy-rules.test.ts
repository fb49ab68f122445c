import type * as Control from '@aws-sdk/client-s3-control'
import t from 'tap'
import type { S3State } from '../src/state.js'
import type { ObjectData } from '../src/types.js'
import { refuses, startS3, textOf } from './kit.js'

const B = { Bucket: 'data' }
const COPY = { ...B, Key: 'copy', CopySource: 'data/k' }

t.test('a copy source', async t => {
  t.test('may be encoded or not, with a slash before it, an ARN, or an access point’s', async t => {
    const s3 = await startS3(t)
    const { client } = s3
    const control = s3.service<typeof Control>('s3control')
    const account = '000000000000'
    const { AccessPointArn = '' } = await control.createAccessPoint({ AccountId: account, Name: 'point', Bucket: 'data' })
    const { Alias = '' } = await control.getAccessPoint({ AccountId: account, Name: 'point' })
    const Key = 'dir/ä +%?#&=.txt'
    await client.putObject({ ...B, Key, Body: 'odd' })
    const encoded = encodeURIComponent(Key)
    const sources = [
      `data/${encoded}`,
      `/data/${encoded}`,
      encodeURIComponent(`data/${Key}`),
      encodeURIComponent(`/data/${Key}`),
      `data/${encoded.replaceAll('%2F', '/')}`,
      `data/${encoded.replaceAll('%20', '+')}`,
      `arn:aws:s3:::data/${encoded}`,
      `${AccessPointArn}/object/${encoded}`,
      encodeURIComponent(`${AccessPointArn}/object/${Key}`),
      `${Alias}/${encoded}`,
    ]
    for (const CopySource of sources) {
      await client.copyObject({ ...COPY, CopySource })
      t.equal(await textOf(await client.getObject({ ...B, Key: 'copy' })), 'odd', CopySource)
      await client.deleteObject({ ...B, Key: 'copy' })
    }
    await client.putObject({ ...B, Key: 'a b', Body: 'blank' })
    await client.copyObject({ ...COPY, CopySource: 'data/a+b' })
    t.equal(await textOf(await client.getObject({ ...B, Key: 'copy' })), 'blank', 'a plus sign that isn’t encoded is a blank')
  })

  t.test('is refused when it names nothing, or what can’t be copied', async t => {
    const s3 = await startS3(t)
    const { client } = s3
    for (const CopySource of ['', '/', 'data', 'data/', '/data/', '?versionId=null']) {
      await refuses(t, client.copyObject({ ...COPY, CopySource }), 'InvalidArgument', {
        message: 'Invalid copy source object key',
        fields: { ArgumentName: 'x-amz-copy-source', ArgumentValue: CopySource },
      })
    }
    await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
    const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: 'x' })
    const { VersionId: marker } = await client.deleteObject({ ...B, Key: 'k' })
    await refuses(t, client.copyObject(COPY), 'NoSuchKey', { status: 404, fields: { Key: 'k' } })
    await refuses(t, client.copyObject({ ...COPY, CopySource: `data/k?versionId=${marker}` }), 'InvalidRequest', {
      message: 'The source of a copy request may not specifically refer to a delete marker by version id.',
      status: 400,
    })
    await refuses(t, client.copyObject({ ...COPY, CopySource: 'data/k?versionId=' }), 'InvalidArgument', {
      message: 'Version id cannot be the empty string',
    })
    await refuses(t, client.copyObject({ ...COPY, CopySource: `data/k?versionId=${'v'.repeat(32)}` }), 'NoSuchVersion')
    t.ok(await client.copyObject({ ...COPY, CopySource: `data/k?versionId=${VersionId}` }), 'an old version under a marker can')
    await client.putObject({ ...B, Key: 'cold', Body: 'x', StorageClass: 'DEEP_ARCHIVE' })
    await refuses(t, client.copyObject({ ...COPY, CopySource: 'data/cold' }), 'InvalidObjectState', {
      message: "Operation is not valid for the source object's storage class",
      status: 403,
    })
  })

  t.test('is of the owner that is expected, as the target is', async t => {
    const { client } = await startS3(t)
    await client.putObject({ ...B, Key: 'k', Body: 'x' })
    const own = '000000000000'
    t.ok(await client.copyObject({ ...COPY, ExpectedBucketOwner: own, ExpectedSourceBucketOwner: own }))
    await refuses(t, client.copyObject({ ...COPY, ExpectedBucketOwner: '111111111111' }), 'AccessDenied', { status: 403 })
    await refuses(t, client.copyObject({ ...COPY, ExpectedSourceBucketOwner: '111111111111' }), 'AccessDenied', { status: 403 })
    await refuses(t, client.copyObject({ ...COPY, ExpectedBucketOwner: 'me' }), 'InvalidBucketOwnerAWSAccountID', { status: 400 })
  })
})

t.test('a copy onto itself', async t => {
  t.test('must change something', async t => {
    const { client } = await startS3(t)
    await client.putObject({ ...B, Key: 'k', Body: 'x', Metadata: { a: '1' } })
    const self = { ...COPY, Key: 'k' }
    const message =
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
    await refuses(t, client.copyObject(self), 'InvalidRequest', { message, status: 400 })
    await refuses(t, client.copyObject({ ...self, MetadataDirective: 'COPY', Metadata: { a: '2' } }), 'InvalidRequest', { message })
    for (const change of [
      { MetadataDirective: 'REPLACE', Metadata: { a: '2' } },
      { StorageClass: 'STANDARD' },
      { WebsiteRedirectLocation: '/there' },
      { ServerSideEncryption: 'AES256' },
      { TaggingDirective: 'REPLACE', Tagging: 'a=1' },
      { ChecksumAlgorithm: 'SHA256' },
    ] as const) {
      t.ok(await client.copyObject({ ...self, ...change }), JSON.stringify(change))
    }
    t.match(await client.headObject({ ...B, Key: 'k', ChecksumMode: 'ENABLED' }), {
      Metadata: { a: '2' },
      TagCount: 1,
      ChecksumSHA256: String,
    })
  })

  t.test('brings an old version back to the top', async t => {
    const { client } = await startS3(t)
    await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
    const { VersionId } = await client.putObject({ ...B, Key: 'k', Body: 'old' })
    await client.putObject({ ...B, Key: 'k', Body: 'new' })
    await client.copyObject({ ...COPY, Key: 'k', CopySource: `data/k?versionId=${VersionId}` })
    t.equal(await textOf(await client.getObject({ ...B, Key: 'k' })), 'old')
    t.equal((await client.listObjectVersions(B)).Versions?.length, 3)
  })
})

t.test('the directives of a copy', async t => {
  const { client } = await startS3(t)
  await client.createBucket({ Bucket: 'locked', ObjectLockEnabledForBucket: true })
  const L = { Bucket: 'locked', Key: 'k' }
  await client.putObject({
    ...L,
    Body: 'x',
    ContentType: 'a/b',
    Metadata: { a: '1' },
    Tagging: 't=1',
    StorageClass: 'STANDARD_IA',
    WebsiteRedirectLocation: '/there',
    ObjectLockLegalHoldStatus: 'ON',
  })

  t.test('take headers, metadata and tags along, and nothing else', async t => {
    await client.copyObject({ ...COPY, CopySource: 'locked/k', ContentType: 'ignored', Metadata: { b: '2' }, Tagging: 'ignored=1' })
    const head = await client.headObject({ ...B, Key: 'copy' })
    t.match(head, { ContentType: 'a/b', Metadata: { a: '1' }, TagCount: 1 })
    t.strictSame([head.StorageClass, head.WebsiteRedirectLocation, head.ObjectLockLegalHoldStatus], [undefined, undefined, undefined])
    t.same((await client.getObjectTagging({ ...B, Key: 'copy' })).TagSet, [{ Key: 't', Value: '1' }])
  })

  t.test('or replace each of the two on its own', async t => {
    await client.copyObject({ ...COPY, CopySource: 'locked/k', MetadataDirective: 'REPLACE', Metadata: { b: '2' } })
    const head = await client.headObject({ ...B, Key: 'copy' })
    t.match(head, { ContentType: 'binary/octet-stream', TagCount: 1 })
    t.same(head.Metadata, { b: '2' })
    await client.copyObject({ ...COPY, CopySource: 'locked/k', TaggingDirective: 'REPLACE', Tagging: 'u=2' })
    t.same((await client.getObjectTagging({ ...B, Key: 'copy' })).TagSet, [{ Key: 'u', Value: '2' }])
    t.same((await client.headObject({ ...B, Key: 'copy' })).Metadata, { a: '1' })
  })

  t.test('are refused by any other name', async t => {
    await refuses(t, client.copyObject({ ...COPY, CopySource: 'locked/k', MetadataDirective: 'copy' as 'COPY' }), 'InvalidArgument', {
      message: 'Unknown metadata directive.',
      fields: { ArgumentName: 'x-amz-metadata-directive', ArgumentValue: 'copy' },
    })
    await refuses(t, client.copyObject({ ...COPY, CopySource: 'locked/k', TaggingDirective: 'KEEP' as 'COPY' }), 'InvalidArgument', {
      message: 'Unknown tagging directive.',
      fields: { ArgumentName: 'x-amz-tagging-directive', ArgumentValue: 'KEEP' },
    })
  })
})

t.test('a source of more than 5 GiB is copied in parts only', async t => {
  const s3 = await startS3(t)
  const { client } = s3
  await client.putObject({ ...B, Key: 'k', Body: 'small in truth' })
  // The record of a large object: its bytes would take minutes to write and to read.
  const { buckets, objects } = (await s3.gateway.unit('s3')).state as S3State
  const index = objects.in(buckets.in({ account: '000000000000', region: 'us-east-1' }).get('data')!.id)
  index.put({ ...(index.current('k') as ObjectData), size: 5 * 1024 ** 3 + 1 })
  const refusal = {
    message: 'The specified copy source is larger than the maximum allowable size for a copy source: 5368709120',
    status: 400,
  }
  await refuses(t, client.copyObject(COPY), 'InvalidRequest', refusal)
  const { UploadId } = await client.createMultipartUpload({ ...B, Key: 'copy' })
  const part = (CopySourceRange?: string) => client.uploadPartCopy({ ...COPY, UploadId, PartNumber: 1, CopySourceRange })
  await refuses(t, part(), 'InvalidRequest', refusal)
  t.ok(await part('bytes=0-13'))
})

t.test('the source of an UploadPartCopy is read as a copy’s is', async t => {
  const { client } = await startS3(t)
  await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  const { VersionId, ETag } = await client.putObject({ ...B, Key: 'k', Body: 'hello' })
  const { UploadId } = await client.createMultipartUpload({ ...B, Key: 'target' })
  const part = (members: object) =>
    client.uploadPartCopy({ ...B, Key: 'target', UploadId, PartNumber: 1, CopySource: 'data/k', ...members })
  await refuses(t, part({ CopySource: 'data/none' }), 'NoSuchKey')
  await refuses(t, part({ CopySourceIfMatch: '"a"' }), 'PreconditionFailed', { fields: { Condition: 'x-amz-copy-source-If-Match' } })
  await refuses(t, part({ CopySourceIfNoneMatch: ETag }), 'PreconditionFailed', {
    fields: { Condition: 'x-amz-copy-source-If-None-Match' },
  })
  await refuses(t, part({ ExpectedSourceBucketOwner: '111111111111' }), 'AccessDenied')
  await refuses(t, part({ UploadId: 'gone' }), 'NoSuchUpload')
  await refuses(t, part({ PartNumber: 0 }), 'InvalidArgument')
  t.match(await part({ CopySource: `data/k?versionId=${VersionId}`, CopySourceRange: 'bytes=1-2' }), {
    CopySourceVersionId: VersionId,
    CopyPartResult: { ETag: String, LastModified: Date },
  })
  t.equal((await client.listParts({ ...B, Key: 'target', UploadId })).Parts?.[0]?.Size, 2)
})
