import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    ecs: forService<typeof import('@aws-sdk/client-ecs')>().service({}),
  },
})
