import t from 'tap'
import { BTree } from '../src/b-tree.js'
import { BlobStore } from '../src/blob-store.js'
import { afterPrefix, compareKeys, sortKey } from '../src/key-order.js'
import { walk } from '../src/listing.js'
import { ObjectIndex } from '../src/object-index.js'
import { refuses, startS3 } from './kit.js'

async function filled(t: Parameters<typeof startS3>[0], keys: readonly string[]) {
  const s3 = await startS3(t)
  for (const Key of keys) await s3.client.putObject({ Bucket: 'data', Key, Body: Key })
  return s3
}

t.test('keys are in the order of their UTF-8 bytes', async t => {
  const keys = ['', 'a', 'b', 'é', '\u{10000}', '\u{1f642}', '\uffee', '\ud7ff', '\ue000', 'a\u{1f642}', 'a\uffee', '\uffff']
  const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  t.same([...keys].sort(compareKeys), [...keys].sort(bytes))
  t.same(new BTree(keys.map(key => [sortKey(key), key] as [string, string])).valuesArray(), [...keys].sort(bytes))
  t.equal(afterPrefix('a/'), 'a0')
  t.equal(afterPrefix('a\uffff'), 'b')
  t.equal(afterPrefix('\uffff'), undefined)
})

t.test('ListObjectsV2', async t => {
  t.test('refuses what S3 refuses', async t => {
    const { client } = await startS3(t)
    await refuses(t, client.listObjectsV2({ Bucket: 'nope' }), 'NoSuchBucket')
    await refuses(t, client.listObjectsV2({ Bucket: 'data', ContinuationToken: 'bogus' }), 'InvalidArgument', {
      message: 'The continuation token provided is incorrect',
      fields: { ArgumentName: 'continuation-token', ArgumentValue: 'bogus' },
    })
    await refuses(t, client.listObjectsV2({ Bucket: 'data', MaxKeys: -1 }), 'InvalidArgument', {
      message: 'Argument maxKeys must be an integer between 0 and 2147483647',
      fields: { ArgumentName: 'maxKeys', ArgumentValue: '-1' },
    })
    await refuses(t, client.listObjectsV2({ Bucket: 'data', EncodingType: 'hex' as 'url' }), 'InvalidArgument', {
      message: 'Invalid Encoding Method specified in Request',
      fields: { ArgumentName: 'encoding-type', ArgumentValue: 'hex' },
    })
  })

  t.test('lists what is in an entry', async t => {
    const { client, clock } = await filled(t, ['k'])
    const page = await client.listObjectsV2({ Bucket: 'data', FetchOwner: true })
    t.match(page, { Name: 'data', Prefix: '', MaxKeys: 1000, KeyCount: 1, IsTruncated: false })
    t.match(page.Contents, [
      {
        Key: 'k',
        Size: 1,
        StorageClass: 'STANDARD',
        ETag: '"8ce4b16b22b58894aa86c421e8759df3"',
        LastModified: clock.date(),
        ChecksumAlgorithm: ['CRC64NVME'],
        ChecksumType: 'FULL_OBJECT',
        Owner: { ID: /^[0-9a-f]{64}$/ },
      },
    ])
    t.equal((await client.listObjectsV2({ Bucket: 'data' })).Contents?.[0]?.Owner, undefined)
  })

  t.test('pages with tokens over keys and common prefixes', async t => {
    const keys = ['a', 'b/1', 'b/2', 'c', 'd/1', 'd/2/x', 'e']
    const { client } = await filled(t, keys)
    const pages = async (query: object) => {
      const seen: string[] = []
      let ContinuationToken: string | undefined
      do {
        const page = await client.listObjectsV2({ Bucket: 'data', MaxKeys: 2, ...query, ContinuationToken })
        seen.push([...(page.Contents ?? []).map(o => o.Key), ...(page.CommonPrefixes ?? []).map(p => p.Prefix)].join(' '))
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken)
      return seen
    }
    t.same(await pages({}), ['a b/1', 'b/2 c', 'd/1 d/2/x', 'e'])
    t.same(await pages({ Delimiter: '/' }), ['a b/', 'c d/', 'e'])
    t.same(await pages({ Delimiter: '/', Prefix: 'd/' }), ['d/1 d/2/'])
    t.same(await pages({ Prefix: 'b' }), ['b/1 b/2'])
    t.same(await pages({ StartAfter: 'c' }), ['d/1 d/2/x', 'e'])
    t.same(await pages({ Prefix: 'zzz' }), [''])
  })

  t.test('answers an empty page for max-keys 0', async t => {
    const { client } = await filled(t, ['a'])
    t.match(await client.listObjectsV2({ Bucket: 'data', MaxKeys: 0 }), { Contents: [], KeyCount: 0, IsTruncated: false, MaxKeys: 0 })
  })

  t.test('takes a delimiter of several characters, and a prefix within one', async t => {
    const { client } = await filled(t, ['a::b::c', 'a::d', 'a:e'])
    const page = await client.listObjectsV2({ Bucket: 'data', Delimiter: '::', Prefix: 'a::' })
    t.same(page.CommonPrefixes, [{ Prefix: 'a::b::' }])
    t.same(
      page.Contents?.map(o => o.Key),
      ['a::d'],
    )
  })

  t.test('encodes keys when asked', async t => {
    const { client, http } = await filled(t, ['a b+/é', 'c~*'])
    const page = await client.listObjectsV2({ Bucket: 'data', EncodingType: 'url', Delimiter: '+/' })
    t.same(page.CommonPrefixes, [{ Prefix: 'a+b%2B/' }])
    t.same(
      page.Contents?.map(o => o.Key),
      ['c%7E*'],
    )
    t.equal(page.Delimiter, '%2B/')
    t.match((await http({ url: '/data?list-type=2&encoding-type=url' })).body, '<Key>a+b%2B/%C3%A9</Key>')
  })

  t.test('is the document that S3 writes', async t => {
    const { http } = await filled(t, ['a/1', 'b'])
    const { body, headers } = await http({ url: '/data?list-type=2&delimiter=%2F&max-keys=1' })
    t.equal(headers['content-type'], 'application/xml')
    t.match(body, '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">')
    t.match(body, '<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>')
    t.match(body, /<NextContinuationToken>[^<]+<\/NextContinuationToken>/)
    t.match(body, '<IsTruncated>true</IsTruncated>')
  })
})

