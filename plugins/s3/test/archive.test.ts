import t from 'tap'
import { refuses, startS3, textOf } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }
const DAY = 24 * 60 * 60 * 1000

t.test('an archived object', async t => {
  t.test('can’t be read or copied until it is restored, and again when the copy’s time is over', async t => {
    const { client, clock, http } = await startS3(t)
    await client.putObject({ ...K, Body: 'cold', StorageClass: 'GLACIER' })
    await refuses(t, client.getObject(K), 'InvalidObjectState', {
      message: "The operation is not valid for the object's storage class",
      status: 403,
      fields: { StorageClass: 'GLACIER' },
    })
    await refuses(t, client.copyObject({ Bucket: 'data', Key: 'copy', CopySource: 'data/k' }), 'InvalidObjectState')
    t.equal((await client.headObject(K)).StorageClass, 'GLACIER')
    const restore = (days: number) =>
      http({ method: 'POST', url: '/data/k?restore', body: `<RestoreRequest><Days>${days}</Days></RestoreRequest>` })
    t.equal((await restore(1)).status, 202)
    t.equal((await client.headObject(K)).Restore, 'ongoing-request="true"')
    await refuses(t, client.restoreObject({ ...K, RestoreRequest: { Days: 1 } }), 'RestoreAlreadyInProgress', {
      message: 'Object restore is already in progress',
      status: 409,
    })
    await clock.advance(5000)
    t.equal((await client.headObject(K)).Restore, 'ongoing-request="false", expiry-date="Sat, 03 Jan 2026 00:00:00 GMT"')
    t.equal(await textOf(await client.getObject(K)), 'cold')
    t.equal((await restore(3)).status, 200)
    const listed = await client.listObjectsV2({ Bucket: 'data', OptionalObjectAttributes: ['RestoreStatus'] })
    t.match(listed.Contents, [{ RestoreStatus: { IsRestoreInProgress: false, RestoreExpiryDate: new Date('2026-01-05T00:00:00Z') } }])
    await clock.advance(5 * DAY)
    await refuses(t, client.getObject(K), 'InvalidObjectState')
  })

  t.test('is restored by rules', async t => {
    const { client } = await startS3(t)
    await client.putObject({ ...K, Body: 'warm' })
    const restore = (RestoreRequest: object) => client.restoreObject({ ...K, RestoreRequest })
    await refuses(t, restore({ Days: 1 }), 'InvalidObjectState')
    await client.putObject({ ...K, Body: 'cold', StorageClass: 'DEEP_ARCHIVE' })
    await refuses(t, restore({}), 'MalformedXML')
    await refuses(t, restore({ Days: 0 }), 'MalformedXML')
    await refuses(t, restore({ Days: 1, GlacierJobParameters: { Tier: 'Expedited' } }), 'InvalidArgument')
    await refuses(t, restore({ Type: 'SELECT' }), 'MalformedXML')
    await refuses(t, restore({ Type: 'ALL' }), 'MalformedXML')
    await refuses(t, restore({ Days: 1, Tier: 'Slow' }), 'MalformedXML')
    await client.putObject({ ...K, Body: 'moved', StorageClass: 'INTELLIGENT_TIERING' })
    await refuses(t, restore({ Days: 1 }), 'ObjectAlreadyInActiveTierError', { status: 403 })
  })
})

t.test('GetObjectAttributes', async t => {
  t.test('refuses no attributes and unknown ones', async t => {
    const { client } = await startS3(t)
    await client.putObject({ ...K, Body: 'x' })
    await refuses(t, client.getObjectAttributes({ ...K, ObjectAttributes: [] }), 'InvalidArgument')
    await refuses(t, client.getObjectAttributes({ ...K, ObjectAttributes: ['Colour' as 'ETag'] }), 'InvalidArgument', {
      message: 'Invalid attribute name specified.',
    })
  })

  t.test('answers what it is asked for', async t => {
    const { client, http } = await startS3(t)
    await client.putObject({ ...K, Body: 'x' })
    t.same(await client.getObjectAttributes({ ...K, ObjectAttributes: ['ObjectSize', 'ObjectParts'] }), {
      LastModified: new Date('2026-01-01T00:00:00Z'),
      ObjectSize: 1,
    })
    const { body } = await http({ url: '/data/k?attributes', headers: { 'x-amz-object-attributes': 'ETag,StorageClass' } })
    t.match(
      body,
      /<GetObjectAttributesResponse xmlns="http:\/\/s3.amazonaws.com\/doc\/2006-03-01\/"><ETag>9dd4e461268c8034f5c8564e155c67a6<\/ETag><StorageClass>STANDARD<\/StorageClass><\/GetObjectAttributesRespons/,
    )
  })
})
