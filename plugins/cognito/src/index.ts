import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    'cognito-idp': forService<typeof import('@aws-sdk/client-cognito-identity-provider')>().service({}),
    'cognito-identity': forService<typeof import('@aws-sdk/client-cognito-identity')>().service({}),
  },
})
