import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import t, { type Test } from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'

const MIB = 1024 * 1024
const SMALL_FILES = 2000
const ODD_KEYS = [
  'a/../b',
  './c',
  'x//y',
  '/rooted',
  'folder/',
  'ü 💥',
  'a+b&c=d%2Fe?f#g',
  'quotes"\'<>',
  'k'.repeat(1024),
  'é'.repeat(512),
]

const BOTO3 = `
import boto3, hashlib, io, json, os, sys
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
s3 = boto3.client('s3')
s3.create_bucket(Bucket='boto3', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
config = TransferConfig(max_concurrency=10, multipart_threshold=5 * 1024 * 1024, multipart_chunksize=5 * 1024 * 1024)
for size, etag in ((0, None), (5 * 1024 * 1024 - 1, None), (23 * 1024 * 1024 + 7, '-5"')):
    data = os.urandom(size)
    s3.upload_fileobj(io.BytesIO(data), 'boto3', 'transfer', Config=config, ExtraArgs={'Metadata': {'size': str(size)}})
    head = s3.head_object(Bucket='boto3', Key='transfer')
    assert head['ContentLength'] == size and head['Metadata'] == {'size': str(size)}, head
    assert head['ETag'] == '"' + hashlib.md5(data).hexdigest() + '"' if etag is None else head['ETag'].endswith(etag), head
    got = io.BytesIO()
    s3.download_fileobj('boto3', 'transfer', got, Config=config)
    assert got.getvalue() == data, 'another %d bytes came back' % size
s3.delete_object(Bucket='boto3', Key='transfer')
keys = json.loads(sys.argv[1])
for key in keys:
    s3.put_object(Bucket='boto3', Key=key, Body=key.encode())
for key in keys:
    assert s3.get_object(Bucket='boto3', Key=key)['Body'].read() == key.encode(), key
pages = s3.get_paginator('list_objects_v2').paginate(Bucket='boto3', PaginationConfig={'PageSize': 3})
listed = [o['Key'] for page in pages for o in page['Contents']]
assert listed == sorted(keys, key=lambda key: key.encode()), listed
try:
    s3.put_object(Bucket='boto3', Key='k' * 1025, Body=b'')
    raise AssertionError('a key of 1025 bytes was taken')
except ClientError as e:
    assert e.response['Error']['Code'] == 'KeyTooLongError', e.response
deleted = s3.delete_objects(Bucket='boto3', Delete={'Objects': [{'Key': key} for key in keys]})
assert sorted(d['Key'] for d in deleted['Deleted']) == sorted(keys), deleted
s3.delete_bucket(Bucket='boto3')
print('done')
`

/** All files below a folder, by their paths. */
async function filesBelow(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return new Map(await Promise.all(paths.map(async path => [relative(folder, path), await readFile(path)] as const)))
}

/** The paths that are in one of two folders only, or have other bytes there. */
function differences(a: ReadonlyMap<string, Buffer>, b: ReadonlyMap<string, Buffer>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter(path => {
    const [one, other] = [a.get(path), b.get(path)]
    return !one || !other || !one.equals(other)
  })
}

/** Names with what shells, URLs and XML treat in their own way among plain ones. */
async function makeSmallFiles(folder: string): Promise<void> {
  const name = (i: number) => (i % 100 === 0 ? `ü 💥 + & %25 '${i}'.txt` : `file-${i}.bin`)
  for (let d = 0; d < 20; d++) await mkdir(join(folder, `d ${d}`), { recursive: true })
  for (let i = 0; i < SMALL_FILES; i++) await writeFile(join(folder, `d ${i % 20}`, name(i)), randomBytes(i % 300))
}

/** Calls `aws` and expects it to succeed; what it gives is its output. */
function awsAt(t: Test, endpoint: string, env: Readonly<Record<string, string>> = {}) {
  return async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run('aws', args, { env: { ...clientEnv(endpoint), ...env } })
    t.equal(code, 0, `aws ${args.join(' ')} ${stderr}`)
    return stdout
  }
}

t.setTimeout(240_000)

