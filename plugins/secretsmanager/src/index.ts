import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    secretsmanager: forService<typeof import('@aws-sdk/client-secrets-manager')>().service({}),
  },
})
