import t from 'tap'
import { refuses, startS3, textOf } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }

async function versioned(t: Parameters<typeof startS3>[0]) {
  const s3 = await startS3(t)
  const set = (Status: 'Enabled' | 'Suspended') => s3.client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status } })
  await set('Enabled')
  return { ...s3, client: s3.client, clock: s3.clock, http: s3.http, set }
}

t.test('a versioned bucket keeps every version', async t => {
  const { client } = await versioned(t)
  const one = await client.putObject({ ...K, Body: 'one' })
  const two = await client.putObject({ ...K, Body: 'two' })
  t.match(one.VersionId, /^[A-Za-z0-9._-]{32}$/)
  t.equal(await textOf(await client.getObject(K)), 'two')
  t.equal(await textOf(await client.getObject({ ...K, VersionId: one.VersionId })), 'one')
  t.same(await client.deleteObject({ ...K, VersionId: two.VersionId }), { VersionId: two.VersionId })
  t.equal(await textOf(await client.getObject(K)), 'one')
})

t.test('a delete marker hides the object until it is removed', async t => {
  const { client, http } = await versioned(t)
  const { VersionId } = await client.putObject({ ...K, Body: 'x' })
  const deleted = await client.deleteObject(K)
  t.match(deleted, { DeleteMarker: true, VersionId: /^.{32}$/ })
  const get = await http({ url: '/data/k' })
  t.strictSame([get.status, get.headers['x-amz-delete-marker'], get.headers['x-amz-version-id']], [404, 'true', deleted.VersionId])
  await refuses(t, client.getObject({ ...K, VersionId: deleted.VersionId }), 'MethodNotAllowed', {
    message: 'The specified method is not allowed against this resource.',
    status: 405,
    fields: { Method: 'GET', ResourceType: 'DeleteMarker' },
  })
  const named = await http({ url: `/data/k?versionId=${deleted.VersionId}` })
  t.strictSame([named.status, named.headers.allow, named.headers['x-amz-delete-marker']], [405, 'DELETE', 'true'])
  t.same((await client.listObjectsV2({ Bucket: 'data' })).Contents, [])
  t.same(await client.deleteObject({ ...K, VersionId: deleted.VersionId }), { VersionId: deleted.VersionId, DeleteMarker: true })
  t.equal((await client.headObject(K)).VersionId, VersionId)
})

t.test('a delete marker is made even where there was nothing', async t => {
  const { client } = await versioned(t)
  t.match(await client.deleteObject(K), { DeleteMarker: true })
  t.equal((await client.listObjectVersions({ Bucket: 'data' })).DeleteMarkers?.length, 1)
})

t.test('what was written before versioning is the null version', async t => {
  const s3 = await startS3(t)
  await s3.client.putObject({ ...K, Body: 'before' })
  await s3.client.putBucketVersioning({ Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } })
  const { VersionId } = await s3.client.putObject({ ...K, Body: 'after' })
  t.equal(await textOf(await s3.client.getObject({ ...K, VersionId: 'null' })), 'before')
  t.same(
    (await s3.client.listObjectVersions({ Bucket: 'data' })).Versions?.map(v => [v.VersionId, v.IsLatest]),
    [
      [VersionId, true],
      ['null', false],
    ],
  )
})

t.test('a suspended bucket writes over its null version only', async t => {
  const { client, set } = await versioned(t)
  const { VersionId } = await client.putObject({ ...K, Body: 'kept' })
  await set('Suspended')
  t.equal((await client.putObject({ ...K, Body: 'one' })).VersionId, 'null')
  await client.putObject({ ...K, Body: 'two' })
  t.equal((await client.listObjectVersions({ Bucket: 'data' })).Versions?.length, 2)
  t.same(await client.deleteObject(K), { DeleteMarker: true, VersionId: 'null' })
  const listed = await client.listObjectVersions({ Bucket: 'data' })
  t.same(
    listed.Versions?.map(v => v.VersionId),
    [VersionId],
  )
  t.match(listed.DeleteMarkers, [{ VersionId: 'null', IsLatest: true }])
  t.equal(await textOf(await client.getObject({ ...K, VersionId })), 'kept')
})