t.test('the AWS CLI', { skip: missing('aws', '--version') }, async t => {
  const server = await startServerProcess({ args: ['--services', 's3'] })
  t.teardown(() => server.stop())

  t.test(`syncs a folder of ${SMALL_FILES} files up and down, and removes it`, async t => {
    const aws = awsAt(t, server.endpoint)
    const folder = t.testdir()
    const [here, back] = [join(folder, 'here'), join(folder, 'back')]
    await makeSmallFiles(here)
    const files = await filesBelow(here)
    t.equal(files.size, SMALL_FILES)
    await aws('s3', 'mb', 's3://synced')
    await aws('s3', 'sync', here, 's3://synced/to/here', '--only-show-errors')
    await aws('s3', 'sync', 's3://synced/to/here', back, '--only-show-errors')
    t.strictSame(differences(files, await filesBelow(back)), [])
    t.equal(await aws('s3', 'sync', back, 's3://synced/to/here'), '', 'there is nothing left to do')
    await rm(join(back, 'd 1'), { recursive: true })
    await aws('s3', 'sync', back, 's3://synced/to/here', '--delete', '--only-show-errors')
    t.match(await aws('s3', 'ls', 's3://synced', '--recursive', '--summarize'), `Total Objects: ${SMALL_FILES - SMALL_FILES / 20}\n`)
    await aws('s3', 'rm', 's3://synced/to', '--recursive', '--only-show-errors')
    t.equal(await aws('s3', 'ls', 's3://synced', '--recursive'), '')
    await aws('s3', 'rb', 's3://synced')
  })

  t.test('copies a file of 40 MiB up, about and down in parts', async t => {
    const aws = awsAt(t, server.endpoint)
    const folder = t.testdir()
    const bytes = randomBytes(40 * MIB)
    await writeFile(join(folder, 'large'), bytes)
    await aws('s3', 'mb', 's3://copied')
    await aws('s3', 'cp', join(folder, 'large'), 's3://copied/one', '--only-show-errors')
    const head = JSON.parse(await aws('s3api', 'head-object', '--bucket', 'copied', '--key', 'one', '--output', 'json'))
    t.match(head, { ContentLength: bytes.length, ETag: /^"[0-9a-f]{32}-5"$/ })
    await aws('s3', 'mv', 's3://copied/one', 's3://copied/moved/two', '--only-show-errors')
    t.match(await aws('s3', 'ls', 's3://copied', '--recursive'), /^.* 41943040 moved\/two\n$/)
    await aws('s3', 'cp', 's3://copied/moved/two', join(folder, 'copy'), '--only-show-errors')
    t.ok(bytes.equals(await readFile(join(folder, 'copy'))))
    await aws('s3', 'mv', 's3://copied/moved/two', join(folder, 'end'), '--only-show-errors')
    t.ok(bytes.equals(await readFile(join(folder, 'end'))))
    await aws('s3', 'rb', 's3://copied')
  })

  t.test('reads old versions, and deletes and brings back', async t => {
    const aws = awsAt(t, server.endpoint)
    const folder = t.testdir({ first: 'first', second: 'the second' })
    const at = (name: string) => join(folder, name)
    const api = async (operation: string, ...args: string[]) => {
      const out = await aws('s3api', operation, '--bucket', 'versioned', ...args, '--output', 'json')
      return out === '' ? {} : JSON.parse(out)
    }
    await aws('s3', 'mb', 's3://versioned')
    await api('put-bucket-versioning', '--versioning-configuration', 'Status=Enabled')
    const first = await api('put-object', '--key', 'k', '--body', at('first'), '--metadata', 'n=1')
    const second = await api('put-object', '--key', 'k', '--body', at('second'))
    t.not(first.VersionId, second.VersionId)
    t.match(await api('get-object', '--key', 'k', at('now')), { VersionId: second.VersionId, ContentLength: 10 })
    t.match(await api('get-object', '--key', 'k', '--version-id', first.VersionId, at('old')), { Metadata: { n: '1' } })
    t.strictSame([await readFile(at('now'), 'utf8'), await readFile(at('old'), 'utf8')], ['the second', 'first'])
    const marker = await api('delete-object', '--key', 'k')
    t.match(marker, { DeleteMarker: true })
    const gone = await run('aws', ['s3', 'cp', 's3://versioned/k', at('gone')], { env: clientEnv(server.endpoint) })
    t.equal(gone.code, 1)
    t.match(gone.stderr, '(404)')
    t.match(await api('list-object-versions'), {
      Versions: [
        { VersionId: second.VersionId, IsLatest: false },
        { VersionId: first.VersionId, IsLatest: false },
      ],
      DeleteMarkers: [{ VersionId: marker.VersionId, IsLatest: true }],
    })
    await api('delete-object', '--key', 'k', '--version-id', marker.VersionId)
    t.equal(await aws('s3', 'cp', 's3://versioned/k', '-'), 'the second')
  })
})

