import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    'rds-data': forService<typeof import('@aws-sdk/client-rds-data')>().service({}),
  },
})
