export type { Registration } from '../../src/runtime/exchange.js'
export type { DataPlane, Manifest, MatchRules, ServiceManifest } from '../../src/runtime/manifest.js'
