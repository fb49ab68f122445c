import type { StorageClass } from '@aws-sdk/client-s3'
import { type AclInput, aclFromHeaders, checkAclAllowed, objectOwner } from './acl.js'
import { refusePublicAcl } from './acl-documents.js'
import { type EncryptionInput, encryptionFor } from './encryption.js'
import { s3Error } from './errors.js'
import type { Context } from './kit.js'
import { parseMetadata } from './metadata.js'
import { type LockInput, lockFor } from './object-lock.js'
import { parseTagHeader } from './tags.js'
import type { Bucket, ObjectEncryption, ObjectProperties, SystemHeaders } from './types.js'

/** What PutObject, CopyObject and CreateMultipartUpload take of an object beside its bytes. */
export interface PropertiesInput extends AclInput, EncryptionInput, LockInput {
  readonly Key?: string | undefined
  readonly CacheControl?: string | undefined
  readonly ContentDisposition?: string | undefined
  readonly ContentEncoding?: string | undefined
  readonly ContentLanguage?: string | undefined
  readonly ContentType?: string | undefined
  readonly Expires?: Date | string | undefined
  readonly WebsiteRedirectLocation?: string | undefined
  readonly Metadata?: Record<string, string> | undefined
  readonly StorageClass?: string | undefined
  readonly Tagging?: string | undefined
}

const STORAGE_CLASSES: ReadonlySet<string> = new Set<StorageClass>([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
])

/**
 * The properties of a new object; a promise only where a KMS key is looked up.
 *
 * @throws InvalidStorageClass, MetadataTooLarge, InvalidTag, InvalidArgument and the other errors of the parts.
 */
export function propertiesOf(ctx: Context, bucket: Readonly<Bucket>, input: PropertiesInput): ObjectProperties | Promise<ObjectProperties> {
  checkAclAllowed(input, bucket)
  const owner = objectOwner(input, bucket, ctx.caller.account)
  const acl = aclFromHeaders(input, owner, bucket.account)
  refusePublicAcl(ctx, bucket, acl, input.Key)
  const encryption = encryptionFor(ctx, bucket, input)
  const headers = systemHeaders(input)
  const metadata = parseMetadata(input.Metadata)
  const storageClass = storageClassOf(input.StorageClass)
  const tags = parseTagHeader(input.Tagging)
  const { retention, legalHold } = lockFor(ctx, bucket, input)
  const properties = (encryption: ObjectEncryption) => ({
    headers,
    metadata,
    storageClass,
    tags,
    retention,
    legalHold,
    acl,
    owner,
    encryption,
  })
  return encryption instanceof Promise ? encryption.then(properties) : properties(encryption)
}

/** The headers that are given back as they come; `binary/octet-stream` for an object without a type. */
export function systemHeaders(input: PropertiesInput): SystemHeaders {
  const { WebsiteRedirectLocation: redirect } = input
  if (redirect !== undefined && !/^(https?:\/\/|\/)/.test(redirect)) throw s3Error('InvalidRedirectLocation')
  return {
    CacheControl: input.CacheControl,
    ContentDisposition: input.ContentDisposition,
    ContentEncoding: storedEncoding(input.ContentEncoding),
    ContentLanguage: input.ContentLanguage,
    ContentType: input.ContentType || 'binary/octet-stream',
    Expires: expiresText(input.Expires),
    WebsiteRedirectLocation: redirect,
  }
}

/** `Expires` as a header has it: the text that came over the wire, or an SDK's date. */
export function expiresText(given: Date | string | undefined): string | undefined {
  return given instanceof Date ? given.toUTCString() : given
}

/** @throws InvalidStorageClass */
export function storageClassOf(given: string | undefined): StorageClass {
  if (given === undefined) return 'STANDARD'
  if (!STORAGE_CLASSES.has(given)) throw s3Error('InvalidStorageClass', { fields: { StorageClassRequested: given } })
  return given as StorageClass
}

/** `aws-chunked` is how the body travelled, not what the object is. */
function storedEncoding(given: string | undefined): string | undefined {
  if (!given?.includes('aws-chunked')) return given
  const rest = given.split(',').filter(coding => coding.trim() !== 'aws-chunked')
  return rest.length > 0 ? rest.map(coding => coding.trim()).join(',') : undefined
}
