import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Caller } from '@ministack/gateway'
import { invalidArgument, s3Error } from './errors.js'
import type { Context } from './kit.js'

/**
 * Who signed a form: the principal of a key that this MiniStack issued, else the root of the account that the key names. A signature is checked
 * where its secret is known, as that of a presigned URL is. A form without a policy comes from whoever sends it, who is anonymous as a rule.
 *
 * @param fields by their names in lower case.
 * @throws InvalidArgument for a missing field, SignatureDoesNotMatch, InvalidToken, ExpiredToken
 */
export function signerOf(ctx: Context, fields: ReadonlyMap<string, string>): Caller {
  const policy = fields.get('policy')
  if (policy === undefined) {
    if (fields.has('x-amz-signature') || fields.has('signature')) field(fields, 'policy', 'policy')
    return ctx.caller
  }
  const { accessKeyId, signature, computed } = readSignature(fields, policy)
  const key = ctx.credentials.find(accessKeyId)
  if (key?.sessionToken !== undefined) checkToken(ctx, fields.get('x-amz-security-token'), key.sessionToken, key.expiresAt)
  const secret = key?.secretAccessKey ?? (ctx.config.verifySignatures ? (ctx.config.env.MINISTACK_SECRET_ACCESS_KEY ?? 'test') : undefined)
  if (secret !== undefined && !equal(computed(secret), signature)) {
    throw s3Error('SignatureDoesNotMatch', {
      fields: { AWSAccessKeyId: accessKeyId, StringToSign: policy, SignatureProvided: signature, StringToSignBytes: hexBytes(policy) },
    })
  }
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : ctx.config.account
  return key?.caller ?? { account, arn: `arn:${ctx.partition}:iam::${account}:root`, userId: account, type: 'root', accessKeyId }
}

interface FormSignature {
  readonly accessKeyId: string
  readonly signature: string
  readonly computed: (secret: string) => string
}

function readSignature(fields: ReadonlyMap<string, string>, policy: string): FormSignature {
  if (fields.has('awsaccesskeyid')) {
    const signature = field(fields, 'signature', 'signature')
    const computed = (secret: string) => createHmac('sha1', secret).update(policy).digest('base64')
    return { accessKeyId: field(fields, 'awsaccesskeyid', 'AWSAccessKeyId'), signature, computed }
  }
  const algorithm = field(fields, 'x-amz-algorithm', 'X-Amz-Algorithm')
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    throw invalidArgument('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"', 'X-Amz-Algorithm', algorithm)
  }
  const credential = field(fields, 'x-amz-credential', 'X-Amz-Credential')
  field(fields, 'x-amz-date', 'X-Amz-Date')
  const signature = field(fields, 'x-amz-signature', 'X-Amz-Signature')
  const [accessKeyId = '', ...scope] = credential.split('/')
  if (scope.length !== 4) {
    const message =
      'Error parsing the X-Amz-Credential parameter; the Credential is mis-formatted; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
    throw invalidArgument(message, 'X-Amz-Credential', credential)
  }
  const computed = (secret: string) => {
    let key: Buffer = Buffer.from(`AWS4${secret}`)
    for (const part of scope) key = createHmac('sha256', key).update(part).digest()
    return createHmac('sha256', key).update(policy).digest('hex')
  }
  return { accessKeyId, signature, computed }
}

function field(fields: ReadonlyMap<string, string>, name: string, shown: string): string {
  const value = fields.get(name)
  if (value) return value
  throw invalidArgument(
    `Bucket POST must contain a field named '${shown}'.  If it is specified, please check the order of the fields.`,
    shown,
    '',
  )
}

function checkToken(ctx: Context, given: string | undefined, token: string, expiresAt: number | undefined): void {
  if (given !== token) throw s3Error('InvalidToken')
  if (expiresAt !== undefined && expiresAt <= ctx.clock.now()) throw s3Error('ExpiredToken')
}

function hexBytes(text: string): string {
  return [...Buffer.from(text)].map(byte => byte.toString(16).padStart(2, '0')).join(' ')
}

function equal(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}
