import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    ec2: forService<typeof import('@aws-sdk/client-ec2')>().service({}),
  },
})
