import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    wafv2: forService<typeof import('@aws-sdk/client-wafv2')>().service({}),
  },
})
