import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    acm: forService<typeof import('@aws-sdk/client-acm')>().service({}),
  },
})
