export { type Clock, FakeClock, SystemClock } from '@ministack/gateway'
export { type ClientConfig, type MiniStack, type MiniStackOptions, startMiniStack } from './embed.js'
export { discoverPlugins, PluginError } from './plugins.js'
export { InProcessHandler, type SdkHandlerOptions, type SdkRequest, type SdkResponse } from './request-handler.js'
