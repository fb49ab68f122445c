import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from '../authoring/plugin.js'
import type { Registration } from './exchange.js'
import type { Manifest } from './manifest.js'

/** A registration of a plugin whose code is already at hand, as in its own tests. */
export function registrationOf(plugin: Plugin): Registration {
  const url = plugin.definition.manifest
  const manifest = JSON.parse(readFileSync(url, 'utf8')) as Manifest
  return { manifest, dir: fileURLToPath(new URL('.', url)), load: async () => plugin }
}
