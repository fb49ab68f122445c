import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    route53: forService<typeof import('@aws-sdk/client-route-53')>().service({}),
  },
})
