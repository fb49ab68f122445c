import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BotocoreData } from './botocore.js'
import { generateModel } from './generate.js'

/**
 * Writes the models of the plugins named, or of all of them; `--notes` lists where the SDK and botocore differ.
 *
 * `tools/plugins.json` says which SDK clients make which plugin; the first client's model is `model.json`, the others' are `model.<client>.json`.
 *
 * @returns the exit code
 */
export async function generateModels(root: string, args: readonly string[]): Promise<number> {
  const wanted = args.filter(arg => !arg.startsWith('-'))
  const verbose = args.includes('--notes')
  const plugins = JSON.parse(readFileSync(join(root, 'tools/plugins.json'), 'utf8')) as Record<string, string[]>
  const unknown = wanted.filter(id => !plugins[id])
  if (unknown.length) throw new Error(`no such plugin in tools/plugins.json: ${unknown.join(', ')}`)
  const botocore = new BotocoreData()
  for (const [id, clients] of Object.entries(plugins)) {
    if (wanted.length && !wanted.includes(id)) continue
    const folder = join(root, 'plugins', id)
    for (const [i, sdk] of clients.entries()) {
      const file = join(folder, modelFile(sdk, i))
      const { text, model, notes } = await generateModel(sdk, `${folder}/`, botocore)
      const isNew = !existsSync(file) || readFileSync(file, 'utf8') !== text
      if (isNew) writeFileSync(file, text)
      const facts = `${Object.keys(model.operations).length} operations, ${Object.keys(model.shapes).length} shapes, ${Math.round(text.length / 1024)} KB`
      console.log(`${isNew ? 'wrote ' : 'same  '} plugins/${id}/${modelFile(sdk, i)}: ${facts}, ${notes.length} differences`)
      if (verbose) for (const note of notes) console.log(`         ${note}`)
    }
  }
  return 0
}

/** The model file of a plugin's n-th client. */
export function modelFile(sdk: string, index: number): string {
  return index === 0 ? 'model.json' : `model.${sdk}.json`
}
