import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelJson } from '@ministack/gateway/protocol'
import { Router } from '@ministack/gateway/server'
import { type PluginFolder, readJson, type Workspace } from '../workspace.js'
import { conforms, type Schema } from './json-schema.js'
import type { Problem } from './problem.js'

/**
 * Every manifest has the form that the gateway reads, agrees with its models and its package.json, and claims nothing that another claims.
 *
 * @param findConflicts the gateway's own router over all plugins: throws an error that names what two of them claim
 */
export function manifests(workspace: Workspace, schema: Schema, findConflicts: (plugins: readonly PluginFolder[]) => void): Problem[] {
  const problems = workspace.plugins.flatMap(plugin => {
    const file = `${workspace.path(plugin.folder)}/manifest.json`
    return [...conforms(plugin.manifest, schema), ...disagreements(plugin)].map(message => ({ check: 'manifests', file, message }))
  })
  if (problems.length) return problems
  try {
    findConflicts(workspace.plugins)
    return []
  } catch (error) {
    return [{ check: 'manifests', file: 'plugins', message: (error as Error).message }]
  }
}

/** Arranges the plugins' claims as the gateway does at its start. @throws Error that names what two of them claim */
export function findConflicts(plugins: readonly PluginFolder[]): void {
  const load = () => Promise.reject(new Error('only the manifest is looked at'))
  const registrations = plugins.map(({ manifest, folder }) => ({ manifest, dir: folder, load }))
  new Router({ registrations, config: { host: undefined, account: '', region: '' }, credentials: () => ({ find: () => undefined }) })
}

function disagreements({ id, folder, manifest, packageJson }: PluginFolder): string[] {
  const problems: string[] = []
  if (manifest.id !== id) problems.push(`the id '${manifest.id}' isn't the folder's name`)
  if (packageJson.name !== `@ministack/plugin-${id}`) problems.push(`package.json calls the plugin '${packageJson.name}'`)
  const names = new Set(manifest.services.map(service => service.name))
  for (const { name, to = 'routes', service } of manifest.dataPlanes ?? []) {
    if (to !== 'routes' && !names.has(service ?? '')) problems.push(`data plane '${name}' goes to '${service}', which isn't a service here`)
  }
  for (const { name, sdk, model: file, patch, protocols, shape, match } of manifest.services) {
    if (!packageJson.devDependencies?.[sdk]) problems.push(`${name}: ${sdk} isn't in the devDependencies`)
    if (patch && !existsSync(join(folder, patch))) problems.push(`${name}: there is no ${patch}`)
    if (!existsSync(join(folder, file))) {
      problems.push(`${name}: there is no ${file}`)
      continue
    }
    const { service } = readJson<ModelJson>(join(folder, file))
    if (`@aws-sdk/client-${service.sdk}` !== sdk) problems.push(`${name}: ${file} is the model of ${service.sdk}`)
    if (service.shape !== shape) problems.push(`${name}: the model's shape is '${service.shape}', not '${shape}'`)
    const unknown = protocols.filter(protocol => !service.protocols.includes(protocol))
    if (unknown.length && !patch) problems.push(`${name}: the model doesn't speak ${unknown}`)
    if (service.target && !match.targets?.includes(service.target))
      problems.push(`${name}: the X-Amz-Target prefix '${service.target}' is missing`)
  }
  return problems
}
