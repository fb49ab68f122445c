import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    s3files: forService<typeof import('@aws-sdk/client-s3files')>().service({}),
  },
})
