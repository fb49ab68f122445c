import t from 'tap'
import { codeOf, refuses, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const OTHER = '222222222222'

interface Tag {
  Key: string
  Value: string
}

t.test('PutBucketTagging', async t => {
  t.test('refuses tags that break a rule', async t => {
    const { client } = await startS3(t)
    const put = (...TagSet: Tag[]) => client.putBucketTagging({ ...B, Tagging: { TagSet } })
    await refuses(t, put({ Key: 'a', Value: '1' }, { Key: 'a', Value: '2' }), 'InvalidTag', {
      status: 400,
      message: 'Cannot provide multiple Tags with the same key',
      fields: { TagKey: 'a' },
    })
    for (const Key of ['aws:x', 'AWS:x', 'aws:cloudformation:stack-name']) {
      await refuses(t, put({ Key, Value: '1' }), 'InvalidTag', {
        message: 'System tags cannot be added/updated by requester',
        fields: { TagKey: Key },
      })
    }
    for (const Key of ['', 'k'.repeat(129), 'semi;colon', 'a\nb'])
      await refuses(t, put({ Key, Value: '' }), 'InvalidTag', {
        message: 'The TagKey you have provided is invalid',
        fields: { TagKey: Key },
      })
    for (const Value of ['v'.repeat(257), 'a<b'])
      await refuses(t, put({ Key: 'k', Value }), 'InvalidTag', { message: 'The TagValue you have provided is invalid' })
    await refuses(t, put(...Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' }))), 'BadRequest', {
      status: 400,
      message: 'Bucket tag count cannot be greater than 50',
    })
    await refuses(t, client.putBucketTagging({ ...B, Tagging: undefined }), 'MissingRequestBodyError')
    await refuses(t, client.putBucketTagging({ ...B, Tagging: { TagSet: undefined } }), 'MalformedXML')
    await refuses(t, client.putBucketTagging({ Bucket: 'nope', Tagging: { TagSet: [] } }), 'NoSuchBucket')
    await refuses(t, client.getBucketTagging(B), 'NoSuchTagSet', {})
  })

  t.test('refuses every change once attribute-based access control is on', async t => {
    const { client } = await startS3(t)
    await client.putBucketAbac({ ...B, AbacStatus: { Status: 'Enabled' } })
    const refusal = { status: 405 }
    await refuses(t, client.putBucketTagging({ ...B, Tagging: { TagSet: [] } }), 'MethodNotAllowed', refusal)
    await refuses(t, client.deleteBucketTagging(B), 'MethodNotAllowed', refusal)
    await client.putBucketAbac({ ...B, AbacStatus: { Status: 'Disabled' } })
    await client.putBucketTagging({ ...B, Tagging: { TagSet: [] } })
  })

  t.test('behaves: replaces all tags, and keeps their order', async t => {
    const { client } = await startS3(t)
    const TagSet = [
      { Key: 'b', Value: '2' },
      { Key: '1', Value: '' },
      { Key: 'k'.repeat(128), Value: 'v'.repeat(256) },
      { Key: 'ü 日 _.:/=+-@', Value: 'ü 日 _.:/=+-@' },
    ]
    await client.putBucketTagging({ ...B, Tagging: { TagSet } })
    t.strictSame(await client.getBucketTagging(B), { TagSet })
    const fifty = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: '' }))
    await client.putBucketTagging({ ...B, Tagging: { TagSet: fifty } })
    t.equal((await client.getBucketTagging(B)).TagSet?.length, 50)
  })
})

t.test('GetBucketTagging and DeleteBucketTagging', async t => {
  t.test('refuses a bucket without tags, and strangers', async t => {
    const s3 = await startS3(t)
    await refuses(t, s3.client.getBucketTagging(B), 'NoSuchTagSet', {
      status: 404,
      message: 'The TagSet does not exist',
      fields: { BucketName: 'data' },
    })
    await refuses(t, s3.as({ account: OTHER }).getBucketTagging(B), 'AccessDenied')
    await refuses(t, s3.as({ account: OTHER }).deleteBucketTagging(B), 'AccessDenied')
  })

  t.test('behaves: what is deleted is gone, and may be deleted again', async t => {
    const { client } = await startS3(t)
    await client.putBucketTagging({ ...B, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })
    await client.deleteBucketTagging(B)
    await refuses(t, client.getBucketTagging(B), 'NoSuchTagSet')
    await client.deleteBucketTagging(B)
  })

  t.test('wire: 204 for a change', async t => {
    const s3 = await startS3(t)
    const send = (method: string, body?: string) => s3.http({ method, url: '/data?tagging', ...(body !== undefined && { body }) })
    const content = '<TagSet><Tag><Key>a</Key><Value>1 &amp; 2</Value></Tag></TagSet>'
    const put = await send('PUT', `<Tagging>${content.replace('&amp;', '+')}</Tagging>`)
    t.strictSame([put.status, put.body], [204, ''])
    t.equal(
      (await send('GET')).body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content.replace('&amp;', '+')}</Tagging>`,
    )
    t.equal(codeOf(await send('PUT', `<Tagging>${content}</Tagging>`)), 'InvalidTag')
    const gone = await send('DELETE')
    t.strictSame([gone.status, gone.body], [204, ''])
    t.match((await send('GET')).body, '<Code>NoSuchTagSet</Code><Message>The TagSet does not exist</Message><BucketName>data</BucketName>')
    t.equal(codeOf(await send('PUT', '<Tagging><TagSet>')), 'MalformedXML')
  })
})
