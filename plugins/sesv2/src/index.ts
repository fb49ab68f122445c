import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    sesv2: forService<typeof import('@aws-sdk/client-sesv2')>().service({}),
  },
})