t.test('URLs that the AWS CLI signs', { skip: missing('aws', '--version') }, async t => {
  const folder = t.testdir({ file: 'signed' })
  const server = await startServerProcess({ args: ['--services', 's3'], env: { MINISTACK_VERIFY_SIGNATURES: '1' } })
  t.teardown(() => server.stop())
  const aws = awsAt(t, server.endpoint)
  await aws('s3', 'mb', 's3://signed')
  await aws('s3', 'cp', join(folder, 'file'), 's3://signed/ü 1.txt', '--only-show-errors')
  await aws('s3', 'cp', join(folder, 'file'), 's3://signed/other', '--only-show-errors')
  const code = async (response: Response) => /<Code>(.*)<\/Code>/.exec(await response.text())?.[1]

  // Version 2 is boto3's: the CLI signs with version 4 where a region speaks it, whatever its configuration says.
  for (const [version, parameter] of [['s3v4', 'X-Amz-Signature']] as const) {
    const config = { AWS_CONFIG_FILE: join(folder, version) }
    await writeFile(config.AWS_CONFIG_FILE, `[default]\ns3 =\n  signature_version = ${version}\n`)
    const presign = async (t: Test, ...args: string[]) => {
      const url = (await awsAt(t, server.endpoint, config)('s3', 'presign', 's3://signed/ü 1.txt', ...args)).trim()
      t.ok(new URL(url).searchParams.has(parameter), url)
      return url
    }

    t.test(`with ${version} open one object`, async t => {
      const response = await fetch(await presign(t))
      t.equal(response.status, 200)
      t.equal(await response.text(), 'signed')
    })

    t.test(`with ${version} open no other, and nothing once they are changed`, async t => {
      const url = await presign(t, '--expires-in', '600')
      const other = new URL(url)
      other.pathname = '/signed/other'
      const added = new URL(url)
      added.searchParams.set('response-content-type', 'text/html')
      const longer = new URL(url.replace(/Expires=(\d+)/, (_, seconds) => `Expires=${Number(seconds) + 1}`))
      for (const changed of [other, added, longer]) {
        const response = await fetch(changed)
        t.equal(response.status, 403)
        t.equal(await code(response), 'SignatureDoesNotMatch')
      }
      const deleted = await fetch(url, { method: 'DELETE' })
      t.equal(deleted.status, 403)
      t.equal(await code(deleted), 'SignatureDoesNotMatch')
      t.equal(await (await fetch(url)).text(), 'signed')
    })

    t.test(`with ${version} open nothing once they are expired`, async t => {
      const url = await presign(t, '--expires-in', '1')
      let response = await fetch(url)
      while (response.status === 200) {
        await response.text()
        response = await fetch(url)
      }
      t.equal(response.status, 403)
      t.match(await response.text(), /<Code>AccessDenied<\/Code><Message>Request has expired<\/Message>/)
    })
  }

  t.test('are of no use with another secret', async t => {
    const env = { ...clientEnv(server.endpoint), AWS_SECRET_ACCESS_KEY: 'another' }
    const { stdout } = await run('aws', ['s3', 'presign', 's3://signed/other'], { env })
    t.equal(await code(await fetch(stdout.trim())), 'SignatureDoesNotMatch')
    const { stderr } = await run('aws', ['s3api', 'get-object', '--bucket', 'signed', '--key', 'other', join(folder, 'no')], { env })
    t.match(stderr, '(SignatureDoesNotMatch)')
  })
})

t.test('boto3 transfers in parts and takes odd keys', { skip: missing('python3', '-c', 'import boto3') }, async t => {
  const server = await startServerProcess({ args: ['--services', 's3'] })
  t.teardown(() => server.stop())
  const { code, stdout, stderr } = await run('python3', ['-c', BOTO3, JSON.stringify(ODD_KEYS)], { env: clientEnv(server.endpoint) })
  t.equal(code, 0, stderr)
  t.equal(stdout.trim(), 'done')
})

