import { definePlugin, forService } from '@ministack/gateway'

export default definePlugin({
  manifest: new URL('../../manifest.json', import.meta.url),
  services: {
    apigatewayv2: forService<typeof import('@aws-sdk/client-apigatewayv2')>().service({}),
    apigatewaymanagementapi: forService<typeof import('@aws-sdk/client-apigatewaymanagementapi')>().service({}),
  },
})
