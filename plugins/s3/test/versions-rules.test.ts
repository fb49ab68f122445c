import t from 'tap'
import { refuses, startS3, textOf } from './kit.js'

const B = { Bucket: 'data' }
const K = { ...B, Key: 'k' }
const MIB = 1024 * 1024

async function versioned(t: Parameters<typeof startS3>[0], MFADelete?: 'Enabled') {
  const s3 = await startS3(t)
  const set = (Status: 'Enabled' | 'Suspended', members: object = {}) =>
    s3.client.putBucketVersioning({ ...B, VersioningConfiguration: { Status, ...members } })
  await s3.client.putBucketVersioning({
    ...B,
    VersioningConfiguration: { Status: 'Enabled', ...(MFADelete && { MFADelete }) },
    ...(MFADelete && { MFA: 'serial 123456' }),
  })
  const ids = async () => {
    const { Versions = [], DeleteMarkers = [] } = await s3.client.listObjectVersions(B)
    return [...Versions, ...DeleteMarkers].map(v => v.VersionId)
  }
  return { client: s3.client, http: s3.http, set, ids }
}

t.test('a bucket with MFA Delete', async t => {
  const denied = { message: 'Mfa Authentication must be used for this request', status: 403 }

  t.test('refuses to delete a version without the code, and lets anyone mark a key deleted', async t => {
    const { client } = await versioned(t, 'Enabled')
    const { VersionId } = await client.putObject({ ...K, Body: 'x' })
    await refuses(t, client.deleteObject({ ...K, VersionId }), 'AccessDenied', denied)
    t.match(await client.deleteObject(K), { DeleteMarker: true })
    t.same(await client.deleteObject({ ...K, VersionId, MFA: 'serial 123456' }), { VersionId })
  })

  t.test('refuses a whole DeleteObjects for one version in it', async t => {
    const { client, ids } = await versioned(t, 'Enabled')
    const { VersionId } = await client.putObject({ ...K, Body: 'x' })
    await client.putObject({ ...B, Key: 'l', Body: 'x' })
    const Objects = [{ Key: 'l' }, { Key: 'k', VersionId }]
    await refuses(t, client.deleteObjects({ ...B, Delete: { Objects } }), 'AccessDenied', denied)
    t.equal((await ids()).length, 2, 'nothing was deleted or marked')
    const done = await client.deleteObjects({ ...B, Delete: { Objects }, MFA: 'serial 123456' })
    t.same([done.Deleted?.length, done.Errors], [2, undefined])
  })

  t.test('takes the code to suspend versioning or to end MFA Delete', async t => {
    const { client, set } = await versioned(t, 'Enabled')
    t.same(await client.getBucketVersioning(B), { Status: 'Enabled', MFADelete: 'Enabled' })
    await refuses(t, set('Suspended'), 'AccessDenied', denied)
  })
})

