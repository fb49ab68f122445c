import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    appconfig: forService<typeof import('@aws-sdk/client-appconfig')>().service({}),
    appconfigdata: forService<typeof import('@aws-sdk/client-appconfigdata')>().service({}),
  },
})
