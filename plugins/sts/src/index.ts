import { definePlugin } from '@ministack/gateway'
import { service } from './kit.js'
import { assumeRole } from './operations/assume-role.js'
import { assumeRoleWithSAML } from './operations/assume-role-with-saml.js'
import { assumeRoleWithWebIdentity } from './operations/assume-role-with-web-identity.js'
import { assumeRoot } from './operations/assume-root.js'
import { decodeAuthorizationMessage } from './operations/authorization-message.js'
import { getDelegatedAccessToken } from './operations/delegated-access-token.js'
import { getAccessKeyInfo, getCallerIdentity } from './operations/identity.js'
import { getFederationToken, getSessionToken } from './operations/session-token.js'
import { getWebIdentityToken } from './operations/web-identity-token.js'
import { routes } from './routes.js'
import { forgetExpired } from './sessions.js'
import { createState } from './state.js'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  state: createState,
  services: {
    sts: service({
      AssumeRole: assumeRole,
      AssumeRoleWithSAML: assumeRoleWithSAML,
      AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
      AssumeRoot: assumeRoot,
      DecodeAuthorizationMessage: decodeAuthorizationMessage,
      GetAccessKeyInfo: getAccessKeyInfo,
      GetCallerIdentity: getCallerIdentity,
      GetDelegatedAccessToken: getDelegatedAccessToken,
      GetFederationToken: getFederationToken,
      GetSessionToken: getSessionToken,
      GetWebIdentityToken: getWebIdentityToken,
    }),
  },
  start: forgetExpired,
  routes,
})
