import t from 'tap'
import { errorDocument, golden, NAMESPACE, startS3 } from './kit.js'

const B = { Bucket: 'data' }
const OWNER = /<Owner><ID>[0-9a-f]{64}<\/ID><\/Owner>/g

async function start(t: Parameters<typeof startS3>[0], keys: readonly string[], versioned = false) {
  const s3 = await startS3(t)
  if (versioned) await s3.client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
  for (const Key of keys) await s3.client.putObject({ ...B, Key, Body: 'x' })
  const get = async (query: string) => {
    const { status, headers, body } = await golden(s3.http({ url: `/data?${query}` }))
    return { status, type: headers['content-type'], body: body.replace(OWNER, '<Owner/>') }
  }
  return { client: s3.client, get }
}

const xml = (root: string, content: string) => ({
  status: 200,
  type: 'application/xml',
  body: `<${root} ${NAMESPACE}>${content}</${root}>`,
})
const OBJECT =
  '<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;9dd4e461268c8034f5c8564e155c67a6&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>1</Size><StorageClass>STANDARD</StorageClass>'
const contents = (key: string, more = '') => `<Contents><Key>${key}</Key>${OBJECT}${more}</Contents>`
const prefix = (name: string) => `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`

/** What every list refuses alike. */
async function refusesNumbers(t: Parameters<typeof startS3>[0], list: string) {
  const { get } = await start(t, [])
  const refused = async (query: string, message: string, name: string, value: string) => {
    const fields = `<ArgumentName>${name}</ArgumentName><ArgumentValue>${value}</ArgumentValue>`
    t.strictSame(await get(`${list}${query}`), {
      status: 400,
      type: 'application/xml',
      body: errorDocument('InvalidArgument', message, fields),
    })
  }
  const none = 'Provided max-keys not an integer or within integer range'
  await refused('max-keys=x', none, 'max-keys', 'x')
  await refused('max-keys=1.5', none, 'max-keys', '1.5')
  await refused('max-keys=2147483648', none, 'max-keys', '2147483648')
  await refused('max-keys=-1', 'Argument maxKeys must be an integer between 0 and 2147483647', 'maxKeys', '-1')
  await refused('encoding-type=hex', 'Invalid Encoding Method specified in Request', 'encoding-type', 'hex')
}

t.test('ListObjects', async t => {
  t.test('refuses numbers and encodings that are none', async t => refusesNumbers(t, ''))

  t.test('refuses types of lists that there aren’t', async t => {
    const { get } = await start(t, [])
    for (const type of ['1', '3']) {
      const fields = `<ArgumentName>list-type</ArgumentName><ArgumentValue>${type}</ArgumentValue>`
      t.equal((await get(`list-type=${type}`)).body, errorDocument('InvalidArgument', 'Invalid List Type specified in Request', fields))
    }
  })

  t.test('behaves: a marker may be any text, and lies in its common prefix', async t => {
    const { client } = await start(t, ['a', 'b/1', 'b/2', 'c/1', 'd'])
    const list = async (query: object) => {
      const page = await client.listObjects({ ...B, ...query })
      return [...(page.Contents ?? []).map(o => o.Key), ...(page.CommonPrefixes ?? []).map(p => p.Prefix)].join(' ')
    }
    t.equal(await list({ Marker: 'aa' }), 'b/1 b/2 c/1 d')
    t.equal(await list({ Marker: 'b/1' }), 'b/2 c/1 d')
    t.equal(await list({ Marker: 'b', Delimiter: '/' }), 'd b/ c/', 'before the prefix')
    t.equal(await list({ Marker: 'b/', Delimiter: '/' }), 'd c/', 'the prefix itself, as NextMarker tells it')
    t.equal(await list({ Marker: 'zzz' }), '')
    t.equal(await list({ Marker: 'a', Prefix: 'b/' }), 'b/1 b/2', 'before all of a prefix')
    t.equal(await list({ Marker: 'c', Prefix: 'b/' }), '', 'after all of it')
    t.equal(await list({ Prefix: 'b/', Delimiter: '/' }), 'b/1 b/2')
    t.equal(await list({ Prefix: 'b', Delimiter: '/' }), 'b/')
  })

  t.test('on the wire', async t => {
    const { get } = await start(t, ['a/1', 'b', 'c'])
    t.strictSame(
      await get(''),
      xml(
        'ListBucketResult',
        `<Name>data</Name><Prefix></Prefix><Marker></Marker><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${contents('a/1', '<Owner/>')}${contents('b', '<Owner/>')}${contents('c', '<Owner/>')}`,
      ),
    )
    t.strictSame(
      await get('delimiter=/&max-keys=2&marker=&prefix='),
      xml(
        'ListBucketResult',
        `<Name>data</Name><Prefix></Prefix><Marker></Marker><NextMarker>b</NextMarker><MaxKeys>2</MaxKeys><Delimiter>/</Delimiter><IsTruncated>true</IsTruncated>${contents('b', '<Owner/>')}${prefix('a/')}`,
      ),
    )
    t.match((await get('max-keys=5000')).body, '<MaxKeys>1000</MaxKeys>')
    t.strictSame(
      await get('max-keys=0'),
      xml('ListBucketResult', '<Name>data</Name><Prefix></Prefix><Marker></Marker><MaxKeys>0</MaxKeys><IsTruncated>false</IsTruncated>'),
    )
  })
})

