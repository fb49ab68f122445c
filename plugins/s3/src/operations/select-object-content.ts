import type { SelectObjectContentEventStream } from '@aws-sdk/client-s3'
import { bucketName, bucketNamed, bucketOf } from '../buckets.js'
import { checkCustomerKey } from '../encryption.js'
import { s3Error } from '../errors.js'
import { operation } from '../kit.js'
import { countSelected } from '../metrics/request-metrics.js'
import { selectError } from '../select/errors.js'
import { Meter } from '../select/input.js'
import { checkSelect } from '../select/request.js'
import { selectFrom } from '../select/select.js'
import { checkKey, versionOf } from '../versions.js'

/** Records go out in events of about this size. */
const EVENT_CHARACTERS = 128 * 1024

/** A query that has found nothing in so many bytes says that it goes on. */
const QUIET_BYTES = 4 * 1024 ** 2

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html */
export const selectObjectContent = operation('SelectObjectContent', async (ctx, input) => {
  const bucket = bucketOf(ctx, input)
  const { Key: key = '' } = input
  checkKey(key)
  if (ctx.caller.type === 'anonymous') throw s3Error('AccessDenied')
  const request = checkSelect(input)
  const version = versionOf(ctx, bucket, key, undefined)
  checkCustomerKey(version.encryption, input)
  if (UNSUPPORTED_CLASSES.has(version.storageClass)) throw selectError('UnsupportedStorageClass')
  const meter = new Meter()
  const answer = await selectFrom(ctx.stores.blobs, version, request, meter, ctx.clock.now())
  const events = eventsOf(answer, meter, input.RequestProgress?.Enabled ?? false)
  // The first event is made before the answer begins, so that a statement that can't be run is refused as such.
  const first = await events.next()
  return {
    Payload: (async function* () {
      if (!first.done) yield first.value
      yield* events
      if (bucket.config.metrics) countSelected(ctx, bucket, version, meter, bucketNamed(ctx, bucketName(input.Bucket ?? '')).point)
    })(),
  }
})

/** Objects of these classes can't be asked, whether restored or not. */
const UNSUPPORTED_CLASSES: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE', 'REDUCED_REDUNDANCY'])

async function* eventsOf(
  answer: AsyncIterable<string>,
  meter: Meter,
  progress: boolean,
): AsyncGenerator<SelectObjectContentEventStream, void> {
  let held = ''
  let quietFrom = 0
  const details = () => ({ BytesScanned: meter.scanned, BytesProcessed: meter.processed, BytesReturned: meter.returned })
  const records = () => {
    const Payload = Buffer.from(held)
    held = ''
    meter.returned += Payload.length
    quietFrom = meter.processed
    return { Records: { Payload } }
  }
  for await (const text of answer) {
    held += text
    if (held.length >= EVENT_CHARACTERS) yield records()
    else if (meter.processed - quietFrom < QUIET_BYTES) continue
    else {
      quietFrom = meter.processed
      yield { Cont: {} }
    }
    if (progress) yield { Progress: { Details: details() } }
  }
  if (held) yield records()
  if (progress) yield { Progress: { Details: details() } }
  yield { Stats: { Details: details() } }
  yield { End: {} }
}
