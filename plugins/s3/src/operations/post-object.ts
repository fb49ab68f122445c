import { finished, Readable, Transform, type TransformCallback } from 'node:stream'
import type { ObjectCannedACL, ObjectLockMode, ServerSideEncryption, StorageClass } from '@aws-sdk/client-s3'
import { CHECKSUM_ALGORITHMS, parseXml } from '@ministack/gateway/protocol'
import type { ChecksumMembers } from '../checksums.js'
import { invalidArgument, malformedXml, s3Error } from '../errors.js'
import type { Context } from '../kit.js'
import { locationOf } from '../locations.js'
import { type PostForm, readPostForm, unheard } from '../post-form.js'
import { checkPostPolicy, type PostPolicy, parsePostPolicy } from '../post-policy.js'
import { signerOf } from '../post-signature.js'
import { putObject } from './put-object.js'

/** A browser's upload by form. No SDK has it, so the model's patch does. */
export interface PostObjectInput {
  readonly Bucket: string
  readonly ContentType?: string
  readonly Body?: Readable | Uint8Array
}

/**
 * `POST /bucket` with `multipart/form-data`: an upload from a web page, as far as the policy in it allows.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 *
 * @throws what PutObject throws, and AccessDenied, InvalidPolicyDocument, SignatureDoesNotMatch, EntityTooSmall, EntityTooLarge by the policy.
 */
export async function postObject(ctx: Context, input: PostObjectInput) {
  const { Body: body = new Uint8Array(0) } = input
  const form = await readPostForm(input.ContentType, body instanceof Readable ? body : Readable.from([body]))
  try {
    return await put(ctx, input.Bucket, form)
  } finally {
    form.file.resume()
  }
}

async function put(ctx: Context, bucket: string, form: PostForm) {
  const { file } = form
  const fields = expanded(form)
  const key = fields.get('key')
  if (!key) {
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      'key',
      '',
    )
  }
  const caller = signerOf(ctx, fields)
  const policyText = fields.get('policy')
  const policy = policyText === undefined ? undefined : parsePostPolicy(policyText)
  if (policy) checkPostPolicy(policy, fields, bucket, ctx.clock.now())
  const writer = ctx.as({ account: caller.account, caller })
  const Body = policy ? limited(file, policy) : file
  const output = await putObject(writer, { ...inputOf(fields), Bucket: bucket, Key: key, Body })
  const answer = { ...output, Location: locationOf(ctx.http, bucket, key) }
  const redirect = redirectOf(fields.get('success_action_redirect') ?? fields.get('redirect'), bucket, key, output.ETag)
  if (redirect) return { ...answer, Location: redirect, $metadata: { httpStatusCode: 303 } }
  const status = fields.get('success_action_status')
  if (status === '201') {
    const PostResponse = { Location: answer.Location, Bucket: bucket, Key: key, ETag: output.ETag }
    return { ...answer, PostResponse, $metadata: { httpStatusCode: 201 } }
  }
  return { ...answer, $metadata: { httpStatusCode: status === '200' ? 200 : 204 } }
}

/** Fields that are taken as they come. */
const LITERAL_FIELDS = new Set(['policy', 'signature', 'x-amz-signature'])

/** The fields with the file's name in the place of `${filename}`, which any field may have; a policy is checked against these. */
function expanded({ fields, fileName }: PostForm): ReadonlyMap<string, string> {
  const bare = fileName.split(/[\\/]/).at(-1) ?? ''
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is S3's own.
  const expand = (value: string) => value.replaceAll('${filename}', () => bare)
  return new Map([...fields].map(([name, value]) => [name, LITERAL_FIELDS.has(name) ? value : expand(value)]))
}