t.test('ListObjectsV2', async t => {
  t.test('refuses numbers and encodings that are none', async t => refusesNumbers(t, 'list-type=2&'))

  t.test('refuses a token that it didn’t give', async t => {
    const { get, client } = await start(t, ['a', 'b'])
    const { NextContinuationToken = '' } = await client.listObjectsV2({ ...B, MaxKeys: 1 })
    t.match((await get(`list-type=2&continuation-token=${encodeURIComponent(NextContinuationToken)}`)).body, '<Key>b</Key>')
    for (const token of ['', 'x', NextContinuationToken.slice(1), `${NextContinuationToken}x`, `A${NextContinuationToken.slice(1)}`]) {
      const fields = `<ArgumentName>continuation-token</ArgumentName><ArgumentValue>${token}</ArgumentValue>`
      t.strictSame(await get(`list-type=2&continuation-token=${encodeURIComponent(token)}`), {
        status: 400,
        type: 'application/xml',
        body: errorDocument('InvalidArgument', 'The continuation token provided is incorrect', fields),
      })
    }
  })

  t.test('behaves: a token counts more than start-after, which is told all the same', async t => {
    const { client } = await start(t, ['a', 'b', 'c', 'd'])
    const first = await client.listObjectsV2({ ...B, StartAfter: 'a', MaxKeys: 1 })
    t.same([first.Contents?.map(o => o.Key), first.StartAfter], [['b'], 'a'])
    const next = await client.listObjectsV2({ ...B, StartAfter: 'c', ContinuationToken: first.NextContinuationToken })
    t.same([next.Contents?.map(o => o.Key), next.StartAfter, next.ContinuationToken], [['c', 'd'], 'c', first.NextContinuationToken])
  })

  t.test('on the wire', async t => {
    const { get } = await start(t, ['a/1', 'b'])
    t.strictSame(
      await get('list-type=2&fetch-owner=true&delimiter=/&start-after=Z'),
      xml(
        'ListBucketResult',
        `<Name>data</Name><Prefix></Prefix><StartAfter>Z</StartAfter><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter><IsTruncated>false</IsTruncated>${contents('b', '<Owner/>')}${prefix('a/')}`,
      ),
    )
    t.match((await get('list-type=2')).body, contents('b'), 'no owner unless it is asked for')
  })

  t.test('on the wire, keys that XML can’t hold: as they are, or encoded when that is asked for', async t => {
    const keys = ['a\u0001b', 'a\rb', 'a\nb', 'a&<>"\'b', 'a b', 'a\u{1f642}b', 'a\uffffb', 'ä+~*()!']
    const { get, client } = await start(t, keys)
    const raw = (await get('list-type=2')).body
    for (const shown of ['a&#x1;b', 'a&#xd;b', 'a\nb', "a&amp;&lt;&gt;&quot;'b", 'a\u{1f642}b', 'a&#xffff;b'])
      t.ok(raw.includes(`<Key>${shown}</Key>`), JSON.stringify(shown))
    const encoded = (await get('list-type=2&encoding-type=url')).body
    for (const shown of ['a%01b', 'a%0Db', 'a%0Ab', 'a%26%3C%3E%22%27b', 'a+b', 'a%F0%9F%99%82b', 'a%EF%BF%BFb', '%C3%A4%2B%7E*%28%29%21'])
      t.ok(encoded.includes(`<Key>${shown}</Key>`), shown)
    t.match(encoded, '<EncodingType>url</EncodingType>')
    t.same(
      (await client.listObjectsV2(B)).Contents?.map(o => o.Key),
      keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
  })
})

t.test('ListObjectVersions', async t => {
  t.test('refuses numbers, encodings and markers that are none', async t => {
    await refusesNumbers(t, 'versions&')
    const { get } = await start(t, [])
    for (const [query, message] of [
      [`version-id-marker=${'v'.repeat(32)}`, 'A version-id marker cannot be specified without a key marker.'],
      ['key-marker=a&version-id-marker=', 'A version-id marker cannot be empty.'],
      ['key-marker=a&version-id-marker=x', 'Invalid version id specified'],
    ] as const)
      t.match(await get(`versions&${query}`), { status: 400, body: `<Code>InvalidArgument</Code><Message>${message}</Message>` })
  })

  t.test('behaves: the null version is a version like any other', async t => {
    const { client } = await start(t, ['a'])
    await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
    await client.putObject({ ...B, Key: 'a', Body: 'y' })
    await client.deleteObject({ ...B, Key: 'a' })
    const after = await client.listObjectVersions({ ...B, KeyMarker: 'a', VersionIdMarker: 'null' })
    t.same([after.Versions, after.DeleteMarkers], [[], []])
    const one = await client.listObjectVersions({ ...B, MaxKeys: 2 })
    t.same([one.NextKeyMarker, one.IsTruncated], ['a', true])
    const rest = await client.listObjectVersions({ ...B, KeyMarker: one.NextKeyMarker, VersionIdMarker: one.NextVersionIdMarker })
    t.match(rest.Versions, [{ Key: 'a', VersionId: 'null', IsLatest: false }])
  })

  t.test('on the wire', async t => {
    const { get, client } = await start(t, ['a'])
    const summary = OBJECT.replace(/<LastModified>.*?<\/LastModified>/, '')
    const when = '<LastModified>2026-01-01T00:00:00.000Z</LastModified>'
    const version = (key: string, id: string, latest: boolean) =>
      `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${latest}</IsLatest>${when}${summary}<Owner/></Version>`
    const marker = (key: string, id = 'null') =>
      `<DeleteMarker><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>true</IsLatest>${when}<Owner/></DeleteMarker>`
    const list = (content: string) =>
      xml(
        'ListVersionsResult',
        `<Name>data</Name><Prefix></Prefix><KeyMarker></KeyMarker><VersionIdMarker></VersionIdMarker><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${content}`,
      )
    t.strictSame(await get('versions'), list(version('a', 'null', true)))
    const versioning = (Status: 'Enabled' | 'Suspended') => client.putBucketVersioning({ ...B, VersioningConfiguration: { Status } })
    await versioning('Suspended')
    await client.deleteObject({ ...B, Key: 'a' })
    t.strictSame(await get('versions'), list(marker('a')))
    for (const Key of ['b', 'c']) await client.putObject({ ...B, Key, Body: 'x' })
    await versioning('Enabled')
    const { VersionId } = await client.deleteObject({ ...B, Key: 'b' })
    const mixed = marker('a') + marker('b', VersionId) + version('b', 'null', false) + version('c', 'null', true)
    t.strictSame(await get('versions'), list(mixed), 'markers stand among the versions')
  })
})

t.test('a list goes on from an entry that was deleted since its page', async t => {
  t.test('of keys', async t => {
    const { client } = await start(t, ['a', 'b', 'c', 'd', 'e'])
    const seen: (string | undefined)[] = []
    let ContinuationToken: string | undefined
    do {
      const page = await client.listObjectsV2({ ...B, MaxKeys: 2, ContinuationToken })
      for (const { Key } of page.Contents ?? []) {
        seen.push(Key)
        await client.deleteObject({ ...B, Key })
      }
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken)
    t.same(seen, ['a', 'b', 'c', 'd', 'e'])
  })

  t.test('of versions: a bucket is emptied page by page', async t => {
    const { client } = await start(t, ['a', 'b', 'b', 'b', 'b', 'c'], true)
    await client.deleteObject({ ...B, Key: 'b' })
    let deleted = 0
    let markers: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}
    while (markers) {
      const page: Awaited<ReturnType<typeof client.listObjectVersions>> = await client.listObjectVersions({ ...B, MaxKeys: 2, ...markers })
      const entries = [...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])]
      t.ok(
        entries.some(entry => entry.IsLatest),
        'what is newest now says so',
      )
      for (const { Key, VersionId } of entries) await client.deleteObject({ ...B, Key, VersionId })
      deleted += entries.length
      markers = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined
    }
    t.equal(deleted, 7)
    t.match(await client.listObjectVersions(B), { Versions: [], DeleteMarkers: [] })
  })

  t.test('of uploads: all of them are aborted page by page', async t => {
    const { client } = await start(t, [])
    for (const Key of ['a', 'b', 'b', 'b', 'b', 'c']) await client.createMultipartUpload({ ...B, Key })
    let aborted = 0
    let markers: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}
    while (markers) {
      const page: Awaited<ReturnType<typeof client.listMultipartUploads>> = await client.listMultipartUploads({
        ...B,
        MaxUploads: 2,
        ...markers,
      })
      for (const { Key, UploadId } of page.Uploads ?? []) await client.abortMultipartUpload({ ...B, Key, UploadId })
      aborted += page.Uploads?.length ?? 0
      markers = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined
    }
    t.equal(aborted, 6)
    t.same((await client.listMultipartUploads(B)).Uploads, [])
  })

  t.test('of versions, where the null version went', async t => {
    const { client } = await start(t, ['a'])
    await client.putBucketVersioning({ ...B, VersioningConfiguration: { Status: 'Enabled' } })
    const { VersionId } = await client.putObject({ ...B, Key: 'a', Body: 'y' })
    await client.deleteObject({ ...B, Key: 'a', VersionId: 'null' })
    const page = await client.listObjectVersions({ ...B, KeyMarker: 'a', VersionIdMarker: 'null' })
    t.same(
      page.Versions?.map(v => [v.VersionId, v.IsLatest]),
      [[VersionId, true]],
      'its place is not known, so nothing is left out',
    )
  })
})
