import { createHash } from 'node:crypto'
import t from 'tap'
import { startS3 } from './kit.js'

/** Hosts whose first labels are the bucket. */
const HOSTS = [
  'BUCKET.s3.localhost:4566',
  'BUCKET.s3.localhost.localstack.cloud:4566',
  'BUCKET.s3.us-east-1.localhost:4566',
  'BUCKET.s3-us-east-1.localhost:4566',
  'BUCKET.s3.dualstack.us-east-1.localhost:4566',
  'BUCKET.s3.amazonaws.com',
  'BUCKET.s3.us-east-1.amazonaws.com',
  'BUCKET.localhost:4566',
]

type S3 = Awaited<ReturnType<typeof startS3>>
type Send = (method: string, path: string, body?: string, headers?: Record<string, string>) => ReturnType<S3['http']>

/** One request to each operation on objects, in whatever style `send` has. */
async function tour(t: Parameters<typeof startS3>[0], send: Send, bucket: string) {
  const ok = async (name: string, status: number, ...request: Parameters<Send>) => {
    const answer = await send(...request)
    t.equal(answer.status, status, `${name}: ${answer.status} ${answer.body.slice(0, 200)}`)
    return answer
  }
  const md5 = (body: string) => ({ 'content-md5': createHash('md5').update(body).digest('base64') })
  await ok('HeadBucket', 200, 'HEAD', '')
  await ok('PutObject', 200, 'PUT', '/dir/a%20b', 'hello')
  t.equal((await ok('GetObject', 200, 'GET', '/dir/a%20b')).body, 'hello')
  await ok('HeadObject', 200, 'HEAD', '/dir/a%20b')
  await ok('GetObjectAttributes', 200, 'GET', '/dir/a%20b?attributes', undefined, { 'x-amz-object-attributes': 'ETag' })
  await ok('PutObjectTagging', 200, 'PUT', '/dir/a%20b?tagging', '<Tagging><TagSet/></Tagging>')
  await ok('GetObjectTagging', 200, 'GET', '/dir/a%20b?tagging')
  await ok('GetObjectAcl', 200, 'GET', '/dir/a%20b?acl')
  await ok('CopyObject', 200, 'PUT', '/copy', '', { 'x-amz-copy-source': `/${bucket}/dir/a%20b` })
  await ok('RenameObject', 200, 'PUT', '/moved?renameObject', '', { 'x-amz-rename-source': 'copy' })
  t.match((await ok('ListObjects', 200, 'GET', '')).body, '<Key>dir/a b</Key>')
  t.match((await ok('ListObjectsV2', 200, 'GET', '?list-type=2&delimiter=%2F')).body, '<Prefix>dir/</Prefix>')
  t.match((await ok('ListObjectVersions', 200, 'GET', '?versions')).body, '<Key>moved</Key>')
  const begun = await ok('CreateMultipartUpload', 200, 'POST', '/parts?uploads', '')
  const id = /<UploadId>([^<]+)/.exec(begun.body)?.[1]
  const part = await ok('UploadPart', 200, 'PUT', `/parts?partNumber=1&uploadId=${id}`, 'hello')
  await ok('UploadPartCopy', 200, 'PUT', `/parts?partNumber=2&uploadId=${id}`, '', { 'x-amz-copy-source': `${bucket}/moved` })
  t.match((await ok('ListParts', 200, 'GET', `/parts?uploadId=${id}`)).body, '<PartNumber>2</PartNumber>')
  t.match((await ok('ListMultipartUploads', 200, 'GET', '?uploads')).body, `<UploadId>${id}</UploadId>`)
  const list = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part></CompleteMultipartUpload>`
  await ok('CompleteMultipartUpload', 200, 'POST', `/parts?uploadId=${id}`, list)
  await ok('AbortMultipartUpload', 404, 'DELETE', `/parts?uploadId=${id}`)
  await ok('DeleteObject', 204, 'DELETE', '/dir/a%20b')
  const many = '<Delete><Object><Key>moved</Key></Object><Object><Key>parts</Key></Object></Delete>'
  t.match((await ok('DeleteObjects', 200, 'POST', '?delete', many, md5(many))).body, '<Deleted><Key>parts</Key></Deleted>')
  t.notMatch((await ok('ListObjectsV2', 200, 'GET', '?list-type=2')).body, '<Key>')
}

t.test('every operation on objects is reached', async t => {
  t.test('by path', async t => {
    const s3 = await startS3(t)
    for (const slash of ['', '/'])
      await tour(
        t,
        (method, path, body, headers) =>
          s3.http({
            method,
            url: `/data${path === '' || path.startsWith('?') ? slash : ''}${path}`,
            ...(body && { body }),
            headers: headers ?? {},
          }),
        'data',
      )
  })

  for (const bucket of ['data', 'a.dotted.name']) {
    t.test(`by the host’s name, for a bucket called ${bucket}`, async t => {
      const s3 = await startS3(t)
      if (bucket !== 'data') await s3.client.createBucket({ Bucket: bucket })
      for (const host of HOSTS) {
        t.comment(host)
        await tour(
          t,
          (method, path, body, headers) =>
            s3.http({
              method,
              url: path.startsWith('/') ? path : `/${path}`,
              ...(body && { body }),
              headers: { ...headers, host: host.replace('BUCKET', bucket) },
            }),
          bucket,
        )
      }
    })
  }

  t.test('by an access point’s alias', async t => {
    const s3 = await startS3(t)
    const control = s3.service<typeof import('@aws-sdk/client-s3-control')>('s3control')
    await control.createAccessPoint({ AccountId: '000000000000', Name: 'point', Bucket: 'data' })
    const { Alias = '' } = await control.getAccessPoint({ AccountId: '000000000000', Name: 'point' })
    await tour(
      t,
      (method, path, body, headers) => s3.http({ method, url: `/${Alias}${path}`, ...(body && { body }), headers: headers ?? {} }),
      Alias,
    )
    const head = await s3.http({ method: 'HEAD', url: `/${Alias}` })
    t.equal(head.headers['x-amz-access-point-alias'], 'true')
  })
})

t.test('a key is the path’s bytes after the bucket, in either style', async t => {
  const s3 = await startS3(t)
  const paths = [
    ['/data//', '/'],
    ['/data//a', '/a'],
    ['/data/a//b/', 'a//b/'],
    ['/data/%2F', '/'],
    ['/data/a%2Fb', 'a/b'],
    ['/data/%00', '\u0000'],
    ['/data/%7F%01', '\u007f\u0001'],
    ['/data/a+b', 'a+b'],
    ['/data/a%20b%2B', 'a b+'],
    ['/data/%25', '%'],
    ['/data/%252F', '%2F'],
    ['/data/a%3Fb%23c', 'a?b#c'],
    ['/data/%F0%9F%99%82', '\u{1f642}'],
    ['/data/e%CC%81', 'e\u0301'],
    ['/data/%C3%A9', '\u00e9'],
    ['/data/soap', 'soap'],
    ['/data/data/data', 'data/data'],
  ] as const
  for (const [url, key] of paths) {
    t.equal((await s3.http({ method: 'PUT', url, body: key })).status, 200, url)
    t.equal((await s3.http({ url })).body, key)
    t.equal((await s3.http({ url: url.slice('/data'.length), headers: { host: 'data.s3.localhost:4566' } })).body, key, `${url} by host`)
    t.equal((await s3.client.headObject({ Bucket: 'data', Key: key })).ContentLength, Buffer.byteLength(key))
  }
  const keys = new Set(paths.map(([, key]) => key))
  t.same(
    new Set((await s3.client.listObjectsV2({ Bucket: 'data' })).Contents?.map(o => o.Key)),
    keys,
    'and no others, not even a normal form',
  )
})
