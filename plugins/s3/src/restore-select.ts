import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Grant, RestoreRequest, S3Location, Tier } from '@aws-sdk/client-s3'
import { AwsError } from '@ministack/gateway'
import type { AclInput } from './acl.js'
import { bucketOf } from './buckets.js'
import { invalidRequest, malformedXml } from './errors.js'
import type { Context } from './kit.js'
import { propertiesOf } from './properties.js'
import { RETRIEVAL_MS } from './restore-tiers.js'
import { selectError } from './select/errors.js'
import { Meter } from './select/input.js'
import { checkSelect, type SelectRequest } from './select/request.js'
import { selectFrom } from './select/select.js'
import { parseTagSet } from './tags.js'
import type { Bucket, ObjectData, ObjectProperties } from './types.js'
import { checkKey } from './versions.js'
import { storeObject } from './write.js'

/** A query over an archived object that was accepted. */
interface SelectJob {
  readonly request: SelectRequest
  readonly source: ObjectData
  readonly target: Readonly<Bucket>
  /** What the keys of all that the job writes begin with. */
  readonly path: string
  readonly properties: ObjectProperties
  /** What was asked for, to be kept beside the results. */
  readonly description: string
}

/**
 * Accepts a restore of type SELECT: the query runs once the object would have been retrieved, and its results go where the request says.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
 *
 * @returns the path under which the results will be.
 * @throws MalformedXML, InvalidRequest, S3 Select's errors, and what a write to the output location throws.
 */
export async function startSelectJob(
  ctx: Context,
  bucket: Readonly<Bucket>,
  source: ObjectData,
  request: RestoreRequest,
  tier: Tier,
): Promise<string> {
  const { SelectParameters: parameters, OutputLocation: output } = request
  const location = output?.S3
  if (!parameters || !location || location.BucketName === undefined || location.Prefix === undefined) throw malformedXml()
  if (request.Days !== undefined || request.GlacierJobParameters !== undefined) throw malformedXml()
  const select = checkSelect(parameters)
  if (!select.input.CSV) throw selectError('InvalidDataSource', 'Invalid data source type. Only CSV is supported for archived objects.')
  if ((select.input.CompressionType ?? 'NONE') !== 'NONE') throw selectError('InvalidCompressionFormat')
  if (source.encryption.algorithm === 'SSE-C') throw invalidRequest('Select is not supported for objects that are encrypted with SSE-C.')
  const jobId = randomBytes(33).toString('base64url')
  const path = `${location.Prefix}${location.Prefix === '' || location.Prefix.endsWith('/') ? '' : '/'}${jobId}/`
  checkKey(`${path}results/${randomUUID()}`)
  const target = bucketOf(ctx, { Bucket: location.BucketName, Key: path, action: 's3:PutObject' })
  if (target.region !== bucket.region) throw invalidRequest('The output bucket must be in the same Region as the archived object.')
  const properties = await outputProperties(ctx, target, location)
  const { key, versionId } = source
  const description = JSON.stringify({ JobId: jobId, Bucket: bucket.name, Key: key, VersionId: versionId, Tier: tier, ...request })
  const job = { request: select, source, target, path, properties, description }
  // The bytes are held until then, whatever becomes of the object.
  ctx.stores.blobs.retain(source.chunks)
  ctx.background.after(RETRIEVAL_MS[tier], `select ${bucket.name}/${key}`, () => run(ctx, job))
  return path
}

/** @throws what PutObject throws for the like. */
async function outputProperties(ctx: Context, target: Readonly<Bucket>, location: S3Location): Promise<ObjectProperties> {
  const { AccessControlList: grants, CannedACL: ACL, Encryption: encryption, UserMetadata: metadata } = location
  const tags = location.Tagging && parseTagSet(location.Tagging.TagSet, 'object')
  const context = encryption?.KMSContext
  return propertiesOf(ctx, target, {
    ACL,
    ...aclHeaders(grants ?? []),
    ContentType: 'text/plain',
    StorageClass: location.StorageClass,
    Metadata: Object.fromEntries((metadata ?? []).map(({ Name = '', Value = '' }) => [Name, Value])),
    Tagging: tags && new URLSearchParams(tags.map(({ Key, Value }): [string, string] => [Key, Value])).toString(),
    ServerSideEncryption: encryption?.EncryptionType,
    SSEKMSKeyId: encryption?.KMSKeyId,
    SSEKMSEncryptionContext: context?.startsWith('{') ? Buffer.from(context).toString('base64') : context,
  })
}

/** The grants of the document as the headers of a write have them. */
function aclHeaders(grants: readonly Grant[]): AclInput {
  const headers: Record<string, string[]> = {}
  for (const { Grantee: grantee, Permission: permission } of grants) {
    const member = permission && PERMISSION_MEMBERS[permission]
    if (!grantee || !member) throw malformedXml()
    const { ID: id, URI: uri, EmailAddress: email } = grantee
    const name = id !== undefined ? `id="${id}"` : uri !== undefined ? `uri="${uri}"` : `emailAddress="${email ?? ''}"`
    const list = headers[member] ?? []
    headers[member] = [...list, name]
  }
  return Object.fromEntries(Object.entries(headers).map(([member, names]) => [member, names.join(', ')]))
}

const PERMISSION_MEMBERS = {
  FULL_CONTROL: 'GrantFullControl',
  READ: 'GrantRead',
  READ_ACP: 'GrantReadACP',
  WRITE: 'GrantWrite',
  WRITE_ACP: 'GrantWriteACP',
} as const

/** Runs a query and writes its results, or what kept it from having any, with a list of them. */
async function run(ctx: Context, job: SelectJob): Promise<void> {
  const { blobs } = ctx.stores
  const key = `${job.path}results/${randomUUID()}`
  try {
    await write(ctx, job, `${job.path}job.txt`, [job.description])
    const answer = await selectFrom(blobs, job.source, job.request, new Meter(), ctx.clock.now())
    await write(ctx, job, key, answer)
    await write(ctx, job, `${job.path}result_manifest.txt`, [`${key}\n`])
    await write(ctx, job, `${job.path}error_manifest.txt`, [])
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const errors = `${job.path}errors/${randomUUID()}`
    await write(ctx, job, errors, [JSON.stringify({ Code: error.code, Message: error.message })])
    await write(ctx, job, `${job.path}result_manifest.txt`, [])
    await write(ctx, job, `${job.path}error_manifest.txt`, [`${errors}\n`])
  } finally {
    blobs.release(job.source.chunks)
  }
}

async function write(ctx: Context, { target, properties }: SelectJob, key: string, text: AsyncIterable<string> | string[]): Promise<void> {
  await storeObject(ctx, target, key, properties, Readable.from(pieces(text)))
}

async function* pieces(text: AsyncIterable<string> | string[]): AsyncGenerator<Buffer> {
  for await (const piece of text) if (piece !== '') yield Buffer.from(piece)
}
