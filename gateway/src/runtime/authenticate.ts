import { AwsError } from '../authoring/errors.js'
import type { WireCall } from './api-call.js'
import { arnOf } from './arn.js'
import type { Caller } from './context.js'
import type { AccessKey } from './credentials.js'
import type { ApiRoute } from './exchange.js'
import type { Gateway } from './gateway.js'
import { rootOf } from './request-context.js'
import {
  checkBodyHeader,
  checkPresignedForm,
  checkPresignedTime,
  checkScheme,
  checkSignedHeaders,
  checkSkew,
  MAX_SKEW_MS,
  missingDate,
  signatureMismatch,
} from './s3-refusals.js'
import { checkSignature, parseBasicDate, readSignature, type Signature } from './signature.js'

/**
 * Says who makes a request: the principal of an access key that this MiniStack issued, else the root of the account that the key names (or the
 * default one).
 *
 * A presigned URL is refused after its end. A signature is checked when its secret is known (a presigned URL of an issued key) and on every
 * request with `MINISTACK_VERIFY_SIGNATURES`, where keys that weren't issued here have the secret `MINISTACK_SECRET_ACCESS_KEY`, `test` by default.
 * @throws AwsError as AWS refuses credentials, dates and signatures.
 */
export function callerOf(gateway: Gateway, route: ApiRoute, wire: WireCall): Caller {
  const { accessKeyId } = route
  if (isS3(route)) {
    checkScheme(wire.headers)
    // Only a query can hold the parameters of a presigned URL.
    if (wire.rawQuery !== '') checkPresignedForm(wire.query, wire.headers)
  }
  if (!accessKeyId) return anonymous(route)
  const key = gateway.credentials.find(accessKeyId)
  if (key?.sessionToken !== undefined) checkToken(gateway, route, wire, key)
  const verify = gateway.config.verifySignatures
  const presigned = wire.headers.authorization === undefined
  if (presigned || verify) {
    const signature = readSignature(wire.exchange)
    if (signature) checkRequest(gateway, route, wire, signature, key)
    else if (verify && isS3(route)) throw missingDate()
    else if (verify)
      throw refuse(route, 'IncompleteSignature', 'Authorization header requires Credential, SignedHeaders, Signature and a date.')
  }
  return key?.caller ?? rootOf(route.account, route.region, accessKeyId)
}

function anonymous(route: ApiRoute): Caller {
  return { account: route.account, arn: arnOf('iam', '', route.account, 'anonymous'), userId: 'anonymous', type: 'anonymous' }
}

function checkToken(gateway: Gateway, route: ApiRoute, wire: WireCall, key: AccessKey): void {
  const sent = wire.headers['x-amz-security-token'] ?? wire.query.get('X-Amz-Security-Token') ?? undefined
  if (sent !== key.sessionToken) throw refuse(route, 'InvalidClientTokenId', 'The security token included in the request is invalid.')
  if (key.expiresAt! <= gateway.clock.now()) throw refuse(route, 'ExpiredToken', 'The security token included in the request is expired')
}

function checkRequest(gateway: Gateway, route: ApiRoute, wire: WireCall, signature: Signature, key: AccessKey | undefined): void {
  const now = gateway.clock.now()
  const s3 = isS3(route)
  // Other services have presigned requests too, and say of an old one what S3 says.
  if (signature.expiresAt !== undefined) checkPresignedTime(signature, now)
  const verify = gateway.config.verifySignatures
  if (!key && !verify) return
  if (s3) {
    if (!signature.presigned) {
      checkBodyHeader(signature, wire.exchange.headers)
      checkSkew(signature, wire.headers, now)
    }
    checkSignedHeaders(signature, wire.exchange.headers)
  } else if (!signature.presigned && signature.version === 4 && Math.abs(now - (parseBasicDate(signature.date) ?? now)) > MAX_SKEW_MS) {
    throw refuse(route, 'RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.')
  }
  const secret = key?.secretAccessKey ?? gateway.config.env.MINISTACK_SECRET_ACCESS_KEY ?? 'test'
  const { method, rawQuery, path } = wire.exchange
  // Version 2 signs Amazon's headers as headers, wherever they stand in the end.
  const { headers } = signature.version === 2 ? wire : wire.exchange
  const check = checkSignature({ method, path, rawQuery, headers, body: wire.body }, signature, secret, wire.path)
  if (check.matches) return
  if (s3) throw signatureMismatch(signature, check)
  throw refuse(
    route,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  )
}

function isS3(route: ApiRoute): boolean {
  return route.service.name === 's3'
}

type Refusal = 'InvalidClientTokenId' | 'ExpiredToken' | 'IncompleteSignature' | 'RequestTimeTooSkewed' | 'SignatureDoesNotMatch'

/** The same refusal has other names on JSON services and on S3. */
const JSON_NAMES: Partial<Record<Refusal, string>> = {
  InvalidClientTokenId: 'UnrecognizedClientException',
  ExpiredToken: 'ExpiredTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
  RequestTimeTooSkewed: 'InvalidSignatureException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
}

function refuse(route: ApiRoute, code: Refusal, message: string): AwsError {
  const [first] = route.service.protocols
  if (isS3(route)) {
    if (code === 'ExpiredToken') return new AwsError(code, 'The provided token has expired.', { status: 400 })
    if (code === 'InvalidClientTokenId')
      return new AwsError('InvalidToken', 'The provided token is malformed or otherwise invalid.', { status: 400 })
    return new AwsError(code, message, { status: 403 })
  }
  if (first === 'awsQuery' || first === 'ec2Query' || first === 'restXml') return new AwsError(code, message, { status: 403 })
  return new AwsError(JSON_NAMES[code] ?? code, message, { status: first === 'restJson1' ? 403 : 400 })
}
