import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isUntouched } from '../models/format.js'
import { type PackageJson, readJson, type SourceFile, type Workspace } from '../workspace.js'
import type { Problem } from './problem.js'

const LONGEST = 500

/** A file of more than 500 lines needs a reason. */
export function fileLength(file: SourceFile): Problem[] {
  const lines = file.text.split('\n').length - 1
  return lines > LONGEST
    ? [{ check: 'file-length', file: file.path, message: `${lines} lines; over ${LONGEST} needs a reason in tools/exceptions.json` }]
    : []
}

/** Generated models are as the generator wrote them; what it can't know belongs into model.patch.json. */
export function generatedModels(workspace: Workspace): Problem[] {
  return workspace.plugins.flatMap(({ folder }) =>
    readdirSync(folder)
      .filter(name => /^model(\.[a-z0-9-]+)?\.json$/.test(name) && !name.includes('patch'))
      .filter(name => !isUntouched(readFileSync(join(folder, name), 'utf8')))
      .map(name => ({
        check: 'generated-models',
        file: `${workspace.path(folder)}/${name}`,
        message: 'edited by hand; put facts into model.patch.json and run `node tools/dev.mjs generate-models`',
      })),
  )
}

/** Every plugin is where the workspace lists its plugins: the `ministack` package, tsconfig.json and tools/plugins.json. */
export function pluginLists(workspace: Workspace): Problem[] {
  const ministack = readJson<PackageJson>(join(workspace.root, 'ministack/package.json'))
  const references = readJson<{ references: { path: string }[] }>(join(workspace.root, 'tsconfig.json')).references.map(({ path }) => path)
  const clients = readJson<Record<string, string[]>>(join(workspace.root, 'tools/plugins.json'))
  return workspace.plugins.flatMap(({ id, folder, packageJson }) => {
    const missing: string[] = []
    if (!ministack.dependencies?.[packageJson.name]) missing.push('ministack/package.json: dependencies')
    if (!references.includes(`plugins/${id}`)) missing.push('tsconfig.json: references')
    if (!clients[id]) missing.push('tools/plugins.json')
    if (!existsSync(join(folder, 'README.md'))) missing.push(`plugins/${id}: README.md`)
    return missing.map(place => ({ check: 'plugin-lists', file: `plugins/${id}`, message: `is missing in ${place}` }))
  })
}
