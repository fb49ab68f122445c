import { randomUUID } from 'node:crypto'
import { AwsError } from '@ministack/gateway'
import { requireMayCall } from '../caller.js'
import { validationError } from '../errors.js'
import { operation } from '../kit.js'
import { isGlobalEndpoint } from '../regions.js'
import { sessionTags } from '../session-tags.js'
import { issuerOf, type SigningAlgorithm, signingKey } from '../signing-keys.js'

const DEFAULT_SECONDS = 300
/** AWS doesn't publish its limit; beyond this a token no longer fits the headers that servers take. */
const MAX_PAYLOAD_BYTES = 8 * 1024

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html */
export const getWebIdentityToken = operation('GetWebIdentityToken', async (ctx, input) => {
  if (isGlobalEndpoint(ctx)) throw validationError('GetWebIdentityToken is not supported on the global endpoint')
  const session = requireMayCall(ctx)
  const { tags } = sessionTags(input.Tags, undefined)
  const now = Math.floor(ctx.clock.now() / 1000)
  const expires = now + (input.DurationSeconds ?? DEFAULT_SECONDS)
  if (session && expires * 1000 > session.expiresAt) {
    throw new AwsError(
      'SessionDurationEscalationException',
      'The requested token duration would extend the session beyond its original expiration time.',
    )
  }
  const subject = session?.roleArn ?? ctx.caller.arn
  const principalTags = ctx.caller.tags ?? {}
  const claims = {
    'https://sts.amazonaws.com/': {
      aws_account: ctx.account,
      source_region: ctx.region,
      principal_id: subject,
      ...(session && { original_session_exp: new Date(session.expiresAt).toISOString() }),
      ...(Object.keys(principalTags).length > 0 && { principal_tags: principalTags }),
      ...(Object.keys(tags).length > 0 && { request_tags: tags }),
    },
    iss: issuerOf(ctx),
    sub: subject,
    aud: input.Audience!.length === 1 ? input.Audience![0] : input.Audience!,
    iat: now,
    exp: expires,
    jti: randomUUID(),
  }
  if (Buffer.byteLength(JSON.stringify(claims)) > MAX_PAYLOAD_BYTES) {
    throw new AwsError('JWTPayloadSizeExceededException', 'The requested token payload size exceeds the maximum allowed size.')
  }
  const algorithm = input.SigningAlgorithm as SigningAlgorithm
  const key = await signingKey(ctx, algorithm)
  const { importJWK, SignJWT } = await import('jose')
  const WebIdentityToken = await new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, kid: key.kid, typ: 'JWT' })
    .sign(await importJWK(key.privateJwk, algorithm))
  return { WebIdentityToken, Expiration: new Date(expires * 1000) }
})
