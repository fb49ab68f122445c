import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Workspace } from '../workspace.js'
import { coverageOf } from './coverage.js'
import { fillMarkers } from './markers.js'
import { operationTables, servicesTable } from './tables.js'

/** A document with a generated part: its text as it is, and as it should be. */
export interface GeneratedDocument {
  /** Relative to the workspace's root. */
  readonly path: string
  readonly text: string
  readonly wanted: string
}

/**
 * Every document with a generated part: the plugins' READMEs, and the root's.
 *
 * @returns also why plugins couldn't be loaded; then the root's README isn't among the documents
 */
export async function generatedDocuments(workspace: Workspace): Promise<{ documents: GeneratedDocument[]; failures: string[] }> {
  const documents: GeneratedDocument[] = []
  const failures: string[] = []
  const loaded = []
  for (const plugin of workspace.plugins) {
    try {
      const services = await coverageOf(plugin)
      loaded.push({ plugin, services })
      documents.push(document(workspace, `plugins/${plugin.id}/README.md`, 'operations', operationTables(services)))
    } catch (error) {
      failures.push((error as Error).message)
    }
  }
  if (!failures.length) documents.push(document(workspace, 'README.md', 'services', servicesTable(loaded)))
  return { documents, failures }
}

function document(workspace: Workspace, path: string, marker: string, content: string): GeneratedDocument {
  const text = readFileSync(join(workspace.root, path), 'utf8')
  try {
    return { path, text, wanted: fillMarkers(text, marker, content) }
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`)
  }
}

/** Writes the generated parts that are out of date, or with `isCheck` only names them. @returns the exit code */
export async function writeDocuments(root: string, isCheck: boolean): Promise<number> {
  const { documents, failures } = await generatedDocuments(new Workspace(root))
  const stale = documents.filter(({ text, wanted }) => text !== wanted)
  for (const { path, wanted } of stale) {
    if (!isCheck) writeFileSync(join(root, path), wanted)
    console.log(`${isCheck ? 'out of date' : 'wrote'} ${path}`)
  }
  for (const failure of failures) console.error(failure)
  return failures.length || (isCheck && stale.length) ? 1 : 0
}
