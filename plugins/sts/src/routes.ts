import type { Unit } from '@ministack/gateway'
import type { FastifyInstance } from 'fastify'
import { ISSUER_PATH, publicKeys } from './signing-keys.js'
import type { StsState } from './state.js'

/** OpenID Connect discovery for the issuer of each account's web identity tokens, so that anybody can verify them. */
export function routes(app: FastifyInstance, unit: Unit<StsState>): void {
  app.get<{ Params: { account: string } }>(`${ISSUER_PATH}/:account(^\\d{12}$)/.well-known/openid-configuration`, request => {
    const issuer = `${request.protocol}://${unit.config.host ?? request.host}${ISSUER_PATH}/${request.params.account}`
    return {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'ES384'],
      claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'https://sts.amazonaws.com/'],
    }
  })
  app.get<{ Params: { account: string } }>(`${ISSUER_PATH}/:account(^\\d{12}$)/.well-known/jwks.json`, request => ({
    keys: publicKeys(unit.state, request.params.account),
  }))
}
