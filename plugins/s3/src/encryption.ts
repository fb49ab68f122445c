import { createHash, randomBytes } from 'node:crypto'
import type { ServerSideEncryption, ServerSideEncryptionByDefault } from '@aws-sdk/client-s3'
import { AwsError, type ServiceClient } from '@ministack/gateway'
import { invalidArgument, invalidRequest, s3Error } from './errors.js'
import type { Context } from './kit.js'
import type { Bucket, ObjectEncryption } from './types.js'

declare module '@ministack/gateway' {
  interface Services {
    kms: ServiceClient<typeof import('@aws-sdk/client-kms')>
  }
}

/** The members by which a request brings an SSE-C key. */
export interface CustomerKeyInput {
  readonly SSECustomerAlgorithm?: string | undefined
  readonly SSECustomerKey?: string | undefined
  readonly SSECustomerKeyMD5?: string | undefined
}

/** The members by which a writer chooses an encryption. */
export interface EncryptionInput extends CustomerKeyInput {
  readonly ServerSideEncryption?: ServerSideEncryption | undefined
  readonly SSEKMSKeyId?: string | undefined
  readonly SSEKMSEncryptionContext?: string | undefined
  readonly BucketKeyEnabled?: boolean | undefined
}

const SSE_HEADER = 'x-amz-server-side-encryption'
const SSE_S3: ObjectEncryption = { algorithm: 'AES256' }

/**
 * How a new object is encrypted: as its writer says, else as the bucket says, else SSE-S3.
 *
 * @throws InvalidArgument for headers that contradict each other, KMS.* for a key that can't be used.
 */
export function encryptionFor(
  ctx: Context,
  bucket: Readonly<Bucket>,
  input: EncryptionInput,
): ObjectEncryption | Promise<ObjectEncryption> {
  const customerKeyMD5 = customerKey(input)
  const { ServerSideEncryption: algorithm, SSEKMSKeyId: keyId } = input
  if (customerKeyMD5) {
    if (algorithm)
      throw invalidArgument(
        'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
        SSE_HEADER,
        algorithm,
      )
    if (bucket.config.encryption?.Rules?.[0]?.BlockedEncryptionTypes?.EncryptionType?.includes('SSE-C')) {
      throw s3Error('AccessDenied', {
        message: 'Requests specifying Server Side Encryption with Customer provided keys (SSE-C) are blocked for this bucket.',
      })
    }
    return { algorithm: 'SSE-C', customerKeyMD5 }
  }
  if (!algorithm) {
    if (keyId) throw kmsHeaderMissing()
    return fromDefault(ctx, bucket)
  }
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse') {
    throw invalidArgument('The encryption method specified is not supported', SSE_HEADER, algorithm)
  }
  if (algorithm === 'AES256') {
    if (keyId) throw kmsHeaderMissing()
    return SSE_S3
  }
  checkContext(input.SSEKMSEncryptionContext)
  const bucketKey = input.BucketKeyEnabled ?? bucket.config.encryption?.Rules?.[0]?.BucketKeyEnabled
  return withKmsKey(ctx, bucket, { algorithm, bucketKey, kmsContext: input.SSEKMSEncryptionContext }, keyId)
}

function fromDefault(ctx: Context, bucket: Readonly<Bucket>): ObjectEncryption | Promise<ObjectEncryption> {
  const rule = bucket.config.encryption?.Rules?.[0]
  const choice: ServerSideEncryptionByDefault | undefined = rule?.ApplyServerSideEncryptionByDefault
  if (!choice || choice.SSEAlgorithm === 'AES256' || !choice.SSEAlgorithm) return SSE_S3
  return withKmsKey(ctx, bucket, { algorithm: choice.SSEAlgorithm, bucketKey: rule?.BucketKeyEnabled }, choice.KMSMasterKeyID)
}

/** An encryption with its KMS key looked up: the account's `aws/s3` where none is named. @throws KMS.* for a key that can't be used. */
export async function withKmsKey(
  ctx: Context,
  bucket: Readonly<Bucket>,
  encryption: ObjectEncryption,
  keyId: string | undefined,
): Promise<ObjectEncryption> {
  // Bucket keys are SSE-KMS's alone: DSSE-KMS has none.
  const { bucketKey, ...others } = encryption
  const whole = encryption.algorithm === 'aws:kms' ? { ...others, bucketKey } : others
  return { ...whole, kmsKeyId: await usableKey(ctx.as({ region: bucket.region }), keyId ?? 'alias/aws/s3') }
}

/** The ARN of a KMS key that may be used. @throws KMS.NotFoundException, KMS.DisabledException, KMS.KMSInvalidStateException */
async function usableKey(ctx: Context, keyId: string): Promise<string> {
  const arn = /^arn:[^:]*:kms:([^:]*):(\d*):/.exec(keyId)
  const scope = arn ? { region: arn[1] || ctx.region, account: arn[2] || ctx.account } : {}
  try {
    const { KeyMetadata: key } = await ctx.as(scope).services.kms.describeKey({ KeyId: keyId })
    if (key?.KeyState === 'Disabled') throw s3Error('KMS.DisabledException', { message: `${key.Arn} is disabled.` })
    if (key?.KeyState && key.KeyState !== 'Enabled') {
      throw s3Error('KMS.KMSInvalidStateException', {
        message: `${key.Arn} is ${key.KeyState === 'PendingDeletion' ? 'pending deletion' : 'not usable'}.`,
      })
    }
    return key?.Arn ?? keyId
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    if (error.code === 'NotFoundException') throw s3Error('KMS.NotFoundException', { message: error.message })
    // Where there is no KMS to ask (a server of chosen services), the key is taken at its word.
    if (error.status === 501) return arn ? keyId : ctx.arn(keyId.startsWith('alias/') ? keyId : `key/${keyId}`, 'kms')
    throw error
  }
}

