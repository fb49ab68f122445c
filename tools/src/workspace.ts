import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Manifest } from '@ministack/gateway'

/** A source file of the workspace. */
export interface SourceFile {
  /** Relative to the workspace's root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** A plugin's folder in the workspace. */
export interface PluginFolder {
  readonly id: string
  /** Absolute. */
  readonly folder: string
  readonly manifest: Manifest
  readonly packageJson: PackageJson
}

/** The parts of a package.json that the tools look at. */
export interface PackageJson {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** This repository, as the checks and generators see it. */
export class Workspace {
  readonly root: string
  #plugins: readonly PluginFolder[] | undefined
  #sources: readonly SourceFile[] | undefined

  constructor(root: string) {
    this.root = root
  }

  /** The folders under plugins/ that have a manifest, by name. */
  get plugins(): readonly PluginFolder[] {
    this.#plugins ??= readdirSync(join(this.root, 'plugins'))
      .filter(id => existsSync(join(this.root, 'plugins', id, 'manifest.json')))
      .sort()
      .map(id => {
        const folder = join(this.root, 'plugins', id)
        return {
          id,
          folder,
          manifest: readJson<Manifest>(join(folder, 'manifest.json')),
          packageJson: readJson<PackageJson>(join(folder, 'package.json')),
        }
      })
    return this.#plugins
  }

  /** Every TypeScript file in the packages' src/ and test/ folders. */
  get sources(): readonly SourceFile[] {
    if (!this.#sources) {
      const packages = ['gateway', ...this.plugins.map(plugin => `plugins/${plugin.id}`), 'ministack', 'tools', 'test-e2e']
      const folders = packages.flatMap(name => [join(this.root, name, 'src'), join(this.root, name, 'test')])
      this.#sources = folders
        .flatMap(filesIn)
        .filter(isSource)
        .map(path => ({ path: this.path(path), text: readFileSync(path, 'utf8') }))
    }
    return this.#sources
  }

  /** A path as the tools print it: relative to the root, with forward slashes. */
  path(absolute: string): string {
    return relative(this.root, absolute).replaceAll('\\', '/')
  }
}

/** Reads a JSON file. @throws Error that names the file, when it isn't JSON */
export function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause })
  }
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

const isSource = (path: string) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('/fixtures/')