t.test('the null version', async t => {
  t.test('is written over in a suspended bucket, and deleted by its name', async t => {
    const { client, set, ids } = await versioned(t)
    await set('Suspended')
    t.equal((await client.putObject({ ...K, Body: 'one' })).VersionId, 'null')
    t.equal((await client.putObject({ ...K, Body: 'two' })).VersionId, 'null')
    t.same(await ids(), ['null'])
    t.equal(await textOf(await client.getObject({ ...K, VersionId: 'null' })), 'two')
    t.same(await client.deleteObject({ ...K, VersionId: 'null' }), { VersionId: 'null' })
    t.same(await ids(), [])
  })

  t.test('gives way to a null marker, and that to a null version', async t => {
    const { client, set, ids } = await versioned(t)
    const { VersionId: kept } = await client.putObject({ ...K, Body: 'kept' })
    await set('Suspended')
    await client.putObject({ ...K, Body: 'null' })
    t.same(await client.deleteObject(K), { DeleteMarker: true, VersionId: 'null' })
    t.same(await client.deleteObject(K), { DeleteMarker: true, VersionId: 'null' })
    t.same(await ids(), [kept, 'null'])
    await refuses(t, client.getObject({ ...K, VersionId: 'null' }), 'MethodNotAllowed', { status: 405 })
    await client.putObject({ ...K, Body: 'again' })
    t.equal((await client.listObjectVersions(B)).DeleteMarkers?.length, 0)
    t.same(await client.deleteObject({ ...K, VersionId: 'null' }), { VersionId: 'null' })
    t.equal(await textOf(await client.getObject(K)), 'kept', 'what was under it comes up')
  })

  t.test('stays where it is when versioning comes back', async t => {
    const { client, set } = await versioned(t)
    await set('Suspended')
    await client.putObject({ ...K, Body: 'null' })
    await set('Enabled')
    const { VersionId } = await client.putObject({ ...K, Body: 'new' })
    t.not(VersionId, 'null')
    t.equal(await textOf(await client.getObject({ ...K, VersionId: 'null' })), 'null')
    await client.deleteObject({ ...K, VersionId })
    t.equal((await client.headObject(K)).VersionId, 'null')
  })

  t.test('may be named in a bucket without versions, whose answers tell none', async t => {
    const { client } = await startS3(t)
    t.equal((await client.putObject({ ...K, Body: 'x' })).VersionId, undefined)
    t.equal(await textOf(await client.getObject({ ...K, VersionId: 'null' })), 'x')
    t.equal((await client.headObject({ ...K, VersionId: 'null' })).VersionId, undefined)
    await refuses(t, client.getObject({ ...K, VersionId: 'v'.repeat(32) }), 'NoSuchVersion', { status: 404 })
    t.match(await client.deleteObject({ ...K, VersionId: 'null' }), { VersionId: 'null' })
  })
})

t.test('GetObjectAttributes', async t => {
  t.test('refuses', async t => {
    const { client } = await versioned(t)
    const ask = (members: object) => client.getObjectAttributes({ ...K, ObjectAttributes: ['ETag'], ...members })
    await refuses(t, ask({}), 'NoSuchKey', { status: 404 })
    const { VersionId } = await client.putObject({ ...K, Body: 'x' })
    await refuses(t, ask({ ObjectAttributes: [] }), 'InvalidArgument', {
      message: 'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
    })
    await refuses(t, ask({ ObjectAttributes: ['etag'] }), 'InvalidArgument', { message: 'Invalid attribute name specified.' })
    await refuses(t, ask({ VersionId: 'v'.repeat(32) }), 'NoSuchVersion')
    const marker = await client.deleteObject(K)
    await refuses(t, ask({}), 'NoSuchKey')
    await refuses(t, ask({ VersionId: marker.VersionId }), 'MethodNotAllowed', { status: 405 })
    t.same(await ask({ VersionId }), { LastModified: new Date('2026-01-01'), VersionId, ETag: '9dd4e461268c8034f5c8564e155c67a6' })
  })

  t.test('behaves: pages through parts that have checksums, and counts those that have none', async t => {
    const { client, http } = await versioned(t)
    const upload = async (ChecksumAlgorithm?: 'CRC32') => {
      const { UploadId } = await client.createMultipartUpload({ ...K, ChecksumAlgorithm })
      const Parts = []
      for (const [i, Body] of [Buffer.alloc(5 * MIB), Buffer.alloc(5 * MIB, 1), 'end'].entries()) {
        const PartNumber = i + 1
        const { ETag, ChecksumCRC32 } = await client.uploadPart({ ...K, UploadId, PartNumber, Body })
        Parts.push({ PartNumber, ETag, ChecksumCRC32 })
      }
      await client.completeMultipartUpload({ ...K, UploadId, MultipartUpload: { Parts } })
      return Parts
    }
    await upload()
    const ask = (members: object = {}) => client.getObjectAttributes({ ...K, ObjectAttributes: ['ObjectParts', 'ObjectSize'], ...members })
    t.match(await ask(), { ObjectSize: 10 * MIB + 3, ObjectParts: { TotalPartsCount: 3 } })
    t.equal((await ask()).ObjectParts?.Parts, undefined)
    const parts = await upload('CRC32')
    const first = (await ask({ MaxParts: 2 })).ObjectParts
    t.match(first, { TotalPartsCount: 3, PartNumberMarker: '0', NextPartNumberMarker: '2', MaxParts: 2, IsTruncated: true })
    t.match(first?.Parts, [
      { PartNumber: 1, Size: 5 * MIB, ChecksumCRC32: parts[0]?.ChecksumCRC32 },
      { PartNumber: 2, Size: 5 * MIB },
    ])
    const rest = (await ask({ PartNumberMarker: first?.NextPartNumberMarker })).ObjectParts
    t.match(rest, { PartNumberMarker: '2', IsTruncated: false, Parts: [{ PartNumber: 3, Size: 3 }] })
    const wire = (headers: Record<string, string>) =>
      http({ url: '/data/k?attributes', headers: { 'x-amz-object-attributes': 'ObjectParts', ...headers } })
    t.match((await wire({ 'x-amz-max-parts': 'x' })).body, 'Provided x-amz-max-parts not an integer or within integer range')
    t.match(
      (await wire({ 'x-amz-part-number-marker': 'x' })).body,
      'Provided x-amz-part-number-marker not an integer or within integer range',
    )
    t.match((await wire({ 'x-amz-max-parts': '1' })).body, '<ObjectParts><PartsCount>3</PartsCount><PartNumberMarker>0</PartNumberMarker>')
  })
})

