import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    elbv2: forService<typeof import('@aws-sdk/client-elastic-load-balancing-v2')>().service({}),
  },
})
