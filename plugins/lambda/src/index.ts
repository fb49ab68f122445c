import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    lambda: forService<typeof import('@aws-sdk/client-lambda')>().service({}),
  },
})
