import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Manifest, ServiceManifest } from '@ministack/gateway'
import { Model, type ModelJson } from '@ministack/gateway/protocol'

/** A service of a plugin, as its manifest has it. */
export interface Service extends Pick<ServiceManifest, 'name' | 'sdk' | 'protocols'> {
  model(): Model
}

/** A plugin of this repository, without its code. */
export interface PluginFolder {
  readonly manifest: Manifest
  readonly dir: string
  readonly services: readonly Service[]
}

const PLUGINS = new URL('../../../../plugins/', import.meta.url)

const json = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'))

/** The plugins in this repository. */
export function plugins(): PluginFolder[] {
  return readdirSync(PLUGINS)
    .sort()
    .map(plugin => {
      const dir = new URL(`${plugin}/`, PLUGINS)
      const manifest = json(new URL('manifest.json', dir)) as Manifest
      const services = manifest.services.map(({ name, sdk, model, patch, protocols }) => ({
        name,
        sdk,
        protocols,
        model: () => Model.from(json(new URL(model, dir)) as ModelJson, patch === undefined ? undefined : json(new URL(patch, dir))),
      }))
      return { manifest, dir: fileURLToPath(dir), services }
    })
}