t.test('RenameObject', async t => {
  t.test('refuses what its conditions don’t hold for, on either side', async t => {
    const { client } = await startS3(t)
    const past = new Date('2020-01-01')
    const future = new Date('2040-01-01')
    const { ETag } = await client.putObject({ ...B, Key: 'from', Body: 'x' })
    const { ETag: target } = await client.putObject({ ...B, Key: 'to', Body: 'y' })
    const rename = (members: object) => client.renameObject({ ...B, Key: 'to', RenameSource: 'from', ...members })
    for (const [members, Condition] of [
      [{ SourceIfMatch: target }, 'x-amz-rename-source-if-match'],
      [{ SourceIfNoneMatch: ETag }, 'x-amz-rename-source-if-none-match'],
      [{ SourceIfNoneMatch: '*' }, 'x-amz-rename-source-if-none-match'],
      [{ SourceIfModifiedSince: future }, 'x-amz-rename-source-if-modified-since'],
      [{ SourceIfUnmodifiedSince: past }, 'x-amz-rename-source-if-unmodified-since'],
      [{ DestinationIfMatch: ETag }, 'If-Match'],
      [{ DestinationIfNoneMatch: '*' }, 'If-None-Match'],
      [{ DestinationIfModifiedSince: future }, 'If-Modified-Since'],
      [{ DestinationIfUnmodifiedSince: past }, 'If-Unmodified-Since'],
    ] as const)
      await refuses(t, rename(members), 'PreconditionFailed', { status: 412, fields: { Condition } })
    await refuses(t, rename({ RenameSource: '' }), 'InvalidArgument')
    await refuses(t, rename({ RenameSource: '%zz' }), 'InvalidArgument')
    t.ok(await rename({ SourceIfMatch: ETag, DestinationIfMatch: target }))
    t.equal(await textOf(await client.getObject({ ...B, Key: 'to' })), 'x')
    await refuses(t, client.headObject({ ...B, Key: 'from' }), 'NotFound')
  })

  t.test('behaves: leaves a delete marker in a versioned bucket', async t => {
    const { client } = await versioned(t)
    await client.putObject({ ...K, Body: 'x', Metadata: { a: '1' }, Tagging: 't=1' })
    await client.renameObject({ ...B, Key: 'new', RenameSource: 'k' })
    t.match(await client.headObject({ ...B, Key: 'new' }), { Metadata: { a: '1' }, TagCount: 1 })
    t.match(await client.listObjectVersions({ ...B, Prefix: 'k' }), {
      DeleteMarkers: [{ IsLatest: true }],
      Versions: [{ IsLatest: false }],
    })
  })
})
