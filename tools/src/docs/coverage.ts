import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from '@ministack/gateway'
import type { ModelJson } from '@ministack/gateway/protocol'
import { type PluginFolder, readJson } from '../workspace.js'

/** Which operations of a service have a handler. */
export interface ServiceCoverage {
  readonly name: string
  readonly title: string
  readonly implemented: readonly string[]
  readonly missing: readonly string[]
}

/** What each service of a compiled plugin implements, in the order of its manifest. @throws when the plugin doesn't load */
export async function coverageOf({ id, folder, manifest }: PluginFolder): Promise<ServiceCoverage[]> {
  const { services } = await load(id, folder)
  return manifest.services.map(({ name, title, model }) => {
    const all = Object.keys(readJson<ModelJson>(join(folder, model)).operations).sort()
    const has = (operation: string) => Object.hasOwn(services[name]?.operations ?? {}, operation)
    return { name, title, implemented: all.filter(has), missing: all.filter(operation => !has(operation)) }
  })
}

async function load(id: string, folder: string): Promise<Plugin['definition']> {
  try {
    const module = (await import(pathToFileURL(join(folder, 'dist/src/index.js')).href)) as { default: Plugin }
    return module.default.definition
  } catch (cause) {
    throw new Error(`plugins/${id} doesn't load: ${(cause as Error).message}`, { cause })
  }
}
