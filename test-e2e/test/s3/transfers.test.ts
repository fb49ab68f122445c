import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import t from 'tap'
import { clientEnv, missing, run } from '../../src/programs.js'
import { startServerProcess } from '../../src/server.js'

const MIB = 2 ** 20

/** Sends 64 MiB with 8 threads and 200 files with 16; with the path of a file and `presign`, prints what curl needs to fetch and send it. */
const BOTO3 = `
import boto3, hashlib, io, json, os, sys
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from concurrent.futures import ThreadPoolExecutor

def transfer(folder):
    s3 = boto3.client('s3')
    config = TransferConfig(max_concurrency=8, multipart_threshold=8 << 20, multipart_chunksize=8 << 20)
    data = os.urandom(64 << 20)
    s3.upload_fileobj(io.BytesIO(data), 'python', 'threads', Config=config)
    assert s3.head_object(Bucket='python', Key='threads')['ETag'].endswith('-8"')
    got = io.BytesIO()
    s3.download_fileobj('python', 'threads', got, Config=config)
    assert got.getvalue() == data, 'other bytes came back'
    sums = {}
    for i in range(200):
        name, data = 'file %d +%%.bin' % i, os.urandom(i * 517)
        open(os.path.join(folder, name), 'wb').write(data)
        sums[name] = hashlib.sha256(data).hexdigest()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda name: s3.upload_file(os.path.join(folder, name), 'python', 'many/' + name), sums))
        read = lambda name: hashlib.sha256(s3.get_object(Bucket='python', Key='many/' + name)['Body'].read()).hexdigest()
        assert dict(zip(sums, pool.map(read, sums))) == sums
    pages = s3.get_paginator('list_objects_v2').paginate(Bucket='python', Prefix='many/', PaginationConfig={'PageSize': 30})
    assert sum(page['KeyCount'] for page in pages) == 200
    return 'done'

def presign():
    urls = {}
    for version in ('s3', 's3v4'):
        s3 = boto3.client('s3', config=Config(signature_version=version))
        at = {'Bucket': 'python', 'Key': 'ü 1+2 %s.bin' % version}
        urls[version] = {
            'put': s3.generate_presigned_url('put_object', at),
            'get': s3.generate_presigned_url('get_object', dict(at, ResponseContentType='x/y')),
            'gone': s3.generate_presigned_url('get_object', dict(at, Key='other')),
            'post': s3.generate_presigned_post('python', 'posted/\${filename}', {'x-amz-meta-a': 'b'}, [{'x-amz-meta-a': 'b'}, ['content-length-range', 1, 1 << 20]]),
        }
    return json.dumps(urls)

print(transfer(sys.argv[2]) if sys.argv[1] == 'transfer' else presign())
`

/** What boto3 signed. */
interface Signed {
  readonly put: string
  readonly get: string
  readonly gone: string
  readonly post: { readonly url: string; readonly fields: Readonly<Record<string, string>> }
}

const answer = (folder: string) => readFile(join(folder, 'answer'))

t.setTimeout(300_000)

