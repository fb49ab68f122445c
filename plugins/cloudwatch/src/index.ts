import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    cloudwatch: forService<typeof import('@aws-sdk/client-cloudwatch')>().service({}),
  },
})
