import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { bytesOf, refuses, startS3 } from './kit.js'

type Bencoded = number | Buffer | Bencoded[] | { [key: string]: Bencoded }

/** Reads bencoding, for the test alone. */
function decode(bytes: Buffer): Bencoded {
  let at = 0
  const until = (mark: string) => {
    const end = bytes.indexOf(mark, at)
    const text = bytes.toString('latin1', at, end)
    at = end + 1
    return text
  }
  const value = (): Bencoded => {
    const first = String.fromCharCode(bytes[at]!)
    if (first === 'i') {
      at++
      return Number(until('e'))
    }
    if (first === 'l' || first === 'd') {
      at++
      const items: Bencoded[] = []
      while (bytes[at] !== 0x65) items.push(value())
      at++
      if (first === 'l') return items
      const names = items.filter((_, i) => i % 2 === 0).map(String)
      if (names.join() !== [...names].sort().join()) throw new Error('keys out of order')
      return Object.fromEntries(names.map((name, i) => [name, items[2 * i + 1]!]))
    }
    const length = Number(until(':'))
    at += length
    return bytes.subarray(at - length, at)
  }
  const decoded = value()
  if (at !== bytes.length) throw new Error('more than one value')
  return decoded
}

const PIECE = 256 * 1024

t.test('GetObjectTorrent refuses what S3 makes no torrent of', async t => {
  const { client } = await startS3(t)
  const get = (Key: string, Bucket = 'data') => client.getObjectTorrent({ Bucket, Key })
  await refuses(t, get('none'), 'NoSuchKey')
  await refuses(t, get('k', 'nowhere'), 'NoSuchBucket')
  await client.putObject({ Bucket: 'data', Key: 'cold', Body: 'x', StorageClass: 'GLACIER' })
  await refuses(t, get('cold'), 'InvalidObjectState')
  const key = randomBytes(32)
  await client.putObject({
    Bucket: 'data',
    Key: 'secret',
    Body: 'x',
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  })
  await refuses(t, get('secret'), 'InvalidRequest', { status: 400 })
})

t.test('GetObjectTorrent describes the object piece by piece', async t => {
  const { client } = await startS3(t)
  const Body = randomBytes(PIECE * 2 + 1000)
  await client.putObject({ Bucket: 'data', Key: 'films/é.mp4', Body })
  const torrent = decode(await bytesOf(await client.getObjectTorrent({ Bucket: 'data', Key: 'films/é.mp4' })))
  const sha1 = (start: number) =>
    createHash('sha1')
      .update(Body.subarray(start, start + PIECE))
      .digest()
  const announce = Buffer.from('http://s3-tracker.us-east-1.amazonaws.com:6969/announce')
  t.strictSame(torrent, {
    announce,
    'announce-list': [[announce]],
    info: {
      length: Body.length,
      name: Buffer.from('é.mp4'),
      'piece length': PIECE,
      pieces: Buffer.concat([sha1(0), sha1(PIECE), sha1(2 * PIECE)]),
      'x-amz-bucket': Buffer.from('data'),
      'x-amz-key': Buffer.from('films/é.mp4'),
    },
  })
})

t.test('GetObjectTorrent names the object’s own address as a web seed', async t => {
  const { client, http } = await startS3(t)
  await client.putObject({ Bucket: 'data', Key: 'a b', Body: 'hello' })
  const { status, headers, bytes } = await http({ url: '/data/a%20b?torrent', headers: { host: 'localhost:4566' } })
  t.equal(status, 200)
  t.equal(headers['content-type'], 'application/x-bittorrent')
  const torrent = decode(Buffer.from(bytes)) as { 'url-list': Buffer }
  t.equal(String(torrent['url-list']), 'http://localhost:4566/data/a%20b')
  const empty = await startS3(t)
  await empty.client.putObject({ Bucket: 'data', Key: 'empty', Body: '' })
  const none = decode(await bytesOf(await empty.client.getObjectTorrent({ Bucket: 'data', Key: 'empty' }))) as { info: { pieces: Buffer } }
  t.equal(none.info.pieces.length, 0)
})
