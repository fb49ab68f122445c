import t from 'tap'
import { bytesOf, refuses, startS3 } from './kit.js'

const K = { Bucket: 'data', Key: 'k' }

t.test('annotations', async t => {
  t.test('are refused by S3’s rules', async t => {
    const { client } = await startS3(t)
    const put = (members: object) => client.putObjectAnnotation({ ...K, AnnotationName: 'a', AnnotationPayload: 'x', ...members })
    await refuses(t, put({}), 'NoSuchKey')
    await client.putObject({ ...K, Body: 'x' })
    await refuses(t, put({ AnnotationName: '' }), 'InvalidAnnotationName', { status: 400 })
    await refuses(t, put({ AnnotationName: 'é'.repeat(257) }), 'AnnotationNameTooLong')
    await refuses(t, put({ AnnotationPayload: Buffer.from([0x61, 0xff]) }), 'UnsupportedMediaType', { status: 415 })
    await refuses(t, put({ AnnotationPayload: Buffer.from([0xc3]) }), 'UnsupportedMediaType')
    await refuses(t, put({ AnnotationPayload: 'x'.repeat(1024 ** 2 + 1) }), 'EntityTooLarge')
    await refuses(t, put({ AnnotationPayload: '' }), 'EntityTooSmall')
    await refuses(t, put({ ObjectIfMatch: '"y"' }), 'PreconditionFailed', { fields: { Condition: 'x-amz-object-if-match' } })
    await refuses(t, client.getObjectAnnotation({ ...K, AnnotationName: 'a' }), 'NoSuchAnnotation', { status: 404 })
    await refuses(t, client.deleteObjectAnnotation({ ...K, AnnotationName: 'a' }), 'NoSuchAnnotation')
  })

  t.test('are put, read, listed, copied and deleted', async t => {
    const { client } = await startS3(t)
    await client.putObject({ ...K, Body: 'x' })
    const long = 'ä'.repeat(100_000)
    for (const [AnnotationName, AnnotationPayload] of [
      ['b', 'two'],
      ['a', long],
      ['c', 'three'],
    ] as const) {
      t.match(await client.putObjectAnnotation({ ...K, AnnotationName, AnnotationPayload }), { Key: 'k', AnnotationName, ETag: String })
    }
    const got = await client.getObjectAnnotation({ ...K, AnnotationName: 'a', ChecksumMode: 'ENABLED' })
    t.match(got, { ContentLength: 200_000, ServerSideEncryption: 'AES256', ChecksumCRC64NVME: String })
    t.equal((await bytesOf({ Body: got.AnnotationPayload })).toString(), long)
    const first = await client.listObjectAnnotations({ ...K, MaxAnnotationResults: 2 })
    t.same(
      first.Annotations?.map(a => [a.AnnotationName, a.Size]),
      [
        ['a', 200_000],
        ['b', 3],
      ],
    )
    const rest = await client.listObjectAnnotations({ ...K, ContinuationToken: first.NextContinuationToken })
    t.same(
      rest.Annotations?.map(a => a.AnnotationName),
      ['c'],
    )
    t.equal(rest.NextContinuationToken, undefined)
    t.equal((await client.listObjectAnnotations({ ...K, AnnotationPrefix: 'b' })).AnnotationCount, 1)
    await client.copyObject({ Bucket: 'data', Key: 'copy', CopySource: 'data/k' })
    await client.copyObject({ Bucket: 'data', Key: 'bare', CopySource: 'data/k', AnnotationDirective: 'EXCLUDE' })
    await client.deleteObject(K)
    t.equal((await client.listObjectAnnotations({ Bucket: 'data', Key: 'bare' })).AnnotationCount, 0)
    const copied = await client.getObjectAnnotation({ Bucket: 'data', Key: 'copy', AnnotationName: 'a' })
    t.equal((await bytesOf({ Body: copied.AnnotationPayload })).toString(), long)
    await client.deleteObjectAnnotation({ Bucket: 'data', Key: 'copy', AnnotationName: 'a' })
    t.equal((await client.listObjectAnnotations({ Bucket: 'data', Key: 'copy' })).AnnotationCount, 2)
  })

  t.test('are told apart from the object on the wire', async t => {
    const { http } = await startS3(t)
    await http({ method: 'PUT', url: '/data/k', body: 'object' })
    const put = await http({ method: 'PUT', url: '/data/k?annotation&annotationName=note', body: 'text' })
    t.equal(put.status, 200)
    const get = await http({ url: '/data/k?annotation&annotationName=note&x-id=GetObjectAnnotation' })
    t.strictSame([get.status, get.body], [200, 'text'])
    const list = await http({ url: '/data/k?annotation&x-id=ListObjectAnnotations' })
    t.match(list.body, '<AnnotationName>note</AnnotationName>')
    t.equal((await http({ method: 'DELETE', url: '/data/k?annotation&annotationName=note' })).status, 204)
    t.equal((await http({ url: '/data/k' })).body, 'object')
  })
})
