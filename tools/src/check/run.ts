import { join } from 'node:path'
import { generatedDocuments } from '../docs/documents.js'
import { readJson, type SourceFile, Workspace } from '../workspace.js'
import { ambientState } from './ambient.js'
import { fileLength, generatedModels, pluginLists } from './files.js'
import { exportStar, gatewayImports, pluginDependencies, pluginImports } from './imports.js'
import type { Schema } from './json-schema.js'
import { findConflicts, manifests } from './manifests.js'
import { type Exception, type Problem, withoutExceptions } from './problem.js'

/** The checks of one source file. */
const fileChecks: readonly ((file: SourceFile) => Problem[])[] = [pluginImports, gatewayImports, ambientState, exportStar, fileLength]

/** The checks of the workspace as a whole. */
const workspaceChecks: readonly ((workspace: Workspace) => Problem[] | Promise<Problem[]>)[] = [
  pluginDependencies,
  generatedModels,
  pluginLists,
  workspace => manifests(workspace, readJson<Schema>(join(workspace.root, 'tools/manifest.schema.json')), findConflicts),
  documents,
]

/** Runs the architecture checks and prints what is wrong. @returns the exit code: 1 when something is */
export async function check(root: string): Promise<number> {
  const workspace = new Workspace(root)
  const problems = workspace.sources.flatMap(file => fileChecks.flatMap(each => each(file)))
  for (const each of workspaceChecks) problems.push(...(await each(workspace)))
  const left = withoutExceptions(problems, readJson<Exception[]>(join(root, 'tools/exceptions.json')))
  for (const { check, file, line, message } of left) console.error(`${file}${line ? `:${line}` : ''}: ${message} (${check})`)
  const counts = `${workspace.sources.length} files, ${workspace.plugins.length} plugins`
  console.log(left.length ? `${counts}: ${left.length} problems` : `${counts}: the architecture holds`)
  return left.length ? 1 : 0
}

/** Every plugin loads, and the READMEs' generated parts are up to date. */
async function documents(workspace: Workspace): Promise<Problem[]> {
  const check = 'documents'
  const { documents, failures } = await generatedDocuments(workspace)
  const stale = documents.filter(({ text, wanted }) => text !== wanted)
  return [
    ...failures.map(message => ({ check, file: 'plugins', message })),
    ...stale.map(({ path }) => ({ check, file: path, message: 'its generated part is out of date; run `node tools/dev.mjs docs`' })),
  ]
}