t.test('transfers', async t => {
  const server = await startServerProcess({ args: ['--services', 's3'], env: { MINISTACK_VERIFY_SIGNATURES: '1' } })
  t.teardown(() => server.stop())
  t.teardown(() => {
    if (!t.passing()) t.comment(`the server: ${server.ended() ?? 'runs'}\n${server.log.join('\n')}`)
  })
  const env = clientEnv(server.endpoint)
  const client = new S3Client({
    endpoint: server.endpoint,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID!, secretAccessKey: env.AWS_SECRET_ACCESS_KEY! },
  })
  t.teardown(() => client.destroy())
  const createBucket = (Bucket: string) =>
    client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }))
  const read = async (Bucket: string, Key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
    return Buffer.from(await Body!.transformToByteArray())
  }
  const folder = t.testdir()
  const file = join(folder, 'sent ü.bin')
  const bytes = randomBytes(300_000)
  await writeFile(file, bytes)
  const noCurl = missing('curl', '--version')

  /** Runs curl to its end; what it gives is the status, and the body in a file. */
  const curl = async (...args: string[]) => {
    const { code, stdout, stderr } = await run('curl', ['-sS', '-o', join(folder, 'answer'), '-w', '%{http_code} %{content_type}', ...args])
    if (code !== 0) throw new Error(stderr)
    return stdout
  }
  const fields = (form: Readonly<Record<string, string>>) =>
    Object.entries(form).flatMap(([name, value]) => ['--form-string', `${name}=${value}`])

  t.test('boto3 with threads', { skip: missing('python3', '-c', 'import boto3') }, async t => {
    await createBucket('python')
    t.test('sends and gets 64 MiB by 8, and 200 files by 16', async t => {
      const { code, stdout, stderr } = await run('python3', ['-c', BOTO3, 'transfer', t.testdir()], { env })
      t.equal(code, 0, stderr)
      t.equal(stdout.trim(), 'done')
    })

    t.test('signs URLs and forms that curl sends and fetches by', { skip: noCurl }, async t => {
      const { stdout, stderr } = await run('python3', ['-c', BOTO3, 'presign'], { env })
      t.equal(stderr, '')
      for (const [version, { put, get, gone, post }] of Object.entries(JSON.parse(stdout) as Record<string, Signed>)) {
        t.match(get, version === 's3' ? /[?&]Signature=/ : /[?&]X-Amz-Signature=/)
        t.match(await curl('-T', file, put), /^200/, `${version} ${put}`)
        t.ok(bytes.equals(await read('python', `ü 1+2 ${version}.bin`)))
        t.equal(await curl(get), '200 x/y')
        t.ok(bytes.equals(await answer(folder)))
        t.match(await curl(gone), /^404/)
        t.match(await curl('-X', 'DELETE', get), /^403/)
        t.match(await curl(get.replace('1%2B2', '1%2B3')), /^403/)
        t.match(await curl(...fields(post.fields), '-F', `file=@${file};filename=${version}.bin`, post.url), /^204/)
        t.ok(bytes.equals(await read('python', `posted/${version}.bin`)))
        t.match(await curl(...fields({ ...post.fields, 'x-amz-meta-a': 'c' }), '-F', `file=@${file}`, post.url), /^403/)
        t.match(await curl(...fields(post.fields), '-F', 'file=', post.url), /^400/)
      }
    })
  })

  t.test('the AWS CLI signs URLs that curl fetches', { skip: noCurl || missing('aws', '--version') }, async t => {
    await createBucket('command')
    await client.send(new PutObjectCommand({ Bucket: 'command', Key: 'ü 1+2.bin', Body: bytes }))
    const { stdout } = await run('aws', ['s3', 'presign', 's3://command/ü 1+2.bin', '--expires-in', '60'], { env })
    t.match(await curl(stdout.trim()), /^200/)
    t.ok(bytes.equals(await answer(folder)))
  })

  t.test('the JS SDK', async t => {
    const Bucket = 'javascript'
    await createBucket(Bucket)

    t.test('sends a stream that doesn’t say how long it is', async t => {
      const all = randomBytes(23 * MIB + 7)
      const pieces = function* () {
        for (let at = 0; at < all.length; at += 70_001) yield all.subarray(at, at + 70_001)
      }
      const done = await new Upload({ client, params: { Bucket, Key: 'stream', Body: Readable.from(pieces()) } }).done()
      t.match(done, { ETag: /-5"$/ })
      t.ok(all.equals(await read(Bucket, 'stream')))
      const short = Readable.from([Buffer.from('sh'), Buffer.from('ort')])
      await new Upload({ client, params: { Bucket, Key: 'short', Body: short } }).done()
      t.equal((await read(Bucket, 'short')).toString(), 'short')
    })

    t.test('leaves nothing of an upload that it aborts', async t => {
      const endless = function* () {
        for (;;) yield Buffer.alloc(MIB, 'x')
      }
      // The SDK says that it was aborted before it has removed the parts.
      const removed = new Promise<void>(resolve => {
        client.middlewareStack.add(
          (next, { commandName }) =>
            async args => {
              const result = await next(args)
              if (commandName === 'AbortMultipartUploadCommand') resolve()
              return result
            },
          { step: 'initialize', name: 'tellOfAbort' },
        )
      })
      const upload = new Upload({ client, params: { Bucket, Key: 'aborted', Body: Readable.from(endless()) } })
      upload.on('httpUploadProgress', ({ part = 0 }) => {
        if (part >= 3) void upload.abort()
      })
      await t.rejects(upload.done(), { name: 'AbortError' })
      await removed
      await t.rejects(client.send(new HeadObjectCommand({ Bucket, Key: 'aborted' })), { name: 'NotFound' })
      t.strictSame((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [], [])
    })

    t.test('signs URLs that curl sends and fetches by', { skip: noCurl }, async t => {
      const at = { Bucket, Key: 'signed/ü 1+2.bin' }
      t.match(await curl('-T', file, await getSignedUrl(client, new PutObjectCommand(at))), /^200/)
      const get = await getSignedUrl(client, new GetObjectCommand({ ...at, ResponseContentType: 'x/y' }), { expiresIn: 60 })
      t.equal(await curl(get), '200 x/y')
      t.ok(bytes.equals(await answer(folder)))
      t.match(await curl(get.replace('x%2Fy', 'x%2Fz')), /^403/)
      t.match(await curl('-X', 'DELETE', await getSignedUrl(client, new DeleteObjectCommand(at))), /^204/)
      t.match(await curl(get), /^404/)
    })

    t.test('signs forms that curl sends', { skip: noCurl }, async t => {
      const { url, fields: form } = await createPresignedPost(client, {
        Bucket,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: S3 puts the file's name there.
        Key: 'form/${filename}',
        Conditions: [['content-length-range', 1, bytes.length], ['starts-with', '$key', 'form/'], { success_action_status: '201' }],
        Fields: { success_action_status: '201' },
      })
      t.match(await curl(...fields(form), '-F', `file=@${file};filename=a ü.bin`, url), /^201/)
      t.match((await answer(folder)).toString(), '<Key>form/a ü.bin</Key>')
      t.ok(bytes.equals(await read(Bucket, 'form/a ü.bin')))
      await writeFile(join(folder, 'longer'), Buffer.concat([bytes, bytes]))
      t.match(await curl(...fields(form), '-F', `file=@${join(folder, 'longer')}`, url), /^400/)
      t.match((await answer(folder)).toString(), '<Code>EntityTooLarge</Code>')
    })
  })
})
