import { Readable } from 'node:stream'
import { bucketOf } from '../buckets.js'
import { invalidRequest } from '../errors.js'
import { operation } from '../kit.js'
import { locationOf } from '../locations.js'
import { checkReadable } from '../object-members.js'
import { torrentOf } from '../torrent.js'
import { checkKey, versionOf } from '../versions.js'

/** Torrents are for objects that are smaller than this: 5 GB. */
const TORRENT_LIMIT_BYTES = 5 * 1024 ** 3

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTorrent.html */
export const getObjectTorrent = operation('GetObjectTorrent', (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '' } = input
  checkKey(key)
  const version = versionOf(ctx, bucket, key, undefined)
  if (version.encryption.algorithm === 'SSE-C') {
    throw invalidRequest('The object was stored using a form of Server Side Encryption. Torrents are not supported for such objects.')
  }
  if (version.size >= TORRENT_LIMIT_BYTES) throw invalidRequest('Torrents are only supported for objects that are less than 5 GB in size.')
  checkReadable(ctx, version)
  const announce = `http://s3-tracker.${bucket.region}.amazonaws.com:6969/announce`
  const webSeed = ctx.http && locationOf(ctx.http, bucket.name, key)
  const { size, chunks } = version
  const Body = Readable.from(torrentOf(ctx.stores.blobs, { bucket: bucket.name, key, size, chunks, announce, webSeed }), {
    objectMode: false,
  })
  return { Body, ...TORRENT_TYPE }
})

/** The SDK's types don't have the header; the model's patch does. */
const TORRENT_TYPE = { ContentType: 'application/x-bittorrent' }