t.test('deleting a version that is not there is no error', async t => {
  const { client } = await versioned(t)
  const VersionId = 'x'.repeat(32)
  t.same(await client.deleteObject({ ...K, VersionId }), { VersionId })
  await refuses(t, client.deleteObject({ ...K, VersionId: 'short' }), 'InvalidArgument', { message: 'Invalid version id specified' })
})

t.test('tags belong to a version', async t => {
  const { client } = await versioned(t)
  const { VersionId } = await client.putObject({ ...K, Body: 'one', Tagging: 'a=1' })
  await client.putObject({ ...K, Body: 'two' })
  t.same((await client.getObjectTagging(K)).TagSet, [])
  await client.putObjectTagging({ ...K, VersionId, Tagging: { TagSet: [{ Key: 'b', Value: '2' }] } })
  t.same(await client.getObjectTagging({ ...K, VersionId }), { TagSet: [{ Key: 'b', Value: '2' }], VersionId })
  await client.deleteObjectTagging({ ...K, VersionId })
  t.same((await client.getObjectTagging({ ...K, VersionId })).TagSet, [])
  const TagSet = Array.from({ length: 11 }, (_, i) => ({ Key: `${i}`, Value: '' }))
  await refuses(t, client.putObjectTagging({ ...K, Tagging: { TagSet } }), 'BadRequest', {
    message: 'Object tags cannot be greater than 10',
  })
})

t.test('ListObjectVersions', async t => {
  t.test('pages through versions and markers with both markers', async t => {
    const { client } = await versioned(t)
    for (const Key of ['a', 'b']) for (let i = 0; i < 3; i++) await client.putObject({ Bucket: 'data', Key, Body: `${i}` })
    await client.deleteObject({ Bucket: 'data', Key: 'a' })
    const all = await client.listObjectVersions({ Bucket: 'data' })
    t.equal(all.Versions?.length, 6)
    t.match(all.DeleteMarkers, [{ Key: 'a', IsLatest: true }])
    const seen: string[] = []
    let markers: { KeyMarker?: string; VersionIdMarker?: string } = {}
    for (let pages = 0; pages < 9; pages++) {
      const page = await client.listObjectVersions({ Bucket: 'data', MaxKeys: 2, ...markers })
      seen.push(...[...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])].map(v => v.VersionId ?? ''))
      if (!page.IsTruncated) break
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
    }
    t.same(
      seen,
      [...(all.DeleteMarkers ?? []), ...(all.Versions ?? [])].map(v => v.VersionId),
    )
  })

  t.test('refuses a version marker without a key marker', async t => {
    const { client } = await versioned(t)
    await refuses(t, client.listObjectVersions({ Bucket: 'data', VersionIdMarker: 'x'.repeat(32) }), 'InvalidArgument', {
      message: 'A version-id marker cannot be specified without a key marker.',
    })
    await refuses(t, client.listObjectVersions({ Bucket: 'data', KeyMarker: 'a', VersionIdMarker: '' }), 'InvalidArgument', {
      message: 'A version-id marker cannot be empty.',
    })
  })

  t.test('gathers common prefixes', async t => {
    const { client } = await versioned(t)
    for (const Key of ['a/1', 'a/2', 'b', 'c/1']) await client.putObject({ Bucket: 'data', Key, Body: '' })
    const page = await client.listObjectVersions({ Bucket: 'data', Delimiter: '/', MaxKeys: 2 })
    t.same(page.CommonPrefixes, [{ Prefix: 'a/' }])
    t.same(
      page.Versions?.map(v => v.Key),
      ['b'],
    )
    const rest = await client.listObjectVersions({
      Bucket: 'data',
      Delimiter: '/',
      KeyMarker: page.NextKeyMarker,
      VersionIdMarker: page.NextVersionIdMarker,
    })
    t.same([rest.CommonPrefixes, rest.Versions, rest.IsTruncated], [[{ Prefix: 'c/' }], [], false])
  })

  t.test('is the document that S3 writes', async t => {
    const { client, http } = await versioned(t)
    await client.putObject({ ...K, Body: 'x' })
    const { body } = await http({ url: '/data?versions' })
    t.match(body, '<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">')
    t.match(body, /<Version>.*<Key>k<\/Key><VersionId>.{32}<\/VersionId><IsLatest>true<\/IsLatest>.*<\/Version>/)
  })
})