/**
 * Checks that a reader of an object brings the key that its writer brought, and none where there was none.
 *
 * @throws InvalidRequest, AccessDenied for another key.
 */
export function checkCustomerKey(encryption: ObjectEncryption, input: CustomerKeyInput): void {
  const md5 = customerKey(input)
  if (encryption.algorithm === 'SSE-C') {
    if (!md5) {
      throw invalidRequest(
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
      )
    }
    if (md5 !== encryption.customerKeyMD5) throw s3Error('AccessDenied')
  } else if (md5) throw invalidRequest('The encryption parameters are not applicable to this object.')
}

/**
 * Refuses the header that chooses an encryption where nothing is to be encrypted: on a read, and on the parts of an upload that chose already.
 *
 * @throws InvalidArgument
 */
export function checkNoEncryptionHeader(ctx: Context): void {
  const given = ctx.http?.headers[SSE_HEADER]
  if (given === undefined) return
  throw invalidArgument(`${SSE_HEADER} header is not supported for this operation.`, SSE_HEADER, String(given))
}

/** The output members that tell an object's encryption. */
export function encryptionMembers(encryption: ObjectEncryption): {
  ServerSideEncryption?: ServerSideEncryption
  SSEKMSKeyId?: string
  BucketKeyEnabled?: boolean
  SSECustomerAlgorithm?: string
  SSECustomerKeyMD5?: string
} {
  if (encryption.algorithm === 'SSE-C') return { SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5: encryption.customerKeyMD5 }
  if (!encryption.kmsKeyId) return { ServerSideEncryption: encryption.algorithm }
  return {
    ServerSideEncryption: encryption.algorithm,
    SSEKMSKeyId: encryption.kmsKeyId,
    ...(encryption.bucketKey && { BucketKeyEnabled: true }),
  }
}

/** The ETag of bytes with this MD5 (in hexadecimal): the MD5 itself only where they are stored plain or with SSE-S3, else an MD5 of what nobody sees. */
export function etagFor(encryption: ObjectEncryption, md5: string): string {
  return encryption.algorithm === 'AES256' ? md5 : randomBytes(16).toString('hex')
}

/** Checks the three members that bring an SSE-C key; gives the key's MD5, or undefined when there is no key. */
function customerKey({
  SSECustomerAlgorithm: algorithm,
  SSECustomerKey: key,
  SSECustomerKeyMD5: md5,
}: CustomerKeyInput): string | undefined {
  if (algorithm === undefined && key === undefined && md5 === undefined) return undefined
  const refuse = (problem: string, argument: string, value?: string) =>
    invalidArgument(problem, `${SSE_HEADER}-customer-${argument}`, value)
  const must = 'Requests specifying Server Side Encryption with Customer provided keys must provide'
  if (algorithm === undefined) throw refuse(`${must} a valid encryption algorithm.`, 'algorithm')
  if (algorithm !== 'AES256') {
    throw s3Error('InvalidEncryptionAlgorithmError', {
      fields: { ArgumentName: `${SSE_HEADER}-customer-algorithm`, ArgumentValue: algorithm },
    })
  }
  if (key === undefined) throw refuse(`${must} an appropriate secret key.`, 'key')
  if (md5 === undefined) throw refuse(`${must} the client calculated MD5 of the secret key.`, 'key-MD5')
  const bytes = Buffer.from(key, 'base64')
  if (bytes.length !== 32) throw refuse('The secret key was invalid for the specified algorithm.', 'key')
  if (createHash('md5').update(bytes).digest('base64') !== md5) {
    throw refuse('The calculated MD5 hash of the key did not match the hash that was provided.', 'key-MD5', md5)
  }
  return md5
}

/** @throws InvalidArgument for an encryption context that isn't base64 of a JSON object of strings. */
function checkContext(context: string | undefined): void {
  if (context === undefined) return
  try {
    const parsed: unknown = JSON.parse(Buffer.from(context, 'base64').toString())
    if (typeof parsed === 'object' && parsed !== null && Object.values(parsed).every(value => typeof value === 'string')) return
  } catch {
    // Answered below, as everything else that isn't a context.
  }
  throw invalidArgument(
    'The header x-amz-server-side-encryption-context shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map',
    `${SSE_HEADER}-context`,
    context,
  )
}

function kmsHeaderMissing(): AwsError {
  return invalidArgument(
    `Server Side Encryption with AWS KMS managed key requires HTTP header ${SSE_HEADER} : aws:kms`,
    SSE_HEADER,
    undefined,
  )
}
