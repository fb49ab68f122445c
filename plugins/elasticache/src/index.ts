import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    elasticache: forService<typeof import('@aws-sdk/client-elasticache')>().service({}),
  },
})
