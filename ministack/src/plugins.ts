import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Manifest, Plugin } from '@ministack/gateway'
import type { Registration } from '@ministack/gateway/server'

/** A plugin that can't be used; the message names it and says why. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
}

/** The gateway's own folder in the state directory. */
const OWN_UNIT = 'gateway'

/** The part of a package.json that matters here. */
interface PackageJson {
  readonly name?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly ministack?: string
  readonly exports?: unknown
  readonly main?: string
}

/**
 * Finds plugins: the dependencies of the running package whose package.json has `"ministack": "./manifest.json"`, and those that are asked for by
 * name or path. Folders of node_modules are never searched through.
 * @param home the running package's package.json.
 * @param more package names, looked up from `cwd` and then from `home`, or paths of package folders.
 * @throws PluginError for one that isn't there or isn't a plugin.
 */
export function discoverPlugins(home: URL, more: readonly string[] = [], cwd: string = process.cwd()): Registration[] {
  const found = new Map<string, Registration>()
  const homeFile = fileURLToPath(home)
  const { dependencies = {} } = readJson(homeFile) as PackageJson
  for (const name of Object.keys(dependencies)) {
    const dir = packageDir(name, homeFile)
    if (!dir) throw new PluginError(`the dependency '${name}' of ${homeFile} isn't installed`)
    const registration = registrationAt(dir)
    if (registration) found.set(dir, registration)
  }
  for (const wanted of more) {
    const dir = isPath(wanted) ? resolve(cwd, wanted) : (packageDir(wanted, join(cwd, 'package.json')) ?? packageDir(wanted, homeFile))
    if (!dir || !existsSync(join(dir, 'package.json')))
      throw new PluginError(`there is no plugin '${wanted}'${dir ? `: ${dir} holds no package.json` : ''}`)
    const registration = registrationAt(dir)
    if (!registration) throw new PluginError(`'${wanted}' is no plugin: its package.json has no "ministack" that names a manifest`)
    found.set(dir, registration)
  }
  return [...found.values()]
}

function isPath(plugin: string): boolean {
  return plugin.startsWith('.') || isAbsolute(plugin)
}

/** A package's folder, found as Node does it but whatever its `exports` hide. */
function packageDir(name: string, from: string): string | undefined {
  const places = createRequire(from).resolve.paths(name) ?? []
  return places.map(place => join(place, name)).find(dir => statSync(join(dir, 'package.json'), { throwIfNoEntry: false }))
}

/** Undefined for a package that isn't a plugin. */
function registrationAt(dir: string): Registration | undefined {
  const pkg = readJson(join(dir, 'package.json')) as PackageJson
  if (pkg.ministack === undefined) return undefined
  const name = pkg.name ?? dir
  if (typeof pkg.ministack !== 'string')
    throw new PluginError(`plugin '${name}': "ministack" in its package.json must be the manifest's path`)
  const file = join(dir, pkg.ministack)
  if (!existsSync(file)) throw new PluginError(`plugin '${name}': its manifest ${file} isn't there`)
  const manifest = checkManifest(readJson(file), name)
  return { manifest, dir: dirname(file), load: () => importPlugin(dir, pkg, name) }
}

/** Checks what everything else relies on. */
function checkManifest(json: unknown, name: string): Manifest {
  const manifest = json as Partial<Manifest> | null
  const wrong = (what: string) => new PluginError(`plugin '${name}': ${what} in its manifest`)
  if (typeof manifest?.id !== 'string' || !/^[a-z][a-z0-9-]*$/.test(manifest.id))
    throw wrong('"id" must be a name of lower-case letters, digits and dashes')
  if (manifest.id === OWN_UNIT) throw wrong(`"id" must not be '${OWN_UNIT}', under which MiniStack keeps its own state,`)
  if (!Number.isInteger(manifest.stateVersion)) throw wrong('"stateVersion" must be a whole number')
  if (!Array.isArray(manifest.services)) throw wrong('"services" must be a list')
  for (const service of manifest.services) {
    for (const member of ['name', 'model', 'shape'] as const) {
      if (typeof service?.[member] !== 'string') throw wrong(`every service needs a "${member}"`)
    }
    if (!Array.isArray(service.protocols)) throw wrong(`the service '${service.name}' needs "protocols"`)
    if (typeof service.match !== 'object' || service.match === null) throw wrong(`the service '${service.name}' needs "match"`)
  }
  return manifest as Manifest
}

async function importPlugin(dir: string, pkg: PackageJson, name: string): Promise<Plugin> {
  const entry = entryOf(pkg.exports) ?? pkg.main ?? 'index.js'
  let module: { default?: Partial<Plugin> }
  try {
    module = await import(pathToFileURL(join(dir, entry)).href)
  } catch (cause) {
    throw new PluginError(`plugin '${name}' can't be loaded: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
  if (!module.default?.definition) throw new PluginError(`plugin '${name}': its default export isn't what definePlugin makes`)
  return module.default as Plugin
}

/** What `import` of the package's own name would take, of an `exports` field. */
function entryOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (Array.isArray(exports)) return exports.map(entryOf).find(entry => entry !== undefined)
  if (typeof exports !== 'object' || exports === null) return undefined
  for (const [condition, target] of Object.entries(exports)) {
    if (!['.', 'node', 'import', 'module-sync', 'default'].includes(condition)) continue
    const entry = entryOf(target)
    if (entry !== undefined) return entry
  }
  return undefined
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new PluginError(`${file} can't be read: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}