t.test('ListObjects pages with markers, and tells the next one only with a delimiter', async t => {
  const { client } = await filled(t, ['a', 'b/1', 'b/2', 'c'])
  const plain = await client.listObjects({ Bucket: 'data', MaxKeys: 2 })
  t.match(plain, { IsTruncated: true, Marker: '', MaxKeys: 2 })
  t.equal(plain.NextMarker, undefined)
  t.same(
    (await client.listObjects({ Bucket: 'data', Marker: 'b/1' })).Contents?.map(o => o.Key),
    ['b/2', 'c'],
  )
  const grouped = await client.listObjects({ Bucket: 'data', MaxKeys: 2, Delimiter: '/' })
  t.equal(grouped.NextMarker, 'b/')
  const rest = await client.listObjects({ Bucket: 'data', Delimiter: '/', Marker: 'b/' })
  t.same([rest.Contents?.map(o => o.Key), rest.CommonPrefixes], [['c'], []])
  t.ok(grouped.Contents?.[0]?.Owner?.ID, 'an owner is always told')
})

t.test('a page under a prefix visits its own keys and one key of each common prefix', async t => {
  const index = new ObjectIndex(new BlobStore()).in('b')
  let seq = 0
  for (let folder = 0; folder < 100; folder++) {
    for (let i = 0; i < 1000; i++) {
      index.put({ key: `logs/${folder}/${i}`, versionId: 'null', seq: ++seq, modified: 0, deleteMarker: true, owner: '000000000000' })
    }
  }
  let visited = 0
  const met = [...walk(index, { prefix: 'logs/', delimiter: '/', after: '' }, () => ++visited > 0)]
  t.equal(met.length, 100)
  t.equal(visited, 100)
})
