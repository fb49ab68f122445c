import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    transfer: forService<typeof import('@aws-sdk/client-transfer')>().service({}),
  },
})