t.test('the JS SDK', async t => {
  const server = await startServerProcess({ args: ['--services', 's3'] })
  t.teardown(() => server.stop())
  const Bucket = 'javascript'
  const client = new S3Client({
    endpoint: server.endpoint,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: '111122223333', secretAccessKey: 'test' },
  })
  t.teardown(() => client.destroy())
  await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }))
  const put = (Key: string, Body: string | Uint8Array, more = {}) => client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
  const get = async (Key: string, more = {}) => {
    const { Body, ...rest } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }))
    return { ...rest, bytes: Buffer.from(await Body!.transformToByteArray()) }
  }

  t.test('uploads 20 MiB in parts with its own checksums', async t => {
    const bytes = randomBytes(20 * MIB)
    const Key = 'upload'
    const done = await new Upload({ client, params: { Bucket, Key, Body: bytes, ContentType: 'x/y' }, queueSize: 4 }).done()
    t.match(done, { Bucket, Key, ETag: /^"[0-9a-f]{32}-4"$/ })
    const got = await get(Key, { ChecksumMode: 'ENABLED' })
    t.match(got, { ContentLength: bytes.length, ContentType: 'x/y', ETag: done.ETag, ChecksumCRC32: String })
    t.ok(got.bytes.equals(bytes))
    const third = await get(Key, { PartNumber: 3 })
    t.match(third, { PartsCount: 4, ContentRange: `bytes ${10 * MIB}-${15 * MIB - 1}/${20 * MIB}` })
    t.ok(third.bytes.equals(bytes.subarray(10 * MIB, 15 * MIB)))
  })

  t.test('checks what it put and got with the checksum it sends by itself', async t => {
    t.match(await put('sum', 'hello'), { ChecksumCRC32: 'NhCmhg==' })
    t.match(await client.send(new HeadObjectCommand({ Bucket, Key: 'sum', ChecksumMode: 'ENABLED' })), { ChecksumCRC32: 'NhCmhg==' })
    await t.rejects(put('sum', 'hello', { ChecksumCRC32: 'AAAAAA==' }), { name: 'BadDigest' })
    t.equal((await get('sum')).bytes.toString(), 'hello')
  })

  t.test('reads ranges, also over the borders of parts', async t => {
    const bytes = await buffer((await client.send(new GetObjectCommand({ Bucket, Key: 'upload' }))).Body as NodeJS.ReadableStream)
    const ranges: [string, number, number][] = [
      ['bytes=0-0', 0, 1],
      ['bytes=-7', bytes.length - 7, bytes.length],
      [`bytes=${bytes.length - 3}-`, bytes.length - 3, bytes.length],
      [`bytes=${5 * MIB - 2}-${15 * MIB + 1}`, 5 * MIB - 2, 15 * MIB + 2],
      [`bytes=100-${bytes.length * 2}`, 100, bytes.length],
    ]
    for (const [Range, from, to] of ranges) {
      const got = await get('upload', { Range })
      t.equal(got.ContentRange, `bytes ${from}-${to - 1}/${bytes.length}`)
      t.ok(got.bytes.equals(bytes.subarray(from, to)), Range)
    }
    await t.rejects(get('upload', { Range: `bytes=${bytes.length}-` }), { name: 'InvalidRange', $metadata: { httpStatusCode: 416 } })
  })

  t.test('takes odd keys', async t => {
    for (const key of ODD_KEYS) await put(key, `of ${key}`)
    for (const key of ODD_KEYS) t.equal((await get(key)).bytes.toString(), `of ${key}`)
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }))
    const listed = new Set(Contents!.map(({ Key }) => decodeURIComponent(Key!.replaceAll('+', ' '))))
    t.strictSame(
      ODD_KEYS.filter(key => !listed.has(key)),
      [],
    )
  })

  t.test('writes only what is not there yet, where it says so', async t => {
    const writers = Array.from({ length: 32 }, (_, i) => put('once', `writer ${i}`, { IfNoneMatch: '*' }).then(() => i))
    const results = await Promise.allSettled(writers)
    const won = results.filter(result => result.status === 'fulfilled')
    const lost = results.filter(result => result.status === 'rejected').map(({ reason }) => reason.name as string)
    t.equal(won.length, 1)
    t.strictSame([...new Set(lost)], ['PreconditionFailed'])
    t.equal((await get('once')).bytes.toString(), `writer ${won[0]!.value}`)
  })

  t.test('leaves one whole version when 32 write one key at once', async t => {
    const bodyOf = (i: number) => Buffer.alloc(100_000 + i * 10_000, i + 1)
    const etags = await Promise.all(Array.from({ length: 32 }, async (_, i) => (await put('contended', bodyOf(i))).ETag))
    t.equal(new Set(etags).size, 32)
    const got = await get('contended')
    const winner = etags.indexOf(got.ETag)
    t.ok(got.bytes.equals(bodyOf(winner)), `writer ${winner} was the last`)
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'contended' }))
    t.match(Versions, [{ ETag: got.ETag, Size: got.bytes.length, IsLatest: true }])
    t.equal(Versions!.length, 1)
  })
})