/** The fields of a form as PutObject's input. */
function inputOf(fields: ReadonlyMap<string, string>) {
  const Metadata: Record<string, string> = {}
  for (const [name, value] of fields) if (name.startsWith('x-amz-meta-')) Metadata[name.slice('x-amz-meta-'.length)] = value
  const checksums: ChecksumMembers = {}
  for (const name of CHECKSUM_ALGORITHMS) checksums[`Checksum${name}`] = fields.get(`x-amz-checksum-${name.toLowerCase()}`)
  const tagging = fields.get('tagging')
  return {
    ACL: (fields.get('acl') ?? fields.get('x-amz-acl')) as ObjectCannedACL | undefined,
    CacheControl: fields.get('cache-control'),
    ContentDisposition: fields.get('content-disposition'),
    ContentEncoding: fields.get('content-encoding'),
    ContentLanguage: fields.get('content-language'),
    ContentType: fields.get('content-type'),
    ContentMD5: fields.get('content-md5'),
    // Text over the wire, as the model's patch has it; the SDK's type knows dates alone.
    Expires: fields.get('expires') as unknown as Date | undefined,
    Metadata,
    StorageClass: fields.get('x-amz-storage-class') as StorageClass | undefined,
    ServerSideEncryption: fields.get('x-amz-server-side-encryption') as ServerSideEncryption | undefined,
    SSEKMSKeyId: fields.get('x-amz-server-side-encryption-aws-kms-key-id'),
    SSEKMSEncryptionContext: fields.get('x-amz-server-side-encryption-context'),
    BucketKeyEnabled: fields.has('x-amz-server-side-encryption-bucket-key-enabled')
      ? fields.get('x-amz-server-side-encryption-bucket-key-enabled') === 'true'
      : undefined,
    SSECustomerAlgorithm: fields.get('x-amz-server-side-encryption-customer-algorithm'),
    SSECustomerKey: fields.get('x-amz-server-side-encryption-customer-key'),
    SSECustomerKeyMD5: fields.get('x-amz-server-side-encryption-customer-key-md5'),
    ObjectLockMode: fields.get('x-amz-object-lock-mode') as ObjectLockMode | undefined,
    ObjectLockRetainUntilDate: dateOf(fields.get('x-amz-object-lock-retain-until-date')),
    ObjectLockLegalHoldStatus: fields.get('x-amz-object-lock-legal-hold') as 'ON' | 'OFF' | undefined,
    GrantFullControl: fields.get('x-amz-grant-full-control'),
    GrantRead: fields.get('x-amz-grant-read'),
    GrantReadACP: fields.get('x-amz-grant-read-acp'),
    GrantWriteACP: fields.get('x-amz-grant-write-acp'),
    WebsiteRedirectLocation: fields.get('x-amz-website-redirect-location'),
    Tagging: tagging === undefined ? fields.get('x-amz-tagging') : tagHeader(tagging),
    ...checksums,
  }
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text)
}

/** The tags of a form are an XML document; PutObject takes them as a query. */
function tagHeader(document: string): string {
  try {
    const tagSet = parseXml(document).children?.find(({ name }) => name === 'TagSet')
    const tags = (tagSet?.children ?? []).map(({ children = [] }) => {
      const text = (wanted: string) => children.find(({ name }) => name === wanted)?.text ?? ''
      return [text('Key'), text('Value')] as [string, string]
    })
    return new URLSearchParams(tags).toString()
  } catch {
    throw malformedXml()
  }
}

/** Where the browser goes next; an address that can't be read is passed over, as S3 does. */
function redirectOf(address: string | undefined, bucket: string, key: string, etag: string | undefined): string | undefined {
  if (!address || !URL.canParse(address)) return undefined
  const url = new URL(address)
  const query = `bucket=${encodeURIComponent(bucket)}&key=${encodeURIComponent(key)}&etag=${encodeURIComponent(etag ?? '')}`
  url.search = url.search ? `${url.search.slice(1)}&${query}` : query
  return url.href
}

function limited(file: Readable, policy: PostPolicy): Readable {
  const limit = new SizeLimit(policy).on('error', unheard)
  // An error that came before is told as well.
  finished(file, error => error && limit.destroy(error))
  return file.pipe(limit)
}

/** Passes a file on as long as its size is what the policy allows. */
class SizeLimit extends Transform {
  readonly #policy: PostPolicy
  #size = 0

  constructor(policy: PostPolicy) {
    super()
    this.#policy = policy
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#size += bytes.length
    const { maxBytes } = this.#policy
    if (this.#size <= maxBytes) done(null, bytes)
    else done(s3Error('EntityTooLarge', { fields: { ProposedSize: this.#size, MaxSizeAllowed: maxBytes } }))
  }

  override _flush(done: TransformCallback): void {
    const { minBytes } = this.#policy
    if (this.#size >= minBytes) done()
    else done(s3Error('EntityTooSmall', { fields: { ProposedSize: this.#size, MinSizeAllowed: minBytes } }))
  }
}
